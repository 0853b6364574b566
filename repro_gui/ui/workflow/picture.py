"""Where everything stands in the workflow picture and what it says, as plain values; no Qt.

Code ───────╮
Data ───────┤
Environment ┼──▶ Run ──▶ Reproducible artifact
Randomness ─╯     ▲
Tracking
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.audit.report import Answer, AnsweredQuestion, CheckResult, Outcome, Pillar, Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WIDTH, HEIGHT = 920.0, 408.0
_NODE_WIDTH, _NODE_HEIGHT, _GAP = 232.0, 84.0, 24.0
SOURCES = (Question.CODE, Question.DATA, Question.ENVIRONMENT, Question.SEEDS)


class NodePlace(msgspec.Struct, frozen=True):
    """A node: which, and its rectangle in the picture's own units."""

    name: str
    left: float
    top: float
    width: float
    height: float


class NodeState(msgspec.Struct, frozen=True):
    """What a node says: the answer (None: not known yet) and how many checks of its pillar are open."""

    answer: Answer | None = None
    open_count: int = 0
    check_count: int = 0


class Edge(msgspec.Struct, frozen=True):
    """An arrow between two nodes, in the colour of the answer it carries."""

    start: str
    end: str


def node_places() -> tuple[NodePlace, ...]:
    """The six nodes."""
    rows = [
        NodePlace(question.value, 0.0, row * (_NODE_HEIGHT + _GAP), _NODE_WIDTH, _NODE_HEIGHT)
        for row, question in enumerate(SOURCES)
    ]
    middle = (HEIGHT - _NODE_HEIGHT) / 2 - 24
    return (
        *rows,
        NodePlace(Question.TRACKING.value, 344.0, HEIGHT - _NODE_HEIGHT, _NODE_WIDTH, _NODE_HEIGHT),
        NodePlace("artifact", 672.0, middle - 14, 248.0, 132.0),
    )


EDGES = tuple(Edge(question.value, "artifact") for question in (*SOURCES, Question.TRACKING))


def node_states(answers: Mapping[str, AnsweredQuestion], results: Iterable[CheckResult]) -> dict[str, NodeState]:
    """The state of each question's node and of the artifact."""
    by_pillar: dict[Pillar, list[CheckResult]] = {pillar: [] for pillar in Pillar}
    for result in results:
        by_pillar[result.pillar].append(result)
    states = {}
    for question in Question:
        answered = answers.get(question)
        behind = by_pillar[question.pillar]
        states[question.value] = NodeState(
            answered.answer if answered is not None else None,
            sum(result.is_open for result in behind),
            sum(result.outcome is not Outcome.NOT_APPLICABLE for result in behind),
        )
    known = [states[question.value].answer for question in Question]
    states["artifact"] = NodeState(artifact_answer(known))
    return states


def artifact_answer(answers: Iterable[Answer | None]) -> Answer | None:
    """The weakest of the answers: the artifact can be had again only when every part can."""
    known = list(answers)
    if any(answer is None for answer in known):
        return None
    for weakest in (Answer.NO, Answer.CANNOT_TELL, Answer.PARTLY):
        if weakest in known:
            return weakest
    return Answer.YES
