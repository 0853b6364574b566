"""One operation: its verdict, what was measured, what it costs, what is documented, and where the project uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from repro_gui.ui.probe.probe_words import (
    CELL_LOOKS,
    DEFAULT,
    VERDICT_LOOKS,
    cell_sentence,
    cell_state,
    cell_word,
    documented_word,
    mode_order,
    mode_sentence,
    mode_word,
    price_words,
    reference_mode,
    seconds_words,
    verdict_sentence,
    verdict_word,
    why_words,
)
from repro_gui.ui.translate import _
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.icon_widget import IconWidget
from repro_gui.ui.widgets.labels import RichLabel, label, pill

if TYPE_CHECKING:
    from repro_gui.audit.report import AuditReport, Note
    from repro_gui.facts.determinism import ModeResult, ProbedCase
    from repro_gui.ui.probe.probe_model import ProbeRow
    from repro_gui.worker.messages import DocumentedNote

# The checks that know which operations the project uses; their findings name the case.
_CHECKS = ("unstable-on-this-machine", "nondeterministic-operation")
_MOST_PLACES = 30
_LONGEST_PLACE = 30


def used_at(report: AuditReport | None) -> dict[str, tuple[Note, ...]]:
    """Findings about operations, by the case of the battery; one per place."""
    found: dict[str, dict[str, Note]] = {}
    for result in report.results if report is not None else ():
        if result.check_id not in _CHECKS:
            continue
        for note in result.findings:
            case = note.values.get("case")
            if isinstance(case, str) and note.location is not None:
                found.setdefault(case, {}).setdefault(str(note.location), note)
    return {case: tuple(places.values()) for case, places in found.items()}


class OperationDetailsWidget(QScrollArea):
    """What is known of the chosen operation; built anew for each."""

    place_chosen = Signal(str, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("The chosen operation"))
        self.show_nothing()

    def show_nothing(self) -> None:
        """No operation is chosen."""
        column = self._new_column()
        column.addWidget(label(_("Choose an operation to see what was measured."), "muted", wraps=True))
        self._put(column)

    def show_operation(
        self,
        row: ProbeRow,
        documented: DocumentedNote | None,
        places: tuple[Note, ...] | None,
    ) -> None:
        """Show an operation; `places` are None where no audit has said yet what the project uses."""
        column = self._new_column()
        name = label(row.name, "heading", wraps=True, selectable=True)
        column.addWidget(name)
        column.addLayout(self._pills(row))
        if row.case is not None:
            column.addWidget(RichLabel(verdict_sentence(row.case)))
            why = why_words(row.case)
            if why:
                column.addWidget(RichLabel(why, "muted"))
        else:
            column.addWidget(label(_("The verdict comes when all modes have run."), "muted", wraps=True))
        _add_part(column, _("Measured"), self._measured(row))
        for mode in sorted(row.modes, key=mode_order):
            column.addLayout(self._mode(mode, row.modes[mode], row.modes.get(reference_mode(mode))))
        self._add_documented(column, documented)
        self._add_places(column, places)
        self._put(column)

    def _pills(self, row: ProbeRow) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(6)
        if row.case is not None:
            _icon, _role, answer = VERDICT_LOOKS[row.case.verdict]
            line.addWidget(pill(verdict_word(row.case.verdict), answer))
        for word in (row.dtype, row.device):
            line.addWidget(pill(word))
        line.addStretch(1)
        return line

    def _measured(self, row: ProbeRow) -> list[str]:
        default = row.modes.get(DEFAULT)
        if row.case is None:
            return [] if default is None else [cell_sentence(cell_state(default, default), default)]
        return _figures(row.case)

    def _mode(self, mode: str, result: ModeResult, default: ModeResult | None) -> QGridLayout:
        state = cell_state(result, default)
        icon, role = CELL_LOOKS[state]
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(IconWidget(icon, role, 18), 0, 0, Qt.AlignmentFlag.AlignTop)
        head = label(f"{mode_word(mode)}: {cell_word(state)}", "strong", wraps=True)
        head.setToolTip(mode_sentence(mode))
        grid.addWidget(head, 0, 1)
        words = cell_sentence(state, result)
        if result.seconds:
            words = " · ".join([words, _("{time} each").format(time=seconds_words(result.seconds))])
        grid.addWidget(label(words, "small", wraps=True, selectable=True), 1, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _add_documented(self, column: QVBoxLayout, note: DocumentedNote | None) -> None:
        if note is None:
            _add_part(column, _("Documented"), [_("The built-in table says nothing about it.")])
            return
        words = [
            _("torch documents: {default} by default, {strict} under the flag.").format(
                default=documented_word(note.default), strict=documented_word(note.strict)
            )
        ]
        if note.replacement:
            words.append(_("What steadies it: {replacement}.").format(replacement=note.replacement.rstrip(".")))
        if note.source:
            words.append(_("Source: {source}").format(source=note.source))
        _add_part(column, _("Documented"), words)

    def _add_places(self, column: QVBoxLayout, places: tuple[Note, ...] | None) -> None:
        if places is None:
            _add_part(column, _("In this project"), [_("The project is being audited; then its lines stand here.")])
            return
        if not places:
            _add_part(column, _("In this project"), [_("No line is known to use it in a way that can vary.")])
            return
        _add_part(column, _("In this project"), [])
        for note in places[:_MOST_PLACES]:
            place = str(note.location)
            # A button does not shorten itself; the line, at the end, matters most.
            words = place if len(place) <= _LONGEST_PLACE else f"…{place[-_LONGEST_PLACE:]}"
            made = button(words.replace("&", "&&"), kind="link", icon_name="editor")
            made.setToolTip(_("Open {place} in your editor").format(place=place))
            made.setAccessibleName(place)
            made.clicked.connect(
                lambda _checked=False, to=note: self.place_chosen.emit(to.path, max(to.line, 1), max(to.column, 1))
            )
            column.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)

    def _new_column(self) -> QVBoxLayout:
        content = QWidget()
        content.setObjectName("ScrollContent")
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        # Filled before it is shown: nothing of it then appears one by one.
        self._content = content
        return column

    def _put(self, column: QVBoxLayout) -> None:
        column.addStretch(1)
        # The old content goes with its place.
        self.setWidget(self._content)
        self._content.show()


def _figures(case: ProbedCase) -> list[str]:
    found = []
    if case.repeats:
        found.append(
            _("{distinct} different results in {repeats} repeats.").format(distinct=case.distinct, repeats=case.repeats)
            if case.distinct > 1
            else _("The same bits in {repeats} repeats.").format(repeats=case.repeats)
        )
    if case.largest_difference:
        found.append(_("Largest difference: {difference}").format(difference=f"{case.largest_difference:.2g}"))
    if case.price is not None:
        found.append(_("Price of the flag: {price} the time.").format(price=price_words(case.price)))
    return found


def _add_part(column: QVBoxLayout, title: str, sentences: list[str]) -> None:
    column.addSpacing(4)
    column.addWidget(label(title, "strong"))
    for sentence in sentences:
        column.addWidget(RichLabel(sentence))
