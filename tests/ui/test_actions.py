"""Every action of the window, once, with a real worker: what cannot be triggered here does not exist."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QToolBar
from pytestqt.qtbot import QtBot

from repro_gui import __version__
from repro_gui.audit.report import Outcome, Question
from repro_gui.ui.application import Windows
from repro_gui.ui.export_report.export_dialog import ExportDialog
from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog
from repro_gui.ui.history.history_dialog import HistoryDialog
from repro_gui.ui.main_window import MainWindow
from repro_gui.ui.probe.probe_dialog import ProbeDialog
from repro_gui.ui.rebuild.rebuild_dialog import RebuildDialog
from repro_gui.ui.runs.runs_dialog import RunsDialog
from repro_gui.ui.settings.about_dialog import AboutDialog
from repro_gui.ui.settings.settings_dialog import SettingsDialog
from tests.ui.conftest import WAIT, is_audited, opened

SPLIT = "unpinned-split"
Kind = TypeVar("Kind", bound=QDialog)


class Walk:
    """One window with an audited project, and what a test of an action needs."""

    def __init__(self, windows: Windows, qtbot: QtBot, project: Path, shown_folders: list[str]) -> None:
        self.windows, self.qtbot, self.project, self.shown_folders = windows, qtbot, project, shown_folders
        self.window = opened(windows, qtbot, project)
        self.actions = self.window.actions_of

    def dialog(self, kind: type[Kind]) -> Kind:
        (found,) = [dialog for dialog in self.window.findChildren(kind) if dialog.isVisible()]
        return found

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=WAIT)

    def until_audited(self) -> None:
        self.until(lambda: is_audited(self.window))

    @property
    def outcome(self) -> Outcome:
        assert self.window.session is not None
        return self.window.session.results[SPLIT].outcome

    def closes(self, kind: type[Kind]) -> None:
        dialog = self.dialog(kind)
        dialog.close()
        assert not dialog.isVisible()


def opens_a_project(walk: Walk) -> None:
    walk.actions.open.trigger()
    dialog = walk.dialog(QFileDialog)
    dialog.fileSelected.emit(str(walk.project))
    dialog.close()
    assert walk.window.wizard is not None
    walk.window.wizard.finish()
    walk.until_audited()


def opens_the_example(walk: Walk) -> None:
    walk.actions.example.trigger()
    walk.until(lambda: walk.window.session is not None and walk.window.session.name == "example")
    walk.until_audited()
    walk.window.open_folder(str(walk.project))
    walk.until_audited()


def opens_another_window(walk: Walk) -> None:
    walk.actions.new_window.trigger()
    assert len(walk.windows.open) == 2
    walk.windows.open[1].close()


def closes_the_project(walk: Walk) -> None:
    walk.actions.close_project.trigger()
    assert walk.window.session is None
    assert walk.window.pages.currentWidget() is walk.window.welcome
    walk.window.open_folder(str(walk.project))
    walk.until_audited()


def audits_again(walk: Walk) -> None:
    session = walk.window.session
    assert session is not None
    first = session.report
    walk.actions.audit.trigger()
    walk.until(lambda: session.report is not first and not session.is_auditing)


def cancels(walk: Walk) -> None:
    session = walk.window.session
    assert session is not None
    walk.actions.audit.trigger()
    assert walk.actions.cancel.isEnabled()
    walk.actions.cancel.trigger()
    walk.until(lambda: not session.is_auditing)
    walk.window.bar.clear()
    walk.actions.audit.trigger()
    walk.until_audited()


def fixes(walk: Walk) -> None:
    walk.window.page.panel.choose_check(SPLIT)
    walk.actions.fix.trigger()
    dialog = walk.dialog(FixPreviewDialog)
    walk.until(lambda: dialog.preview)
    dialog.apply_button.click()
    walk.until(lambda: walk.outcome is Outcome.PASSED and is_audited(walk.window))


def undoes(walk: Walk) -> None:
    walk.until(walk.actions.undo.isEnabled)
    walk.actions.undo.trigger()
    walk.until(lambda: walk.outcome is Outcome.FAILED and is_audited(walk.window))


def redoes(walk: Walk) -> None:
    walk.until(walk.actions.redo.isEnabled)
    walk.actions.redo.trigger()
    walk.until(lambda: walk.outcome is Outcome.PASSED and is_audited(walk.window))


def previews_all_safe_fixes(walk: Walk) -> None:
    walk.actions.fix_all.trigger()
    dialog = walk.dialog(FixPreviewDialog)
    walk.until(lambda: dialog.preview or dialog.bar.notices)
    walk.closes(FixPreviewDialog)


def shows_the_history(walk: Walk) -> None:
    walk.actions.history.trigger()
    dialog = walk.dialog(HistoryDialog)
    walk.until(lambda: dialog.model.rowCount() == 1)
    walk.closes(HistoryDialog)


def shows_the_wizard(walk: Walk) -> None:
    walk.actions.wizard.trigger()
    assert walk.window.wizard is not None
    walk.window.wizard.finish()
    walk.until_audited()


def shows_the_probe(walk: Walk) -> None:
    walk.actions.probe.trigger()
    walk.closes(ProbeDialog)


def shows_the_runs(walk: Walk) -> None:
    walk.actions.runs.trigger()
    walk.closes(RunsDialog)


def shows_the_rebuild(walk: Walk) -> None:
    walk.actions.rebuild.trigger()
    walk.closes(RebuildDialog)


def exports(walk: Walk) -> None:
    walk.actions.export.trigger()
    dialog = walk.dialog(ExportDialog)
    walk.until(dialog.document.pageCount)
    walk.closes(ExportDialog)


def searches(walk: Walk) -> None:
    walk.window.activateWindow()
    walk.actions.search.trigger()
    assert walk.window.focusWidget() is walk.window.page.panel.search


def shows_the_overview(walk: Walk) -> None:
    walk.window.page.panel.choose_check(SPLIT)
    walk.actions.overview.trigger()
    assert walk.window.page.right.currentWidget() is walk.window.page.overview


def explains(walk: Walk) -> None:
    walk.window.page.panel.choose_check(SPLIT)
    walk.actions.explain.trigger()
    assert walk.window.page.check.explanation.isVisible()


def shows_the_settings(walk: Walk) -> None:
    walk.actions.settings.trigger()
    walk.closes(SettingsDialog)


def shows_the_log_folder(walk: Walk) -> None:
    walk.actions.log_folder.trigger()
    assert len(walk.shown_folders) == 1
    assert Path(walk.shown_folders[0]).is_dir()


def shows_the_versions(walk: Walk) -> None:
    walk.actions.about.trigger()
    walk.closes(AboutDialog)


def says_that_no_address_is_known(walk: Walk) -> None:
    walk.actions.new_version.trigger()
    (notice,) = [notice for notice in walk.window.bar.notices if notice.topic == "version"]
    assert f"version {__version__}" in notice.what
    assert "Nothing was asked on the network" in notice.mend


def shows_a_question(walk: Walk, question: Question) -> None:
    walk.actions.questions[list(Question).index(question)].trigger()
    assert walk.window.page.right.currentWidget() is walk.window.page.question
    assert walk.window.page.question.question is question


def quits(walk: Walk) -> None:
    walk.actions.quit.trigger()
    walk.until(lambda: not walk.windows.open)


# In this order: what a later one needs, an earlier one has done.
TRIGGERED: dict[str, Callable[[Walk], None]] = {
    "audit": audits_again,
    "cancel": cancels,
    "fix": fixes,
    "undo": undoes,
    "redo": redoes,
    "fix_all": previews_all_safe_fixes,
    "history": shows_the_history,
    "export": exports,
    "search": searches,
    "overview": shows_the_overview,
    "explain": explains,
    "settings": shows_the_settings,
    "log_folder": shows_the_log_folder,
    "new_version": says_that_no_address_is_known,
    "about": shows_the_versions,
    "probe": shows_the_probe,
    "runs": shows_the_runs,
    "rebuild": shows_the_rebuild,
    "wizard": shows_the_wizard,
    "new_window": opens_another_window,
    "open": opens_a_project,
    "close_project": closes_the_project,
    "example": opens_the_example,
    **{f"question {question.value}": functools.partial(shows_a_question, question=question) for question in Question},
    "quit": quits,
}


def names_of(window: MainWindow) -> dict[QAction, str]:
    """The actions of the window by the name they have in `WindowActions`."""
    named = {action: name for name, action in vars(window.actions_of).items() if isinstance(action, QAction)}
    questions = zip(window.actions_of.questions, Question, strict=True)
    return {**named, **{action: f"question {question.value}" for action, question in questions}}


def reachable(window: MainWindow) -> set[QAction]:
    """What the menus, the tool bars and the shortcuts of the window offer, submenus excepted, which only hold others."""
    found = {*window.actions()}
    for holder in (*window.findChildren(QMenu), *window.findChildren(QToolBar)):
        if holder.parent() is not None and "QLineEdit" not in type(holder.parent()).__name__:
            found |= {*holder.actions()}
    # Of what holds other actions, or shows a widget, only those are triggered.
    holders = {menu.menuAction() for menu in window.findChildren(QMenu)}
    return {action for action in found - holders if not action.isSeparator() and action.text()}


def test_every_action_of_the_window_is_triggered_here(windows: Windows, qtbot: QtBot) -> None:
    window = windows.open_window()
    names = names_of(window)
    of_window = {action for action in reachable(window) if action.parent() is window}
    unknown = [action.text() for action in of_window if action not in names]
    assert unknown == []
    assert sorted(names.values()) == sorted(TRIGGERED)


def test_every_action_does_what_it_says(
    windows: Windows, qtbot: QtBot, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def remember(url: QUrl) -> bool:
        # A file manager would open here.
        shown.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", remember)
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    walk = Walk(windows, qtbot, project, shown)
    for name, trigger in TRIGGERED.items():
        action = next(action for action, known in names_of(walk.window).items() if known == name)
        walk.until(lambda action=action, name=name: action.isEnabled() or name == "cancel")  # type: ignore[misc]
        trigger(walk)
    assert not windows.open
