"""One of the five questions: its answer, why it is that one, and what it rests on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QTabBar, QVBoxLayout, QWidget

from repro_gui.audit.report import AnsweredQuestion, CheckResult, Question
from repro_gui.ui.details.notes_browser import NotesBrowserWidget
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.translate import _, shown
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.cards import body_card, fill_page, head_card
from repro_gui.ui.widgets.icon_widget import IconWidget
from repro_gui.ui.widgets.labels import RichLabel, label, restyle
from repro_gui.ui.words import ANSWER_ICONS, answer_so_far, check_title, outcome_look, question_word

_MOST_CHECKS = 6


class QuestionDetailsWidget(QScrollArea):
    """The answer above, its lines and evidence below, the checks behind it as links."""

    check_chosen = Signal(str)
    place_chosen = Signal(str, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Page")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.question = Question.CODE
        self._shown: tuple[AnsweredQuestion | None, tuple[CheckResult, ...], bool] = (None, (), False)
        self.icon = IconWidget("waiting", "muted", 28)
        self.title = label(role="title", wraps=True)
        self.answer = label(role="strong")
        self.why = RichLabel()
        self.checks_title = label(_("Checks behind this answer"), "small")
        self.checks = QVBoxLayout()
        self.checks.setSpacing(0)
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName(_("Parts of the answer"))
        self.tabs.currentChanged.connect(self._on_tab)
        self._parts: list[str] = []
        self.notes = NotesBrowserWidget()
        self.notes.place_chosen.connect(self.place_chosen)
        self._lay_out()

    def show_question(self, question: Question, session: ProjectSession) -> None:
        """Show a question as it is answered now."""
        self.notes.read_with(session.read_source)
        answered = session.answers.get(question)
        behind = tuple(
            session.results[check] for check in (answered.checks if answered else ()) if check in session.results
        )
        keep = question is self.question
        state = (answered, behind, session.is_so_far)
        if keep and self._shown == state and answered is not None:
            return
        self.question = question
        self._shown = state
        self.title.setText(question_word(question))
        if answered is None:
            self.icon.show_icon("waiting", "muted")
            self.answer.setText(_("Not known yet"))
            restyle(self.answer, answer="")
            self.why.show_words(_("The audit has not come to this question."))
        else:
            role = ANSWER_ICONS[answered.answer]
            self.icon.show_icon(role, role)
            self.answer.setText(answer_so_far(answered.answer, is_so_far=session.is_so_far))
            restyle(self.answer, answer=answered.answer.value)
            self.why.show_words(shown(answered.why))
        self._show_checks(behind)
        self._show_tabs(answered, keep=keep)

    def _show_checks(self, behind: tuple[CheckResult, ...]) -> None:
        while (item := self.checks.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.checks_title.setVisible(bool(behind))
        ordered = sorted(behind, key=lambda result: (not result.is_open, result.check_id))
        for result in ordered[:_MOST_CHECKS]:
            name, role = outcome_look(result)
            words = check_title(result).replace("`", "").replace("&", "&&")
            made = button(words, kind="link", icon_name=name, icon_role=role)
            made.clicked.connect(lambda _checked=False, check=result.check_id: self.check_chosen.emit(check))
            self.checks.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)

    def _show_tabs(self, answered: AnsweredQuestion | None, *, keep: bool) -> None:
        wanted = self._parts[self.tabs.currentIndex()] if keep and self._parts else ""
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        self._parts = []
        if answered is not None:
            for part, words, notes in (
                ("details", _("In detail"), answered.details),
                ("evidence", _("Evidence"), answered.evidence),
            ):
                if notes:
                    self._parts.append(part)
                    self.tabs.addTab(f"{words}  {len(notes):,}")
        if wanted in self._parts:
            self.tabs.setCurrentIndex(self._parts.index(wanted))
        self.tabs.blockSignals(False)
        self._on_tab()

    def _on_tab(self) -> None:
        answered = self._shown[0]
        index = self.tabs.currentIndex()
        self.below.setVisible(answered is not None and 0 <= index < len(self._parts))
        if answered is None or not 0 <= index < len(self._parts):
            return
        notes = answered.details if self._parts[index] == "details" else answered.evidence
        self.notes.show_notes(notes, icon=("notice", "unknown"))

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(6)
        for part in (self.title, self.answer, self.why, self.checks_title):
            words.addWidget(part)
        words.addLayout(self.checks)
        card, under_tabs = head_card(self.icon, words, self.tabs)
        under_tabs.addSpacing(4)
        self.below = body_card(self.notes)
        fill_page(self, card, self.below).addStretch(0)
