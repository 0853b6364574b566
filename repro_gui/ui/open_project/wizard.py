"""The wizard: its pages lie over the window, which fills behind them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from repro_gui.ui.open_project.flow import PAGES, Flow, Page, start
from repro_gui.ui.open_project.pages import (
    ChecklistPageWidget,
    FolderPageWidget,
    HowItRunsPageWidget,
    InterpreterPageWidget,
    TrustPageWidget,
    WizardPageWidget,
)
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.translate import _
from repro_gui.ui.widgets.buttons import button, tool_button


def page_title(page: Page) -> str:
    """The short name of a page."""
    return {
        Page.FOLDER: _("Folder"),
        Page.TRUST: _("Trust"),
        Page.INTERPRETER: _("Interpreter"),
        Page.HOW_IT_RUNS: _("How it runs"),
        Page.CHECKLIST: _("Checklist"),
    }[page]


class WizardWidget(QWidget):
    """Covers its parent; finished or closed, it goes away and the answers stand."""

    finished = Signal(object)
    other_folder_asked = Signal()
    project_chosen = Signal(str)

    def __init__(self, session: ProjectSession, parent: QWidget) -> None:
        super().__init__(parent)
        self.session = session
        self.flow: Flow = start(session.root, session.settings, trusted=session.trusted)
        self._is_settled = False
        self.setAccessibleName(_("Open a project"))
        self.pages: dict[Page, WizardPageWidget] = {
            Page.FOLDER: FolderPageWidget(),
            Page.TRUST: TrustPageWidget(),
            Page.INTERPRETER: InterpreterPageWidget(),
            Page.HOW_IT_RUNS: HowItRunsPageWidget(),
            Page.CHECKLIST: ChecklistPageWidget(),
        }
        folder = self.pages[Page.FOLDER]
        assert isinstance(folder, FolderPageWidget)
        folder.other_asked.connect(self.other_folder_asked)
        folder.project_chosen.connect(self.project_chosen)
        self.stack = QStackedWidget()
        for made in self.pages.values():
            made.answered.connect(self._on_answered)
            self.stack.addWidget(made)
        self.steps = {page: button(page_title(page), kind="step") for page in PAGES}
        for page, step in self.steps.items():
            step.clicked.connect(lambda _checked=False, to=page: self.go_to(to))
        self.back = button(_("Back"), lambda: self._show(self.flow.back()))
        self.skip = button(_("Skip the rest"), self.finish, "quiet")
        self.skip.setToolTip(_("Keep what was found; everything can be changed later in the settings (Esc)"))
        self.next = button(_("Next"), lambda: self._show(self.flow.next()), "primary")
        self.next.setDefault(True)
        self.close_button = tool_button(_("Skip the rest (Esc)"), "close", self.finish)
        self.panel = self._lay_out()
        parent.installEventFilter(self)
        session.changed.connect(self._on_session)
        appearance().changed.connect(self.update)
        self._on_session()
        self._show(self.flow)
        self.setGeometry(parent.rect())

    def go_to(self, page: Page) -> None:
        """Show a page."""
        self._show(self.flow.go_to(page))

    def finish(self) -> None:
        """Keep the answers and go away."""
        self._show(self.flow.finish())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, QFrame) and event.type() is QEvent.Type.Resize:
            self.close_button.move(watched.width() - self.close_button.width() - 12, 12)
            self.close_button.raise_()
        over = self.parentWidget()
        if over is not None and watched is over and event.type() is QEvent.Type.Resize:
            self.setGeometry(over.rect())
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab stays within the pages as long as they lie there."""
        inside = [
            widget
            for widget in self.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled()
        ]
        if not inside:
            return False
        current = QApplication.focusWidget()
        ordered = self._in_tab_order(inside)
        position = ordered.index(current) if current in ordered else -1
        following = ordered[(position + (1 if forwards else -1)) % len(ordered)]
        following.setFocus(Qt.FocusReason.TabFocusReason if forwards else Qt.FocusReason.BacktabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finish()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.next.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        veil = QColor(appearance().colours.window)
        veil.setAlpha(190)
        painter.fillRect(self.rect(), veil)

    def _in_tab_order(self, inside: list[QWidget]) -> list[QWidget]:
        ordered = []
        widget = self.nextInFocusChain()
        for _turn in range(5_000):
            if widget is None or widget is self:
                break
            if widget in inside:
                ordered.append(widget)
            widget = widget.nextInFocusChain()
        return ordered + [other for other in inside if other not in ordered]

    def _on_session(self) -> None:
        if not self._is_settled and self.session.recognised is not None:
            # The earlier choices arrive after the wizard is there; answers given meanwhile are kept.
            self._is_settled = True
            earlier = start(self.session.root, self.session.settings, trusted=self.session.trusted)
            if self.flow.answers == start(self.session.root, type(self.session.settings)(), trusted=False).answers:
                self.flow = Flow(self.flow.page, earlier.answers)
        for page in self.pages.values():
            page.show_known(self.flow.answers, self.session)

    def _on_answered(self, answers: dict[str, object]) -> None:
        self.flow = self.flow.answer(**answers)
        for page in self.pages.values():
            page.show_known(self.flow.answers, self.session)

    def _show(self, flow: Flow) -> None:
        self.flow = flow
        if flow.is_finished:
            self.hide()
            self.finished.emit(flow.answers)
            return
        self.stack.setCurrentWidget(self.pages[flow.page])
        self.back.setVisible(flow.can_go_back)
        self.next.setText(_("Show the answers") if flow.is_last else _("Next"))
        for page, step in self.steps.items():
            step.setCheckable(True)
            step.setChecked(page is flow.page)
            step.setProperty("current", "true" if page is flow.page else "false")
            step.style().unpolish(step)
            step.style().polish(step)
        self.next.setFocus()

    def _lay_out(self) -> QFrame:
        panel = QFrame()
        panel.setObjectName("Card")
        steps = QVBoxLayout()
        steps.setSpacing(4)
        for step in self.steps.values():
            steps.addWidget(step)
        steps.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.skip)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.next)
        right = QVBoxLayout()
        right.setSpacing(16)
        right.addWidget(self.stack, 1)
        right.addLayout(buttons)
        row = QHBoxLayout(panel)
        row.setContentsMargins(20, 24, 24, 20)
        row.setSpacing(24)
        row.addLayout(steps)
        row.addLayout(right, 1)
        # In the corner, above the layout: a column of its own would push the pages in from the right.
        self.close_button.setParent(panel)
        self.close_button.adjustSize()
        panel.installEventFilter(self)
        panel.setMaximumSize(860, 580)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(32, 24, 32, 24)
        outer.addStretch(1)
        outer.addWidget(panel, 20)
        outer.addStretch(1)
        return panel
