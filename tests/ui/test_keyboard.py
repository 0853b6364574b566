"""Every window, dialog and wizard page by keyboard alone, with a name for every control."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QDialog,
    QLabel,
    QWidget,
)
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import Question
from repro_gui.ui.application import Windows
from repro_gui.ui.details.check_dialogs import QuestionDialog, TickDialog, WaiveDialog, WrongFindingDialog
from repro_gui.ui.export_report.export_dialog import ExportDialog
from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog
from repro_gui.ui.main_window import MainWindow
from repro_gui.ui.open_project.flow import Page
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.settings.about_dialog import AboutDialog
from repro_gui.ui.settings.settings_dialog import SettingsDialog
from tests.ui.conftest import WAIT, opened
from tests.ui.model_testers import import_windows

SPLIT = "unpinned-split"
Make = Callable[[MainWindow], QDialog]


def made_from_a_result(window: MainWindow, kind: type[QDialog]) -> QDialog:
    assert window.session is not None
    result = window.session.results[SPLIT]
    if kind is WaiveDialog:
        return WaiveDialog(result, result.findings[:2], "Ada", window)
    if kind is TickDialog:
        return TickDialog(result.title, "Ada", window)
    return WrongFindingDialog(result, result.findings[0], "0.1.0", window)


# How each is made; one that is not here takes the session and its parent.
MADE: dict[type[QDialog], Make] = {
    FixPreviewDialog: lambda window: FixPreviewDialog(session_of(window), (), window.preferences, window),
    SettingsDialog: lambda window: SettingsDialog(window.preferences, window.session, window),
    AboutDialog: AboutDialog,
    WaiveDialog: lambda window: made_from_a_result(window, WaiveDialog),
    TickDialog: lambda window: made_from_a_result(window, TickDialog),
    WrongFindingDialog: lambda window: made_from_a_result(window, WrongFindingDialog),
}


def session_of(window: MainWindow) -> ProjectSession:
    assert window.session is not None
    return window.session


def dialog_classes() -> list[type[QDialog]]:
    """Every dialog that is written in `repro_gui.ui`."""
    import_windows()
    found: list[type[QDialog]] = []
    waiting: list[type[QDialog]] = [QDialog]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("repro_gui.") and kind is not QuestionDialog:
                found.append(kind)
    return sorted(found, key=lambda kind: kind.__name__)


def make(window: MainWindow, kind: type[QDialog]) -> QDialog:
    if kind in MADE:
        return MADE[kind](window)
    assert len(inspect.signature(kind.__init__).parameters) >= 3, f"say in MADE how {kind.__name__} is made"
    made: Callable[[ProjectSession, QWidget], QDialog] = kind
    return made(session_of(window), window)


def controls(root: QWidget) -> Iterator[QWidget]:
    """What a person can put the focus on now."""
    for widget in root.findChildren(QWidget):
        own = widget.focusProxy() is None and not isinstance(widget, QLabel)
        if own and widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield widget


def nameless(root: QWidget) -> list[str]:
    """Controls that a screen reader cannot name: neither words of their own, nor a name, nor a label before them."""
    labelled = {label.buddy() for label in root.findChildren(QLabel) if label.buddy() is not None}
    found = []
    for widget in controls(root):
        words = widget.text() if isinstance(widget, QAbstractButton) else ""
        parent = widget.parentWidget()
        is_inner = widget.objectName().startswith("qt_") or (parent is not None and parent.focusProxy() is widget)
        if not (words or widget.accessibleName() or widget in labelled or is_inner):
            found.append(f"{type(widget).__name__} in {type(parent).__name__}")
    return found


def not_reached(root: QWidget, limit: int = 200) -> list[str]:
    """Controls that Tab never comes to. Of choices that exclude one another Tab comes to one, arrows to the others."""
    top = root.window()
    top.activateWindow()
    QTest.qWaitForWindowActive(top)
    reached: set[QWidget] = set()
    for turn in range(limit):
        focus = top.focusWidget()
        if focus is not None:
            reached.add(focus)
        QTest.keyClick(focus or root, Qt.Key.Key_Tab)
        if turn > 2 * len(reached) + 4:
            break
    missing = []
    for widget in controls(root):
        together = widget.group().buttons() if isinstance(widget, QAbstractButton) and widget.group() else [widget]
        if isinstance(widget, QAbstractButton) and widget.autoExclusive() and widget.group() is None:
            around = widget.parentWidget()
            together = [*together, *(around.findChildren(QAbstractButton) if around is not None else [])]
        inner = [child for child in widget.findChildren(QWidget) if child in reached]
        above = widget.parentWidget()
        if isinstance(above, QAbstractScrollArea) and above in reached:
            continue
        if not reached.intersection(together) and not inner:
            missing.append(f"{type(widget).__name__}({widget.accessibleName()!r}) in {type(above).__name__}")
    return missing


@pytest.mark.parametrize("kind", dialog_classes(), ids=lambda kind: kind.__name__)
def test_dialog_by_keyboard_alone(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path, kind: type[QDialog]
) -> None:
    window = opened(stand_in_windows(), qtbot, tmp_path)
    dialog = make(window, kind)
    dialog.open()
    if isinstance(dialog, FixPreviewDialog):
        qtbot.waitUntil(lambda: dialog.preview is not None, timeout=WAIT)
    if isinstance(dialog, ExportDialog):
        qtbot.waitUntil(lambda: dialog.preview.currentIndex() == 1, timeout=WAIT)
    pages = dialog.tabs.count() if isinstance(dialog, SettingsDialog) else 1
    for page in range(pages):
        if isinstance(dialog, SettingsDialog):
            dialog.tabs.setCurrentIndex(page)
        assert nameless(dialog) == []
        assert not_reached(dialog) == []
    assert dialog.windowTitle()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    dialog.deleteLater()


def test_wizard_by_keyboard_alone(stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(stand_in_windows(), qtbot, tmp_path)
    assert window.session is not None
    window.session.find_interpreters()
    window.show_wizard()
    wizard = window.wizard
    assert wizard is not None
    qtbot.waitUntil(lambda: window.session is not None and window.session.interpreters is not None, timeout=WAIT)
    for page in Page:
        wizard.go_to(page)
        qtbot.wait(20)
        assert nameless(wizard) == [], page
        assert not_reached(wizard) == [], page
    QTest.keyClick(wizard, Qt.Key.Key_Escape)
    assert window.wizard is None


def test_window_by_keyboard_alone(stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(stand_in_windows(), qtbot, tmp_path)
    faults = {}
    shows: dict[str, Callable[[], object]] = {"overview": window.page.show_overview}
    for question in Question:
        shows[question.value] = functools.partial(window.page.show_question, question)
    for check in (SPLIT, "unseeded-library", "licence-of-data", "no-repository"):
        shows[check] = functools.partial(window.page.panel.choose_check, check)
    for name, show in shows.items():
        show()
        qtbot.wait(20)
        faults[name] = [*nameless(window), *not_reached(window)]
    window.close_project()
    faults["welcome"] = [*nameless(window), *not_reached(window)]
    assert {name: found for name, found in faults.items() if found} == {}
