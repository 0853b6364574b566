"""The open project: questions and checklist on the left; overview, question or check on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from repro_gui.audit.report import Pillar, Question
from repro_gui.ui.checklist.checklist_panel import ChecklistPanelWidget
from repro_gui.ui.details.check_details import CheckDetailsWidget
from repro_gui.ui.details.question_details import QuestionDetailsWidget
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.translate import _
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.labels import ElidedLabel
from repro_gui.ui.words import check_title, pillar_word, question_word
from repro_gui.ui.workflow.overview import OverviewWidget

_QUESTION_OF_PILLAR = {question.pillar: question for question in Question}


class ProjectPageWidget(QWidget):
    """Both sides, and which of the right ones is seen."""

    place_chosen = Signal(str, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Page")
        self.session: ProjectSession | None = None
        self.panel = ChecklistPanelWidget()
        self.overview = OverviewWidget()
        self.question = QuestionDetailsWidget()
        self.check = CheckDetailsWidget()
        self.right = QStackedWidget()
        for page in (self.overview, self.question, self.check):
            self.right.addWidget(page)
        self.trail = QWidget()
        self.home = button(_("Overview"), self.show_overview, "link", "back")
        self.home.setToolTip(_("Back to the overview (Alt+Home)"))
        self.where = ElidedLabel(role="muted")
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self._lay_out()
        self.panel.check_chosen.connect(self.show_check)
        self.panel.question_chosen.connect(self.show_question)
        self.panel.pillar_chosen.connect(self._show_pillar)
        self.overview.node_chosen.connect(self._show_node)
        self.overview.check_chosen.connect(self.panel.choose_check)
        self.question.check_chosen.connect(self.panel.choose_check)
        self.question.place_chosen.connect(self.place_chosen)
        self.check.place_chosen.connect(self.place_chosen)
        self.show_overview()

    def show_session(self, session: ProjectSession) -> None:
        """Show what is known now; what the person looks at stays."""
        self.session = session
        self.panel.show_session(session)
        here = self.right.currentWidget()
        self.overview.show_session(session)
        if here is self.question:
            self.question.show_question(self.question.question, session)
        elif here is self.check and self.check.result is not None:
            result = session.results.get(self.check.result.check_id)
            if result is None:
                self.show_overview()
            else:
                self.check.show_result(result, session)
                self.where.setText(check_title(result).replace("`", ""))

    def show_overview(self) -> None:
        """The whole project."""
        self.panel.clear_choice()
        self.panel.cards.mark(None)
        self.trail.setVisible(False)
        self.right.setCurrentWidget(self.overview)

    def show_question(self, question: Question) -> None:
        """One of the five."""
        if self.session is None:
            return
        self.panel.clear_choice()
        self.panel.cards.mark(question)
        self.question.show_question(question, self.session)
        self._go(self.question, question_word(question))

    def show_check(self, check_id: str) -> None:
        """One check."""
        result = self.session.results.get(check_id) if self.session is not None else None
        if result is None or self.session is None:
            return
        self.panel.cards.mark(None)
        self.check.show_result(result, self.session)
        self._go(self.check, f"{pillar_word(result.pillar)}  ›  {check_title(result)}".replace("`", ""))  # noqa: RUF001

    def _show_pillar(self, pillar: Pillar) -> None:
        question = _QUESTION_OF_PILLAR.get(pillar)
        if question is not None and self.session is not None:
            self.panel.cards.mark(question)
            self.question.show_question(question, self.session)
            self._go(self.question, question_word(question))

    def _show_node(self, name: str) -> None:
        if name == "artifact":
            return
        question = Question(name)
        self.show_question(question)
        self.panel.choose_pillar(question.pillar)

    def _go(self, page: QWidget, words: str) -> None:
        self.where.setText(words)
        self.trail.setVisible(True)
        self.right.setCurrentWidget(page)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self.trail)
        row.setContentsMargins(8, 8, 16, 0)
        row.setSpacing(4)
        row.addWidget(self.home)
        row.addWidget(self.where, 1)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.trail)
        column.addWidget(self.right, 1)
        side.setMinimumWidth(560)
        self.splitter.addWidget(self.panel)
        self.splitter.addWidget(side)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([440, 840])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)
