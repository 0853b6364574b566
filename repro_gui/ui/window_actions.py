"""What a window can do: every action by name, with icon, shortcut, menus and tool bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QSizePolicy, QToolBar, QToolButton, QWidget

from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.icons import icon
from repro_gui.ui.translate import _, shown
from repro_gui.ui.widgets.buttons import name_shortcut

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.ui.project_session import ProjectSession


# A style sheet knows no distance between icon and words of a tool button.
_SPACE = "\u2002"


class WindowActions(QObject):
    """The actions of one window; `connect` says what each does, `follow` which are possible now."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        keys = QKeySequence.StandardKey
        self.open = self._make(_("&Open a project…"), "open", keys.Open)
        self.new_window = self._make(_("&New window"), "", keys.New)
        self.example = self._make(_("Try the exa&mple"), "example")
        self.close_project = self._make(_("&Close the project"), "", "Ctrl+W")
        self.quit = self._make(_("&Quit"), "", keys.Quit)
        self.audit = self._make(_("&Audit again"), "audit", keys.Refresh)
        self.cancel = self._make(_("&Cancel what is being done"), "stop", "Esc")
        self.fix = self._make(_("&Fix…"), "fix", "Ctrl+Return")
        self.fix_all = self._make(_("Fix all &safe…"), "fix-all", "Ctrl+Shift+F")
        self.undo = self._make(_("&Undo"), "undo", keys.Undo)
        self.redo = self._make(_("&Redo"), "redo", "Ctrl+Shift+Z")
        self.history = self._make(_("&History…"), "history", "Ctrl+H")
        self.wizard = self._make(_("A&bout this project…"), "overview", "Ctrl+Shift+P")
        self.probe = self._make(_("&Probe this machine…"), "probe", "Ctrl+M")
        self.rebuild = self._make(_("R&ebuild the environment…"), "environment", "Ctrl+B")
        self.runs = self._make(_("Recorded ru&ns…"), "", "Ctrl+Shift+R")
        self.export = self._make(_("&Export…"), "export", "Ctrl+E")
        self.search = self._make(_("&Search the checklist"), "search", keys.Find)
        self.overview = self._make(_("&Overview"), "overview", "Alt+Home")
        self.explain = self._make(_("E&xplain the check"), "about", keys.HelpContents)
        self.settings = self._make(_("Se&ttings…"), "settings", "Ctrl+,")
        self.log_folder = self._make(_("Open &log folder"), "folder")
        self.new_version = self._make(_("Check for a new &version"), "")
        self.about = self._make(_("A&bout Repro GUI"), "about")
        self.undo.setEnabled(False)
        self.redo.setEnabled(False)
        self.questions = tuple(self._make(words, "", f"Ctrl+{number}") for number, words in self._question_words())
        self._fill_menus()
        self.bar = self._make_bar()
        appearance().changed.connect(self._on_appearance)

    def follow(self, session: ProjectSession | None) -> None:
        """Enable what is possible, name what would be undone."""
        has_project = session is not None
        has_report = session is not None and session.report is not None
        for action in (
            self.close_project,
            self.audit,
            self.history,
            self.probe,
            self.rebuild,
            self.runs,
            self.wizard,
            self.search,
            self.overview,
        ):
            action.setEnabled(has_project)
        for action in (self.fix_all, self.export, self.fix, self.explain):
            action.setEnabled(has_report)
        for action in self.questions:
            action.setEnabled(has_project)
        self.cancel.setEnabled(session is not None and session.is_auditing)
        undo = session.next_undo if session is not None else None
        redo = session.next_redo if session is not None else None
        self._name(self.undo, _("&Undo"), shown(undo.title) if undo is not None else "", _("Undo: {title}"))
        self._name(self.redo, _("&Redo"), shown(redo.title) if redo is not None else "", _("Redo: {title}"))
        self.undo.setEnabled(undo is not None and undo.can_undo)
        self.redo.setEnabled(redo is not None)
        self.fit(self._window.width())

    def _on_appearance(self) -> None:
        self.fit(self._window.width())

    def fit(self, width: int) -> None:
        """Leave the words of the tool bar out where they do not fit; tool tips and screen readers keep them."""
        self._show_words(self.bar, with_words=True)
        if self.bar.sizeHint().width() > width:
            self._show_words(self.bar, with_words=False)

    def _show_words(self, bar: QToolBar, *, with_words: bool) -> None:
        for action in bar.actions():
            made = bar.widgetForAction(action)
            if isinstance(made, QToolButton):
                has_words = with_words and action not in {self.redo, self.history, self.settings}
                style = (
                    Qt.ToolButtonStyle.ToolButtonTextBesideIcon if has_words else Qt.ToolButtonStyle.ToolButtonIconOnly
                )
                if made.toolButtonStyle() is not style:
                    made.setToolButtonStyle(style)

    def _name(self, action: QAction, plain: str, title: str, named: str) -> None:
        words = named.format(title=title) if title else plain
        shortened = words if len(words) <= 44 else words[:43].rstrip() + "…"
        action.setText(shortened.replace("&", "&&") if title else plain)
        action.setIconText(_SPACE + (shortened.replace("&", "") if title else plain.replace("&", "")))
        name_shortcut(action)
        if title:
            action.setToolTip(f"{words} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")

    def _make(self, words: str, icon_name: str, keys: QKeySequence.StandardKey | str | None = None) -> QAction:
        action = QAction(words, self._window)
        if icon_name:
            action.setIcon(icon(icon_name))
        if keys is not None:
            sequence = QKeySequence(keys)
            if not sequence.isEmpty():
                action.setShortcut(sequence)
        name_shortcut(action)
        self._window.addAction(action)
        return action

    def _question_words(self) -> list[tuple[int, str]]:
        names = (_("Code"), _("Data"), _("Seeds"), _("Environment"), _("Tracking"))
        return [(number, _("Question: {name}").format(name=name)) for number, name in enumerate(names, 1)]

    def _fill_menus(self) -> None:
        bar = self._window.menuBar()
        for words, actions in (
            (
                _("&File"),
                (
                    self.open,
                    self.example,
                    None,
                    self.new_window,
                    self.close_project,
                    None,
                    self.export,
                    None,
                    self.quit,
                ),
            ),
            (
                _("&Project"),
                (
                    self.audit,
                    self.cancel,
                    None,
                    self.fix,
                    self.fix_all,
                    self.undo,
                    self.redo,
                    self.history,
                    None,
                    self.probe,
                    self.rebuild,
                    self.runs,
                    None,
                    self.wizard,
                ),
            ),
            (_("&View"), (self.overview, *self.questions, None, self.search, None, self.settings)),
            (_("&Help"), (self.explain, None, self.log_folder, self.new_version, self.about)),
        ):
            menu = bar.addMenu(words)
            menu.setAccessibleName(words.replace("&", ""))
            for action in actions:
                if action is None:
                    menu.addSeparator()
                else:
                    menu.addAction(action)

    def _make_bar(self) -> QToolBar:
        bar = QToolBar(_("Tools"), self._window)
        bar.setObjectName("Tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(18, 18))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for action in (self.open, None, self.audit, self.fix_all, None, self.undo, self.redo, self.history):
            if action is None:
                bar.addSeparator()
            else:
                bar.addAction(action)
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(gap)
        bar.addAction(self.probe)
        bar.addAction(self.export)
        bar.addAction(self.settings)
        self._show_words(bar, with_words=True)
        # Qt drops a trailing … of an action's text on buttons; it tells that something will be asked.
        for action in (self.open, self.fix_all, self.probe, self.export):
            action.setIconText(f"{_SPACE}{action.text().replace('&', '').rstrip('…')}…")
        self.audit.setIconText(_SPACE + self.audit.text().replace("&", ""))
        for action in bar.actions():
            made = bar.widgetForAction(action)
            if isinstance(made, QToolButton):
                made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                made.setAccessibleName(action.text().replace("&", ""))
        self._window.addToolBar(bar)
        return bar


def connect_actions(runs: dict[QAction, Callable[[], object]]) -> None:
    """Say what each action does."""
    for action, run in runs.items():
        action.triggered.connect(lambda _checked=False, do=run: do())
