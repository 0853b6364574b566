"""Which few changes move an answer; no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.audit.report import Answer, AnsweredQuestion, CheckResult, Effort, Outcome, Question, Weight

if TYPE_CHECKING:
    from collections.abc import Mapping

_EFFORT = {Effort.SECONDS: 1, Effort.MINUTES: 10, Effort.HOURS: 100}
_WITHOUT_FIX = 1_000
_ANSWER_RANK = {Answer.NO: 0, Answer.PARTLY: 1}


class NextStep(msgspec.Struct, frozen=True):
    """The checks that stand between a question's answer and yes, the quickest first; `can_fix` are those with a button."""

    question: Question
    answer: Answer
    checks: tuple[str, ...]
    can_fix: tuple[str, ...]


def next_step(answers: Mapping[str, AnsweredQuestion], results: Mapping[str, CheckResult]) -> NextStep | None:
    """The question that the least work moves; None when no failed check stands behind any answer."""
    steps = []
    for question in Question:
        answered = answers.get(question)
        if answered is None or answered.answer not in _ANSWER_RANK:
            continue
        behind = [results[check] for check in answered.checks if check in results]
        failed = [result for result in behind if result.outcome is Outcome.FAILED]
        musts = [result for result in failed if result.weight is Weight.MUST] or failed
        if not musts:
            continue
        ordered = sorted(musts, key=lambda result: (_cost(result), result.check_id))
        cost = sum(_cost(result) for result in ordered)
        step = NextStep(
            question,
            answered.answer,
            tuple(result.check_id for result in ordered),
            tuple(result.check_id for result in ordered if _cost(result) < _WITHOUT_FIX),
        )
        steps.append((cost, _ANSWER_RANK[answered.answer], list(Question).index(question), step))
    return min(steps, key=lambda item: item[:3])[3] if steps else None


def _cost(result: CheckResult) -> int:
    if result.fix is None or not result.fix.can_plan:
        return _WITHOUT_FIX
    return _EFFORT[result.fix.effort]
