"""One check: what, where, why it matters, how to mend it, and what the person may decide about it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from repro_gui.audit.report import CheckResult, Note, Outcome, PackageRow, is_package_note, package_rows
from repro_gui.ui.details.notes_browser import NotesBrowserWidget
from repro_gui.ui.probe.facts_table import FactsTable
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.translate import _, shown
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.cards import body_card, fill_page, head_card
from repro_gui.ui.widgets.icon_widget import IconWidget
from repro_gui.ui.widgets.labels import RichLabel, label, pill, restyle
from repro_gui.ui.widgets.prose import ProseBrowser
from repro_gui.ui.words import (
    check_title,
    effort_words,
    outcome_look,
    outcome_word,
    pillar_word,
    safety_words,
    weight_word,
)

_FINDINGS, _PACKAGES, _EVIDENCE, _UNDECIDED, _EXPLANATION = range(5)


class CheckDetailsWidget(QScrollArea):
    """Everything about the chosen check; asks its window for what it does not do itself."""

    fix_asked = Signal(object, object)
    waive_asked = Signal(object, object)
    unwaive_asked = Signal(object)
    tick_asked = Signal(object)
    wrong_asked = Signal(object, object)
    place_chosen = Signal(str, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Page")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.result: CheckResult | None = None
        self.icon = IconWidget("waiting", "muted", 28)
        self.title = RichLabel(role="title")
        self.outcome = pill("")
        self.weight = pill("")
        self.pillar = pill("")
        self.identity = label(role="small", selectable=True)
        self.summary = RichLabel(role="muted")
        self.fix = button(_("Fix…"), self._ask_fix, "primary", "fix")
        self.fix.setToolTip(_("Show what the fix would do (Ctrl+Return)"))
        self.fix_words = label(role="small", wraps=True)
        self.waive = button(_("Waive…"), self._ask_waive, icon_name="waive")
        self.tick = button(_("Tick by hand…"), self._ask_tick, icon_name="tick")
        self.wrong = button(_("This is wrong…"), self._ask_wrong, "quiet", "wrong")
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName(_("Parts of the check"))
        self.tabs.currentChanged.connect(self._on_tab)
        self._parts: list[int] = []
        self.notes = NotesBrowserWidget()
        self.notes.place_chosen.connect(self.place_chosen)
        self.explanation = ProseBrowser()
        self.body = QStackedWidget()
        self.body.addWidget(self.notes)
        self.body.addWidget(self._padded(self.explanation))
        self.packages = FactsTable(_("Packages"))
        self.packages.activated.connect(self._on_package)
        self._rows: tuple[PackageRow, ...] = ()
        self.body.addWidget(self.packages)
        self._lay_out()

    def show_result(self, result: CheckResult, session: ProjectSession) -> None:
        """Show a check; the same one keeps its tab, choice and scroll."""
        self.notes.read_with(session.read_source)
        is_same = self.result is not None and self.result.check_id == result.check_id
        if self.result is result and is_same:
            return
        self.result = result
        name, role = outcome_look(result)
        self.icon.show_icon(name, role)
        self.title.show_words(check_title(result))
        answer = {"yes": "yes", "partly": "partly", "no": "no"}.get(role, "cannot-tell")
        self.outcome.setText(outcome_word(result.outcome))
        restyle(self.outcome, answer=answer)
        self.weight.setText(weight_word(result.weight))
        self.pillar.setText(pillar_word(result.pillar))
        self.identity.setText(result.check_id)
        self.summary.show_words(self._summary(result))
        self._show_actions(result)
        self._show_packages(result)
        self._show_tabs(result, keep=is_same)
        self.explanation.show_markdown(result.explanation)

    def explain(self) -> None:
        """Show the explanation (F1)."""
        if _EXPLANATION in self._parts:
            self.tabs.setCurrentIndex(self._parts.index(_EXPLANATION))
            self.explanation.setFocus()

    def _summary(self, result: CheckResult) -> str:
        if result.why_not is not None:
            return shown(result.why_not)
        first = result.explanation.strip().split("\n\n", 1)[0].replace("\n", " ")
        return _(first).replace("**", "")

    def _show_actions(self, result: CheckResult) -> None:
        offer = result.fix
        is_open = result.outcome in {Outcome.FAILED, Outcome.COULD_NOT_RUN}
        can_fix = offer is not None and offer.can_plan and result.outcome is Outcome.FAILED
        self.fix.setVisible(can_fix)
        self.fix_words.setVisible(offer is not None and is_open)
        if offer is not None:
            title = _(offer.title).replace("`", "")
            words = f"{title} · {effort_words(offer.effort)} · {safety_words(offer.safety)}"
            self.fix_words.setText(words)
        has_keys = any(note.key for note in result.findings)
        self.waive.setVisible(has_keys and result.outcome in {Outcome.FAILED, Outcome.WAIVED})
        self.waive.setText(_("Take back the waiver") if result.outcome is Outcome.WAIVED else _("Waive…"))
        self.tick.setVisible(result.outcome in {Outcome.BY_HAND, Outcome.COULD_NOT_RUN})
        self.wrong.setVisible(result.outcome is not Outcome.NOT_APPLICABLE)

    def _show_tabs(self, result: CheckResult, *, keep: bool) -> None:
        wanted = self._parts[self.tabs.currentIndex()] if keep and self._parts else -1
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        self._parts = []
        for part, words, notes in (
            (_FINDINGS, _("Findings"), result.findings),
            (_PACKAGES, _("Packages"), self._rows),
            (_EVIDENCE, _("Evidence"), _evidence_of(result)),
            (_UNDECIDED, _("Cannot tell"), result.undecided),
        ):
            if notes:
                self._parts.append(part)
                self.tabs.addTab(f"{words}  {len(notes):,}")
        if result.explanation:
            self._parts.append(_EXPLANATION)
            self.tabs.addTab(_("Why and how"))
        if wanted in self._parts:
            self.tabs.setCurrentIndex(self._parts.index(wanted))
        self.tabs.blockSignals(False)
        self._on_tab()

    def _show_packages(self, result: CheckResult) -> None:
        self._rows = package_rows([result])
        head = (_("Package"), _("Imported as"), _("Declared"), _("Locked"), _("Installed"), _("Image"))
        icons = [("warning", "partly") if row.is_odd else ("done", "yes") for row in self._rows]
        self.packages.facts.show_rows(head, [row.cells for row in self._rows], icons)
        for column in range(len(head) - 1):
            self.packages.setColumnWidth(column, 150 if column == 0 else 118)

    def _on_package(self, index: QModelIndex) -> None:
        row = self._rows[index.row()]
        if row.path:
            self.place_chosen.emit(row.path, row.line, 1)

    def _on_tab(self) -> None:
        result = self.result
        index = self.tabs.currentIndex()
        if result is None or not 0 <= index < len(self._parts):
            self.body.setVisible(False)
            return
        self.body.setVisible(True)
        part = self._parts[index]
        self.body.setCurrentIndex({_EXPLANATION: 1, _PACKAGES: 2}.get(part, 0))
        if part == _FINDINGS:
            self.notes.show_notes(result.findings, frozenset(result.waivers), outcome_look(result))
        elif part == _EVIDENCE:
            self.notes.show_notes(_evidence_of(result), icon=("notice", "unknown"))
        elif part == _UNDECIDED:
            self.notes.show_notes(result.undecided, icon=("unknown", "unknown"))

    def _chosen_findings(self) -> tuple[Note, ...]:
        assert self.result is not None
        on_findings = self._parts and self._parts[max(self.tabs.currentIndex(), 0)] == _FINDINGS
        chosen = self.notes.chosen() if on_findings else ()
        return chosen or self.result.findings

    def _ask_fix(self) -> None:
        if self.result is not None and not self.fix.isHidden():
            chosen = self._chosen_findings()
            several = len(chosen) > 1 and len(chosen) < len(self.result.findings)
            self.fix_asked.emit(self.result, tuple(note.key for note in chosen) if several else None)

    def _ask_waive(self) -> None:
        if self.result is None:
            return
        if self.result.outcome is Outcome.WAIVED:
            self.unwaive_asked.emit(tuple(note.key for note in self.result.findings))
        else:
            self.waive_asked.emit(self.result, self._chosen_findings())

    def _ask_tick(self) -> None:
        if self.result is not None:
            self.tick_asked.emit(self.result)

    def _ask_wrong(self) -> None:
        if self.result is not None:
            on_notes = self.body.currentIndex() == 0 and not self.body.isHidden()
            self.wrong_asked.emit(self.result, self.notes.current() if on_notes else None)

    def _padded(self, inside: QWidget) -> QWidget:
        frame = QFrame()
        frame.setObjectName("Panel")
        row = QHBoxLayout(frame)
        row.setContentsMargins(20, 12, 12, 12)
        inside.setMaximumWidth(860)
        row.addWidget(inside, 1)
        row.addStretch(0)
        return frame

    def _lay_out(self) -> None:
        pills = QHBoxLayout()
        pills.setSpacing(8)
        for word in (self.outcome, self.weight, self.pillar, self.identity):
            pills.addWidget(word)
        pills.addStretch(1)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        for made in (self.fix, self.waive, self.tick):
            actions.addWidget(made)
        actions.addStretch(1)
        actions.addWidget(self.wrong)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self.title)
        words.addLayout(pills)
        words.addWidget(self.summary)
        words.addSpacing(4)
        words.addLayout(actions)
        words.addWidget(self.fix_words)
        card, _below = head_card(self.icon, words, self.tabs)
        fill_page(self, card, body_card(self.body))


def _evidence_of(result: CheckResult) -> tuple[Note, ...]:
    """Evidence that is no row of the table of packages."""
    return tuple(note for note in result.evidence if not is_package_note(note))
