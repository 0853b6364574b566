"""Every window and page in three themes and two sizes: pictures to look at, nothing clipped, nothing on top of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QTabBar,
    QToolBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from repro_gui.audit.report import Answer, Question
from repro_gui.text import text
from repro_gui.ui.activity import Activity
from repro_gui.ui.application import Windows
from repro_gui.ui.details.check_dialogs import TickDialog, WaiveDialog, WrongFindingDialog
from repro_gui.ui.export_report.export_dialog import ExportDialog
from repro_gui.ui.fix_preview.fix_preview_dialog import FixPreviewDialog
from repro_gui.ui.history.history_dialog import HistoryDialog
from repro_gui.ui.main_window import MainWindow
from repro_gui.ui.notice import Level, Notice, NoticeAction
from repro_gui.ui.open_project.flow import Page
from repro_gui.ui.preferences import RecentProject
from repro_gui.ui.settings.about_dialog import AboutDialog
from repro_gui.ui.settings.settings_dialog import SettingsDialog
from repro_gui.ui.theme.palettes import Theme
from repro_gui.ui.translate import set_language
from repro_gui.ui.widgets.labels import ElidedLabel
from tests.ui.conftest import ROOT, WAIT, opened

PICTURES = ROOT / "build" / "screens"
SIZES = ((1280, 800), (1920, 1080))
THEMES = (Theme.LIGHT, Theme.DARK, Theme.HIGH_CONTRAST)
_OWN_TEXT = (QPushButton, QToolButton, QCheckBox, QRadioButton)


def visible(root: QWidget, kind: type[QWidget] = QWidget) -> Iterator[QWidget]:
    for widget in [root, *root.findChildren(kind)]:
        if isinstance(widget, kind) and widget.isVisible():
            yield widget


def describe(widget: QWidget) -> str:
    words = widget.text() if isinstance(widget, QLabel | QAbstractButton) else widget.accessibleName()
    return f"{type(widget).__name__}({words[:60]!r}) {widget.size().toTuple()} wants {widget.sizeHint().toTuple()}"


def clipped_texts(root: QWidget) -> list[str]:
    """Labels and buttons that have less room than their words need."""
    found = []
    for widget in visible(root):
        if isinstance(widget, ElidedLabel):
            if widget.height() + 1 < widget.fontMetrics().height():
                found.append(describe(widget))
        elif isinstance(widget, QLabel):
            if widget.wordWrap():
                if widget.text() and widget.heightForWidth(widget.width()) > widget.height() + 1:
                    found.append(describe(widget))
            elif widget.text() and widget.sizeHint().width() > widget.width() + 1:
                found.append(describe(widget))
        elif isinstance(widget, _OWN_TEXT) and not isinstance(widget.parent(), QLineEdit):
            hint = widget.sizeHint()
            if hint.width() > widget.width() + 1 or hint.height() > widget.height() + 1:
                found.append(describe(widget))
        elif isinstance(widget, QLineEdit | QComboBox | QAbstractSpinBox):
            if widget.height() + 1 < widget.fontMetrics().height():
                found.append(describe(widget))
        elif isinstance(widget, QTabBar) and widget.sizeHint().width() > widget.width() + 1:
            found.append(describe(widget))
    return found


def overlapping(root: QWidget) -> list[str]:
    """Widgets of one layout that lie on one another."""
    found = []
    for parent in visible(root):
        if isinstance(parent, QStackedWidget | QAbstractScrollArea | QTabBar) or parent.layout() is None:
            continue
        layout = parent.layout()
        assert layout is not None
        placed = [child for child in parent.children() if isinstance(child, QWidget) and child.isVisible()]
        placed = [child for child in placed if layout.indexOf(child) >= 0]
        for position, first in enumerate(placed):
            for second in placed[position + 1 :]:
                shared = first.geometry().intersected(second.geometry())
                if shared.width() > 1 and shared.height() > 1:
                    found.append(f"{describe(first)} under {describe(second)}")
    return found


def outside(root: QWidget) -> list[str]:
    """Widgets that stick out of their parent, other than what is scrolled."""
    found = []
    for widget in visible(root):
        parent = widget.parentWidget()
        if widget.isWindow() or parent is None or not parent.isVisible():
            continue
        scrolled = parent.parentWidget()
        if isinstance(scrolled, QAbstractScrollArea) and scrolled.viewport() is parent:
            continue
        room = QRect(-1, -1, parent.width() + 2, parent.height() + 2)
        if not room.contains(widget.geometry()) and widget.width() > 0 and widget.height() > 0:
            found.append(f"{describe(widget)} at {widget.geometry().getRect()} in {describe(parent)}")
    return found


def faults_of(widget: QWidget) -> list[str]:
    """Everything that is wrong with what is seen now."""
    return [
        *(f"clipped: {fault}" for fault in clipped_texts(widget)),
        *(f"overlapping: {fault}" for fault in overlapping(widget)),
        *(f"outside: {fault}" for fault in outside(widget)),
        *(f"tools do not fit: {bar.windowTitle()}" for bar in widget.findChildren(QToolBar) if hides_tools(bar)),
    ]


def hides_tools(bar: QToolBar) -> bool:
    """True when Qt puts tools behind an arrow at the end."""
    arrow = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    return bar.isVisible() and arrow is not None and arrow.isVisible()


class Walk:
    """Takes a picture of each screen and collects what is wrong with it."""

    def __init__(self, qtbot: QtBot, name: str) -> None:
        self._qtbot = qtbot
        self._folder = PICTURES / name
        self._folder.mkdir(parents=True, exist_ok=True)
        self.faults: list[str] = []

    def look(self, name: str, widget: QWidget) -> None:
        self._qtbot.wait(30)
        QApplication.processEvents()
        if faults_of(widget):
            # An answer may have come in this very moment: what stays is a fault.
            self._qtbot.wait(200)
        picture = widget.grab()
        assert not picture.isNull()
        picture.save(str(self._folder / f"{name}.png"))
        self.faults += [f"{name}: {fault}" for fault in faults_of(widget)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.value)
def test_screens(
    stand_in_windows: Callable[..., Windows], qtbot: QtBot, tmp_path: Path, theme: Theme, size: tuple[int, int]
) -> None:
    windows = stand_in_windows()
    windows.preferences.theme = theme
    windows.change_look()
    walk = Walk(qtbot, f"{theme.value}-{size[0]}x{size[1]}")
    root = tmp_path / "abalone-age"
    root.mkdir()
    window = windows.open_window()
    window.resize(*size)
    walk_welcome(walk, windows, window)
    window.close()
    window = opened(windows, qtbot, root)
    window.resize(*size)
    walk_project(walk, qtbot, window)
    walk_dialogs(walk, qtbot, window)
    walk_wizard(walk, window)
    walk_bars(walk, window)
    window.close()
    assert not walk.faults, "\n".join(walk.faults)


@pytest.mark.parametrize(
    ("language", "theme", "scale", "size"),
    [
        ("en", Theme.LIGHT, 0.9, (1920, 1080)),
        ("en", Theme.DARK, 1.5, (1280, 800)),
        ("de", Theme.LIGHT, 1.0, (1280, 800)),
        ("de", Theme.DARK, 1.5, (1920, 1080)),
        ("de", Theme.LIGHT, 1.5, (1280, 800)),
    ],
    ids=lambda value: str(value).replace(", ", "x").strip("()"),
)
def test_other_letters_and_longer_words(
    stand_in_windows: Callable[..., Windows],
    qtbot: QtBot,
    tmp_path: Path,
    language: str,
    theme: Theme,
    scale: float,
    size: tuple[int, int],
) -> None:
    windows = stand_in_windows()
    windows.preferences.language = language
    windows.preferences.theme = theme
    windows.preferences.text_scale = scale
    set_language(language)
    windows.change_look()
    walk = Walk(qtbot, f"{language}-{theme.value}-{scale}-{size[0]}x{size[1]}")
    root = tmp_path / "abalone-age"
    root.mkdir()
    window = windows.open_window()
    window.resize(*size)
    walk_welcome(walk, windows, window)
    window.close()
    window = opened(windows, qtbot, root)
    window.resize(*size)
    walk_project(walk, qtbot, window)
    walk_dialogs(walk, qtbot, window)
    walk_wizard(walk, window)
    walk_bars(walk, window)
    window.close()
    assert not walk.faults, "\n".join(walk.faults)


def walk_welcome(walk: Walk, windows: Windows, window: MainWindow) -> None:
    given = dict(zip((question.value for question in Question), (*Answer, Answer.YES), strict=True))
    windows.preferences.remember_project(RecentProject("/home/ada/projects/abalone-age", given))
    windows.preferences.remember_project(RecentProject("/home/ada/" + "a-long-name-of-a-folder/" * 6, {}))
    window.close_project()
    walk.look("00-welcome", window)


def walk_project(walk: Walk, qtbot: QtBot, window: MainWindow) -> None:
    page = window.page
    walk.look("10-overview", window)
    for question in Question:
        page.show_question(question)
        walk.look(f"11-question-{question.value}", window)
    assert window.session is not None
    for check_id in window.session.results:
        page.panel.choose_check(check_id)
        walk.look(f"12-check-{check_id}", window)
    page.panel.choose_check("unpinned-split")
    page.check.explain()
    walk.look("13-explanation", window)
    page.panel.search.setText("split")
    page.panel.only_open.setChecked(True)
    walk.look("14-search", window)
    page.panel.search.setText("nothing has this")
    walk.look("15-nothing-found", window)
    page.panel.search.clear()
    page.panel.only_open.setChecked(False)
    page.show_overview()


def walk_dialogs(walk: Walk, qtbot: QtBot, window: MainWindow) -> None:
    assert window.session is not None
    result = window.session.results["unpinned-split"]
    window.fix(())
    fix = shown_dialog(window, FixPreviewDialog)
    walk.look("20-fix-planning", fix)
    qtbot.waitUntil(lambda: fix.preview is not None, timeout=WAIT)
    walk.look("21-fix", fix)
    fix.side_button.setChecked(True)
    fix.files.setCurrentIndex(fix.files.files.index(1, 0))
    walk.look("22-fix-side-by-side", fix)
    fix.unified_button.setChecked(True)
    fix.reject()
    window.show_settings()
    settings = shown_dialog(window, SettingsDialog)
    for tab in range(settings.tabs.count()):
        settings.tabs.setCurrentIndex(tab)
        walk.look(f"23-settings-{tab}", settings)
    settings.reject()
    for name, dialog in (
        ("24-waive", WaiveDialog(result, result.findings[:2], "Ada", window)),
        ("25-tick", TickDialog(result.title, "Ada", window)),
        ("26-wrong", WrongFindingDialog(result, result.findings[0], "0.1.0", window)),
        ("27-about", AboutDialog(window)),
        ("28-history-empty", HistoryDialog(window.session, window)),
    ):
        dialog.open()
        walk.look(name, dialog)
        dialog.reject()
        dialog.deleteLater()
    window.session.apply("plan-1", None, None)
    qtbot.waitUntil(lambda: window.session is not None and bool(window.session.history), timeout=WAIT)
    history = HistoryDialog(window.session, window)
    history.open()
    walk.look("29-history", history)
    history.reject()
    history.deleteLater()
    qtbot.waitUntil(lambda: window.session is not None and not window.session.is_auditing, timeout=WAIT)
    walk.look("30-applied", window)
    window.show_export()
    export = shown_dialog(window, ExportDialog)
    qtbot.waitUntil(lambda: export.preview.currentIndex() == 1, timeout=WAIT)
    qtbot.wait(300)
    walk.look("31-export-pdf", export)
    export.formats["json"].click()
    qtbot.waitUntil(lambda: export.preview.currentIndex() == 2, timeout=WAIT)
    walk.look("32-export-json", export)
    export.reject()


def walk_wizard(walk: Walk, window: MainWindow) -> None:
    assert window.session is not None
    window.session.find_interpreters()
    window.show_wizard()
    wizard = window.wizard
    assert wizard is not None
    for page in Page:
        wizard.go_to(page)
        walk.look(f"40-wizard-{page.value}", window)
    wizard.finish()


def walk_bars(walk: Walk, window: MainWindow) -> None:
    again = NoticeAction("Audit again", lambda: None)
    window.bar.show_notice(
        Notice(
            "The background worker ended unexpectedly; it was started again.",
            "Nothing in your project was changed by this. Audit again to go on. " * 2,
            Level.WARNING,
            "a",
            (again,),
            details="Traceback",
        )
    )
    window.bar.show_notice(Notice("The folder is gone.", "Put it back.", Level.ERROR, "b", (again,)))
    window.activity.show_activity(Activity(text("Reading {path}", path="src/" + "long/" * 40), 120, 412))
    walk.look("50-bars", window)


Kind = TypeVar("Kind", bound=QDialog)


def shown_dialog(window: MainWindow, kind: type[Kind]) -> Kind:
    (found,) = [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]
    return found
