"""The cards of the five questions: marked while more of a project is being read."""

from __future__ import annotations

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


def test_a_large_project_shows_answers_so_far_before_its_report(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    code = "from sklearn.svm import SVC\nif __name__ == '__main__':\n    SVC().fit([[1]], [1])\n"
    (root / "train.py").write_text(code)
    (root / "other.py").write_text("# padding\n" * 120_000)
    window = windows.open_window(str(root))
    session = window.session
    assert session is not None
    seen: list[tuple[bool, bool]] = []
    session.changed.connect(lambda: seen.append((session.is_so_far, session.report is not None)))
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    assert (True, False) in seen
    assert not session.is_so_far
    assert (True, True) not in seen
