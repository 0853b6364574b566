"""What a person does in the window, with a real worker on real projects."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import Answer, Outcome, Question
from repro_gui.ui.application import Windows
from repro_gui.ui.details.check_dialogs import TickDialog, WaiveDialog
from repro_gui.ui.export_report.export_dialog import ExportDialog
from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog
from repro_gui.ui.history.history_dialog import HistoryDialog
from repro_gui.ui.main_window import MainWindow
from repro_gui.ui.notice import Level
from repro_gui.ui.open_project.flow import Page
from repro_gui.worker.messages import WantedFix
from tests.ui.conftest import WAIT, git, is_audited, opened

SPLIT = "unpinned-split"


def dialog_of(window: MainWindow, kind: type[QDialog]) -> QDialog:
    (found,) = [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]
    return found


def said(window: MainWindow) -> str:
    return " ".join(f"{notice.what} {notice.mend}" for notice in window.bar.notices)


def outcome(window: MainWindow, check_id: str) -> Outcome | None:
    result = window.session.results.get(check_id) if window.session is not None else None
    return result.outcome if result is not None else None


def planned(window: MainWindow, qtbot: QtBot, *checks: str) -> FixPreviewDialog:
    window.fix(tuple(WantedFix(check) for check in checks))
    dialog = dialog_of(window, FixPreviewDialog)
    assert isinstance(dialog, FixPreviewDialog)
    qtbot.waitUntil(lambda: dialog.preview is not None or bool(dialog.bar.notices), timeout=WAIT)
    assert dialog.preview is not None, dialog.bar.notices
    return dialog


def test_five_answers_appear(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = opened(windows, qtbot, project)
    answers = {question: card.answered for question, card in window.page.panel.cards.cards.items()}
    assert all(answers.values())
    code = answers[Question.CODE]
    seeds = answers[Question.SEEDS]
    assert code is not None
    assert code.answer is Answer.PARTLY
    assert seeds is not None
    assert seeds.answer is Answer.NO
    assert outcome(window, SPLIT) is Outcome.FAILED
    assert window.windowTitle() == "abalone – Repro GUI"
    assert said(window).strip() == ""


def test_fix_changes_the_file_and_the_answer_and_undo_brings_both_back(
    windows: Windows, qtbot: QtBot, project: Path
) -> None:
    window = opened(windows, qtbot, project)
    before = (project / "train.py").read_bytes()
    window.page.panel.choose_check(SPLIT)
    window.page.check.fix.click()
    dialog = dialog_of(window, FixPreviewDialog)
    assert isinstance(dialog, FixPreviewDialog)
    qtbot.waitUntil(lambda: dialog.preview is not None, timeout=WAIT)
    assert (project / "train.py").read_bytes() == before
    assert "random_state" in dialog.diff.unified.toPlainText()
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: b"random_state" in (project / "train.py").read_bytes(), timeout=WAIT)
    qtbot.waitUntil(lambda: outcome(window, SPLIT) is Outcome.PASSED, timeout=WAIT)
    assert not dialog.isVisible()
    assert "Applied" in said(window)
    qtbot.waitUntil(window.actions_of.undo.isEnabled, timeout=WAIT)
    assert window.actions_of.undo.text().startswith("Undo: ")
    window.actions_of.undo.trigger()
    qtbot.waitUntil(lambda: (project / "train.py").read_bytes() == before, timeout=WAIT)
    qtbot.waitUntil(lambda: outcome(window, SPLIT) is Outcome.FAILED and is_audited(window), timeout=WAIT)
    qtbot.waitUntil(window.actions_of.redo.isEnabled, timeout=WAIT)
    window.actions_of.redo.trigger()
    qtbot.waitUntil(lambda: outcome(window, SPLIT) is Outcome.PASSED and is_audited(window), timeout=WAIT)


def test_undo_after_a_restart_from_the_history(windows: Windows, qtbot: QtBot, project: Path) -> None:
    before = (project / "train.py").read_bytes()
    window = opened(windows, qtbot, project)
    planned(window, qtbot, SPLIT).apply_button.click()
    qtbot.waitUntil(lambda: outcome(window, SPLIT) is Outcome.PASSED and is_audited(window), timeout=WAIT)
    window.close()
    window = opened(windows, qtbot, project)
    window.actions_of.history.trigger()
    dialog = dialog_of(window, HistoryDialog)
    assert isinstance(dialog, HistoryDialog)
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 1, timeout=WAIT)
    qtbot.waitUntil(dialog.undo.isEnabled, timeout=WAIT)
    dialog.undo.click()
    qtbot.waitUntil(lambda: (project / "train.py").read_bytes() == before, timeout=WAIT)
    qtbot.waitUntil(lambda: dialog.model.entries[0].undone, timeout=WAIT)
    dialog.close()


def test_file_changed_after_the_preview_is_refused_in_the_preview(
    windows: Windows, qtbot: QtBot, project: Path
) -> None:
    window = opened(windows, qtbot, project)
    dialog = planned(window, qtbot, SPLIT)
    (project / "train.py").write_text("print('somebody else was here')\n")
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: bool(dialog.bar.notices), timeout=WAIT)
    assert dialog.isVisible()
    assert dialog.bar.notices[0].mend
    assert (project / "train.py").read_text() == "print('somebody else was here')\n"
    dialog.reject()


def test_edit_in_an_editor_is_noticed_and_choice_stays(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = opened(windows, qtbot, project)
    window.page.panel.choose_check(SPLIT)
    train = project / "train.py"
    train.write_text(train.read_text().replace("test_size=0.25", "test_size=0.25, random_state=7"))
    qtbot.waitUntil(lambda: outcome(window, SPLIT) is Outcome.PASSED, timeout=WAIT)
    assert window.page.panel.current_check() == SPLIT
    assert window.page.check.result is not None
    assert window.page.check.result.outcome is Outcome.PASSED


def test_waiver_is_kept_by_name_and_can_be_taken_back(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = opened(windows, qtbot, project)
    window.page.panel.choose_check(SPLIT)
    window.page.check.waive.click()
    dialog = dialog_of(window, WaiveDialog)
    assert isinstance(dialog, WaiveDialog)
    assert not dialog.go_on.isEnabled()
    dialog.reason.setPlainText("the rows are cut by date elsewhere")
    dialog.name.setText("Ada")
    dialog.go_on.click()
    qtbot.waitUntil(lambda: outcome(window, SPLIT) is Outcome.WAIVED, timeout=WAIT)
    window.close()
    window = opened(windows, qtbot, project)
    assert outcome(window, SPLIT) is Outcome.WAIVED
    window.page.panel.choose_check(SPLIT)
    window.page.check.waive.click()
    qtbot.waitUntil(lambda: outcome(window, SPLIT) is Outcome.FAILED, timeout=WAIT)


def test_export_shows_pages_and_saves_the_same_bytes(
    windows: Windows, qtbot: QtBot, project: Path, tmp_path: Path
) -> None:
    window = opened(windows, qtbot, project)
    window.actions_of.export.trigger()
    dialog = dialog_of(window, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    qtbot.waitUntil(lambda: dialog.document.pageCount() > 0, timeout=WAIT)
    assert dialog.preview.currentWidget() is dialog.pages
    shown = bytes(dialog._bytes.data())
    dialog.save_as(str(tmp_path / "audit.pdf"))
    qtbot.waitUntil(lambda: bool(dialog.bar.notices), timeout=WAIT)
    assert (tmp_path / "audit.pdf").read_bytes() == shown
    dialog.save_as("/proc/nowhere/audit.pdf")
    qtbot.waitUntil(lambda: dialog.bar.notices[0].level is not Level.DONE, timeout=WAIT)
    assert dialog.bar.notices[0].mend
    dialog.reject()


def test_folder_that_is_not_there_is_a_sentence_with_a_way_on(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    root = tmp_path / "later"
    window = windows.open_window(str(root))
    qtbot.waitUntil(lambda: bool(window.bar.notices), timeout=WAIT)
    assert any(action.label == "Try again" for notice in window.bar.notices for action in notice.actions)
    root.mkdir()
    (root / "train.py").write_text("print(1)\n")
    (again,) = [b for b in window.bar.findChildren(QPushButton) if b.text() == "Try again"][:1]
    again.click()
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)


def test_file_instead_of_a_folder(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "file.py"
    file.write_text("print(1)\n")
    window = windows.open_window(str(file))
    qtbot.waitUntil(lambda: bool(window.bar.notices), timeout=WAIT)
    assert window.bar.notices[0].mend


def test_folder_that_vanishes_keeps_what_is_known(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = opened(windows, qtbot, project)
    project.rename(project.with_name("gone"))
    window.actions_of.audit.trigger()
    qtbot.waitUntil(lambda: bool(window.bar.notices), timeout=WAIT)
    assert outcome(window, SPLIT) is Outcome.FAILED
    project.with_name("gone").rename(project)
    window.actions_of.audit.trigger()
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)


def test_killed_worker_is_a_sentence_and_a_restart(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = opened(windows, qtbot, project)
    first = window.client.process_id
    os.kill(first, signal.SIGKILL)
    qtbot.waitUntil(lambda: "worker" in said(window), timeout=WAIT)
    window.actions_of.audit.trigger()
    qtbot.waitUntil(lambda: is_audited(window) and not window.bar.notices, timeout=WAIT)
    assert window.client.process_id not in {0, first}


def test_two_windows_on_one_project_hear_of_each_other(windows: Windows, qtbot: QtBot, project: Path) -> None:
    first = opened(windows, qtbot, project)
    second = opened(windows, qtbot, project)
    assert "another window" in said(second)
    planned(second, qtbot, SPLIT).apply_button.click()
    qtbot.waitUntil(lambda: outcome(second, SPLIT) is Outcome.PASSED, timeout=WAIT)
    qtbot.waitUntil(lambda: outcome(first, SPLIT) is Outcome.PASSED, timeout=WAIT)


def test_closing_during_work_ends_the_worker(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = windows.open_window(str(project))
    qtbot.waitUntil(lambda: window.session is not None and window.session.is_auditing, timeout=WAIT)
    window.close()


def test_dropped_folder_opens_and_a_dropped_file_opens_its_folder(
    windows: Windows, qtbot: QtBot, project: Path
) -> None:
    window = windows.open_window()
    for path in (project, project / "train.py"):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        left = Qt.MouseButton.LeftButton
        window.dropEvent(
            QDropEvent(QPointF(QPoint(5, 5)), Qt.DropAction.CopyAction, data, left, Qt.KeyboardModifier.NoModifier)
        )
        assert window.session is not None
        assert window.session.root == str(project)
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)


def test_wizard_lies_over_the_filling_window_and_its_answers_act(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = windows.open_window()
    window.open_folder(str(project), with_wizard=True)
    wizard = window.wizard
    assert wizard is not None
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    assert wizard.isVisible()
    for page in Page:
        assert wizard.flow.page is page
        if page is Page.TRUST:
            wizard.pages[page].answered.emit({"trusted": True})
        if page is Page.HOW_IT_RUNS:
            wizard.pages[page].answered.emit({"entry_points": ("train.py",)})
        QTest.keyClick(wizard, Qt.Key.Key_Return)
    assert window.wizard is None
    assert window.session is not None
    qtbot.waitUntil(lambda: window.session is not None and window.session.trusted, timeout=WAIT)
    assert window.session.settings.entry_points == ("train.py",)
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    assert window.session.report is not None
    assert [point.chosen_by for point in window.session.report.entry_points] == ["person"]


def test_example_opens(windows: Windows, qtbot: QtBot) -> None:
    window = windows.open_window()
    window.welcome.example.click()
    qtbot.waitUntil(lambda: is_audited(window) or bool(window.bar.notices), timeout=WAIT)
    assert is_audited(window), said(window)


def test_recent_projects_show_their_last_answers(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = opened(windows, qtbot, project)
    window.actions_of.close_project.trigger()
    (recent,) = windows.preferences.recent
    assert recent.root == str(project)
    assert recent.answers[Question.SEEDS.value] is Answer.NO
    item = window.welcome.recent.itemAt(0)
    assert item is not None
    button = item.widget()
    assert isinstance(button, QAbstractButton)
    button.click()
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)


def test_choosing_a_folder_opens_the_wizard(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = windows.open_window()
    QApplication.instance().setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)  # type: ignore[union-attr]
    window.welcome.open.click()
    dialog = dialog_of(window, QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(project))
    dialog.close()
    assert window.wizard is not None
    window.wizard.finish()
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)


def test_everything_has_a_name_for_screen_readers(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = opened(windows, qtbot, project)
    window.show_wizard()
    window.page.panel.choose_check(SPLIT)
    window.show_settings()
    window.show_export()
    window.show_history()
    window.fix((WantedFix(SPLIT),))
    nameless = []
    for top in (window, *window.findChildren(QDialog)):
        for widget in top.findChildren(QWidget):
            if not isinstance(widget, QAbstractButton | QLineEdit | QPlainTextEdit | QComboBox | QAbstractItemView):
                continue
            inner = isinstance(widget.parent(), QComboBox | QLineEdit) or widget.objectName().startswith("qt_")
            inner = inner or type(widget.parent()).__name__ in {"QSpinBox", "QTabBar", "QTableView", "QToolBar"}
            inner = inner or widget.metaObject().className() == "QComboBoxListView"
            words = widget.text() if isinstance(widget, QAbstractButton) else ""
            inner = inner or isinstance(widget, QHeaderView)
            if not inner and not (widget.accessibleName() or words):
                nameless.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert nameless == []
    for dialog in window.findChildren(QDialog):
        dialog.close()


def test_shortcuts_are_unique_and_stand_in_tool_tips(windows: Windows, qtbot: QtBot) -> None:
    window = windows.open_window()
    actions = [action for action in window.actions() if not action.shortcut().isEmpty()]
    keys = [action.shortcut().toString() for action in actions]
    assert len(set(keys)) == len(keys)
    for action in actions:
        assert action.shortcut().toString(action.shortcut().SequenceFormat.NativeText) in action.toolTip()


def test_whole_walk_by_keyboard(windows: Windows, qtbot: QtBot, project: Path) -> None:
    """Open a recent project, choose a check, fix it, undo it, export: no mouse."""
    window = opened(windows, qtbot, project)
    window.actions_of.close_project.trigger()
    window.activateWindow()
    window.welcome.open.setFocus()
    press(window, Qt.Key.Key_Tab)
    press(window, Qt.Key.Key_Tab)
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    trigger(window, window.actions_of.search)
    assert window.focusWidget() is window.page.panel.search
    QTest.keyClicks(window.page.panel.search, "differs from run")
    tab_to(window, window.page.panel.tree)
    for _turn in range(4):
        if window.page.panel.current_check() == SPLIT:
            break
        press(window, Qt.Key.Key_Down)
    assert window.page.panel.current_check() == SPLIT
    trigger(window, window.actions_of.fix)
    dialog = dialog_of(window, FixPreviewDialog)
    assert isinstance(dialog, FixPreviewDialog)
    qtbot.waitUntil(lambda: dialog.preview is not None, timeout=WAIT)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: outcome(window, SPLIT) is Outcome.PASSED and is_audited(window), timeout=WAIT)
    qtbot.waitUntil(window.actions_of.undo.isEnabled, timeout=WAIT)
    trigger(window, window.actions_of.undo)
    qtbot.waitUntil(lambda: outcome(window, SPLIT) is Outcome.FAILED and is_audited(window), timeout=WAIT)
    trigger(window, window.actions_of.explain)
    assert window.focusWidget() is window.page.check.explanation
    trigger(window, window.actions_of.export)
    export = dialog_of(window, ExportDialog)
    QTest.keyClick(export, Qt.Key.Key_Escape)
    assert not export.isVisible()


def test_tab_reaches_every_control_of_the_project(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = opened(windows, qtbot, project)
    window.page.panel.choose_check(SPLIT)
    window.activateWindow()
    window.page.panel.search.setFocus()
    seen: list[QWidget] = []
    for _turn in range(120):
        press(window, Qt.Key.Key_Tab)
        focus = window.focusWidget()
        if focus is None or focus in seen:
            break
        seen.append(focus)
    wanted = {
        *window.page.panel.cards.cards.values(),
        window.page.panel.tree,
        window.page.panel.only_open,
        window.page.home,
        window.page.check.fix,
        window.page.check.waive,
        window.page.check.wrong,
        window.page.check.tabs,
        window.page.check.notes.view,
    }
    missing = [widget.accessibleName() or type(widget).__name__ for widget in wanted - set(seen)]
    assert missing == []


def test_copy_works_in_lists_and_code(windows: Windows, qtbot: QtBot, project: Path) -> None:
    window = opened(windows, qtbot, project)
    window.page.panel.choose_check(SPLIT)
    clipboard = QGuiApplication.clipboard()
    window.page.panel.tree.copy()
    assert "split" in clipboard.text()
    notes = window.page.check.notes
    notes.view.copy()
    assert "train.py:" in clipboard.text()
    notes.copy_place.click()
    assert clipboard.text().startswith("train.py:")
    notes.code.selectAll()
    notes.code.copy()
    assert "train_test_split" in clipboard.text()
    window.page.overview.copy_picture()
    assert not clipboard.image().isNull()


def test_places_of_windows_are_remembered(windows: Windows, qtbot: QtBot) -> None:
    window = windows.open_window()
    window.show()
    window.page.resize(1200, 700)
    window.page.splitter.setSizes([500, 700])
    sizes = window.page.splitter.sizes()
    window.close()
    again = windows.open_window()
    again.page.resize(1200, 700)
    assert abs(again.page.splitter.sizes()[0] - sizes[0]) <= 2
    assert not windows.preferences.place("window").isEmpty()


@pytest.mark.parametrize("name", ["dossier été", "数据 project", "a&b <i>x", "new\nline"])
def test_folders_with_any_name(windows: Windows, qtbot: QtBot, tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    root.mkdir()
    (root / "train.py").write_text("import random\nprint(random.random())\n")
    git(root, "init", "--quiet")
    window = opened(windows, qtbot, root)
    assert window.page.overview.title.text() == name


def press(window: MainWindow, which: Qt.Key) -> None:
    focus = window.focusWidget()
    QTest.keyClick(focus if focus is not None else window, which)


def trigger(window: MainWindow, action: QAction) -> None:
    """By its shortcut, which must be enabled."""
    assert action.isEnabled(), action.text()
    assert not action.shortcut().isEmpty()
    # The offscreen platform has no window manager that would make the window active again after a dialog.
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    keys = action.shortcut()[0]  # type: ignore[index]
    focus = window.focusWidget()
    QTest.keyClick(focus if focus is not None else window, keys.key(), keys.keyboardModifiers())


def tab_to(window: MainWindow, wanted: QWidget) -> None:
    for _turn in range(60):
        if window.focusWidget() is wanted:
            return
        press(window, Qt.Key.Key_Tab)
    raise AssertionError(wanted)


def test_evidence_shows_its_code_too(windows: Windows, qtbot: QtBot, project: Path) -> None:
    """Reports bring code for findings only; for the rest the file is read when somebody looks."""
    window = opened(windows, qtbot, project)
    window.page.show_question(Question.SEEDS)
    notes = window.page.question.notes
    row = next(row for row, note in enumerate(notes.model.notes) if note.path == "train.py" and note.line)
    assert not notes.model.notes[row].code
    notes._choose_row(row)
    line = (project / "train.py").read_text().split("\n")[notes.model.notes[row].line - 1]
    qtbot.waitUntil(notes.code_frame.isVisible, timeout=WAIT)
    assert line in notes.code.toPlainText()
    assert notes.code.toPlainText().count("\n") <= 7


POLICY = """
id = "acme"
name = "Acme's rules"
owner = "Acme"
year = 2026
source = "wiki"
read = "all"
[[items]]
id = "A1"
text = "Splits are pinned"
pillar = "data"
decided = "auto"
checks = ["unpinned-split"]
[[items]]
id = "A2"
text = "Somebody else ran it"
pillar = "paper"
decided = "manual"
"""


def test_chosen_checklist_stands_on_the_overview_and_can_be_ticked(
    windows: Windows, qtbot: QtBot, project: Path, tmp_path: Path
) -> None:
    window = opened(windows, qtbot, project)
    session = window.session
    assert session is not None
    card = window.page.overview.checklist
    assert not card.isVisible()
    policy = tmp_path / "acme.toml"
    policy.write_text(POLICY)
    for name, words in (("pwc-code-completeness", "ML Code Completeness"), (str(policy), "Acme's rules")):
        session.change_settings(msgspec.structs.replace(session.settings, checklist=name))
        qtbot.waitUntil(lambda words=words: words in card.title.text() and is_audited(window), timeout=WAIT)  # type: ignore[misc]
        assert card.isVisible()
    assert "Not met: 1" in card.count.text()
    links = {one.accessibleName() or one.text(): one for one in card.findChildren(QPushButton)}
    links["Show the check behind “Splits are pinned”"].click()
    assert window.page.panel.current_check() == SPLIT
    window.page.show_overview()
    links["Tick “Somebody else ran it” by hand"].click()
    dialog = dialog_of(window, TickDialog)
    assert isinstance(dialog, TickDialog)
    dialog.note.setPlainText("on her machine")
    dialog.name.setText("Ada")
    dialog.go_on.click()
    qtbot.waitUntil(lambda: "Met: 1" in card.count.text(), timeout=WAIT)
    policy.write_text("id = ")
    window.actions_of.audit.trigger()
    qtbot.waitUntil(lambda: "acme.toml could not be read" in said(window), timeout=WAIT)
    assert not card.isVisible()
