"""What the window is for, from the first drop to the report, as one walk with a real worker on a real project."""

from __future__ import annotations

from pathlib import Path

from pypdf import PdfReader
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import Outcome, Question
from repro_gui.ui.application import Windows
from repro_gui.ui.export_report.export_dialog import ExportDialog
from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog
from repro_gui.ui.history.history_dialog import HistoryDialog
from repro_gui.ui.main_window import MainWindow
from tests.ui.conftest import WAIT, git, is_audited, opened

FIXED = ("unpinned-split", "no-container", "unseeded-library")


def drop(window: MainWindow, folder: Path) -> None:
    """As a file manager does it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def outcome(window: MainWindow, check: str) -> Outcome | None:
    result = window.session.results.get(check) if window.session is not None else None
    return result.outcome if result is not None else None


def fix(window: MainWindow, qtbot: QtBot, check: str) -> None:
    """Choose the check in the list, press *Fix…*, look at the preview, apply."""
    window.page.panel.choose_check(check)
    assert window.page.check.fix.isVisible(), check
    window.page.check.fix.click()
    (dialog,) = [one for one in window.findChildren(FixPreviewDialog) if one.isVisible()]
    qtbot.waitUntil(lambda: dialog.preview is not None or bool(dialog.bar.notices), timeout=WAIT)
    assert dialog.preview is not None, dialog.bar.notices
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: outcome(window, check) is Outcome.PASSED and is_audited(window), timeout=WAIT)
    assert not dialog.isVisible()


def test_from_the_drop_to_the_report_and_back(windows: Windows, qtbot: QtBot, project: Path, tmp_path: Path) -> None:
    (project / ".python-version").write_text("3.11.7\n")
    (project / "requirements.txt").write_text("numpy==1.26.4\nscikit-learn==1.5.0\n")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "Pin")
    before = {path.name: path.read_bytes() for path in project.iterdir() if path.is_file()}
    window = windows.open_window()
    drop(window, project)
    window.actions_of.wizard.trigger()
    wizard = window.wizard
    assert wizard is not None
    qtbot.waitUntil(lambda: len(window.session.answers) == 5 if window.session else False, timeout=WAIT)
    assert wizard.isVisible()
    cards = window.page.panel.cards.cards
    qtbot.waitUntil(lambda: all(cards[question].answered for question in Question), timeout=WAIT)
    assert all(card.isVisible() for card in cards.values())
    while window.wizard is not None:
        QTest.keyClick(wizard, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)

    for check in FIXED:
        assert outcome(window, check) is Outcome.FAILED
        fix(window, qtbot, check)
    assert (project / "Dockerfile").exists()
    assert "np.random.seed(" in (project / "train.py").read_text()
    assert "random_state" in (project / "train.py").read_text()

    session = window.session
    assert session is not None
    fixed = session
    qtbot.waitUntil(lambda: len(fixed.history) == 3 and window.actions_of.undo.isEnabled(), timeout=WAIT)
    window.actions_of.undo.trigger()
    qtbot.waitUntil(lambda: outcome(window, "unseeded-library") is Outcome.FAILED and is_audited(window), timeout=WAIT)
    assert "np.random.seed(" not in (project / "train.py").read_text()
    assert "random_state" in (project / "train.py").read_text()

    window.actions_of.export.trigger()
    (export,) = window.findChildren(ExportDialog)
    qtbot.waitUntil(lambda: export.document.pageCount() > 0, timeout=WAIT)
    report = tmp_path / "audit.pdf"
    export.save_as(str(report))
    qtbot.waitUntil(lambda: bool(export.bar.notices), timeout=WAIT)
    export.reject()
    pages = PdfReader(str(report)).pages
    words = " ".join(page.extract_text() for page in pages)
    assert "abalone" in words
    for title in ("Pin the split", "Dockerfile"):
        assert title in words, title
    window.close()

    window = opened(windows, qtbot, project)
    again = window.session
    assert again is not None
    session = again
    qtbot.waitUntil(lambda: len(again.history) == 3, timeout=WAIT)
    assert [entry.undone for entry in session.history] == [True, False, False]
    assert outcome(window, "unpinned-split") is Outcome.PASSED
    window.actions_of.history.trigger()
    (history,) = window.findChildren(HistoryDialog)
    assert history.model.rowCount() == 3
    for row in (1, 2):
        history.table.selectRow(row)
        qtbot.waitUntil(history.undo.isEnabled, timeout=WAIT)
        history.undo.click()
        qtbot.waitUntil(lambda row=row: history.model.entries[row].undone, timeout=WAIT)  # type: ignore[misc]
    history.close()
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    assert {path.name: path.read_bytes() for path in project.iterdir() if path.is_file()} == before
