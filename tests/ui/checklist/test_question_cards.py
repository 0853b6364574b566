"""The cards of the five questions: marked while more of a project is being read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from repro_gui.audit.report import Answer, AnsweredQuestion, Question
from repro_gui.text import text
from repro_gui.ui.application import Windows
from repro_gui.ui.checklist.question_cards import QuestionCardsWidget
from tests.ui.conftest import WAIT, is_audited

PARTLY = AnsweredQuestion(Question.SEEDS, "Are all random seeds explicitly set?", Answer.PARTLY, text("Not NumPy."))


def test_an_answer_so_far_is_marked_and_then_replaced(qtbot: QtBot) -> None:
    cards = QuestionCardsWidget()
    qtbot.addWidget(cards)
    card = cards.cards[Question.SEEDS]
    cards.show_answers({Question.SEEDS: PARTLY}, is_so_far=True)
    assert "Partly, so far. Not NumPy." in card.accessibleName()
    cards.show_answers({Question.SEEDS: PARTLY})
    assert "Partly. Not NumPy." in card.accessibleName()
    assert "so far" not in card.accessibleName()


def test_answers_so_far_are_shown_before_the_report_and_replaced_by_it(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path
) -> None:
    window = stand_in_windows("--so-far", "--pause", "0.05").open_window(str(tmp_path))
    session = window.session
    assert session is not None
    seen: list[tuple[bool, bool]] = []
    session.changed.connect(lambda: seen.append((session.is_so_far, session.report is not None)))
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    assert (True, False) in seen
    assert (True, True) not in seen
    assert not session.is_so_far
