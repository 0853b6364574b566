"""The parts of a probe: operations, prices, the machine, a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from repro_gui.ui.probe.facts_table import FactsTable
from repro_gui.ui.probe.heat_delegate import HeatDelegate
from repro_gui.ui.probe.legend import LegendWidget
from repro_gui.ui.probe.operation_details import OperationDetailsWidget
from repro_gui.ui.probe.price_view import PriceView
from repro_gui.ui.probe.probe_model import ProbeFilter, ProbeModel, ProbeRole
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.icons import icon
from repro_gui.ui.translate import _, counted
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.labels import RichLabel, label

if TYPE_CHECKING:
    from repro_gui.audit.report import Note
    from repro_gui.facts.probe_comparison import ProbeComparison
    from repro_gui.ui.probe.probe_model import ProbeRow
    from repro_gui.worker.messages import CaseProbed, DocumentedNote, ProbeView

_OPERATIONS, _PRICE, _MACHINE, _COMPARISON = range(4)


class ProbePagesWidget(QWidget):
    """Tabs over the same probe."""

    place_chosen = Signal(str, int, int)
    copy_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ProbeModel(self)
        self.filter = ProbeFilter(self)
        self.filter.setSourceModel(self.model)
        self.filter.sort(0)
        self._documented: dict[tuple[str, str], DocumentedNote] = {}
        self._used: dict[str, tuple[Note, ...]] | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search operations"))
        self.search.setAccessibleName(_("Search operations"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self.filter.search)
        self.search.textChanged.connect(self._count)
        self.only_varying = QCheckBox(_("Only what varies"))
        self.only_varying.toggled.connect(self.filter.keep_only_varying)
        self.only_varying.toggled.connect(self._count)
        self.shown_count = label(role="small")
        self.map = self._make_map()
        self.details = OperationDetailsWidget()
        self.details.place_chosen.connect(self.place_chosen)
        self.price = PriceView()
        self.machine = FactsTable(_("Fingerprint of the device"))
        self.comparison = FactsTable(_("What differs between the machines"))
        self.comparison_words = RichLabel()
        self.copy_button = button(_("Copy the fingerprint"), self.copy_asked.emit, icon_name="copy")
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName(_("Parts of the probe"))
        self.stack = QStackedWidget()
        self._lay_out()
        for words in (_("Operations"), _("Price"), _("Machine")):
            self.tabs.addTab(words)
        self.tabs.currentChanged.connect(self.stack.setCurrentIndex)

    # ---- showing ----

    def begin(self) -> None:
        """Empty the heat map for a probe that starts."""
        self.model.clear()
        self._documented = {}
        self.details.show_nothing()
        self._fit_columns()
        self.tabs.setCurrentIndex(_OPERATIONS)
        self._count()

    def add_case(self, part: CaseProbed) -> None:
        """Fill one cell."""
        columns = self.model.columnCount()
        self.model.add(part)
        if self.model.columnCount() != columns:
            self._fit_columns()
        self._count()
        row = self._current_row()
        if row is not None and (row.name, row.dtype, row.device) == (part.name, part.dtype, part.device):
            self._show_current()

    def show_view(self, view: ProbeView) -> None:
        """Show a whole probe; the chosen operation stays chosen."""
        chosen = self._current_row()
        self._documented = {(note.name, note.device): note for note in view.documented}
        self.model.show_probe(view.probe)
        self._fit_columns()
        self.price.prices.show_probe(view.probe)
        self.machine.show_fingerprint(view.probe.fingerprint)
        self._choose(chosen)
        self._count()

    def show_used(self, used: dict[str, tuple[Note, ...]] | None) -> None:
        """Mark what the project uses; None while no audit has said it."""
        if used == self._used:
            return
        self._used = used
        self.model.show_used(frozenset(used or ()))
        self._show_current()

    def show_comparison(self, comparison: ProbeComparison) -> None:
        """Show a comparison on a page of its own."""
        self.comparison.show_comparison(comparison)
        self.comparison_words.show_words(comparison_sentences(comparison))
        if self.tabs.count() <= _COMPARISON:
            self.tabs.addTab(_("Comparison"))
        self.tabs.setCurrentIndex(_COMPARISON)

    # ---- inside ----

    def _current_row(self) -> ProbeRow | None:
        index = self.map.currentIndex()
        return index.data(ProbeRole.CASE) if index.isValid() else None

    def _choose(self, wanted: ProbeRow | None) -> None:
        row = 0
        if wanted is not None:
            key = (wanted.name, wanted.dtype, wanted.device)
            for place in range(self.filter.rowCount()):
                one = self.filter.index(place, 0).data(ProbeRole.CASE)
                if (one.name, one.dtype, one.device) == key:
                    row = place
                    break
        if self.filter.rowCount():
            self.map.setCurrentIndex(self.filter.index(row, 0))
        self._show_current()

    def _show_current(self) -> None:
        row = self._current_row()
        if row is None:
            self.details.show_nothing()
            return
        places = None if self._used is None else self._used.get(row.name, ())
        self.details.show_operation(row, self._documented.get((row.name, row.device)), places)

    def _count(self) -> None:
        total, visible = self.model.rowCount(), self.filter.rowCount()
        words = counted("{count} operation", "{count} operations", total)
        self.shown_count.setText(
            words if visible == total else _("{visible} of {total}").format(visible=f"{visible:,}", total=words)
        )

    def _fit_columns(self) -> None:
        look = appearance()
        header = self.map.horizontalHeader()
        last = self.model.columnCount() - 1
        header.setStretchLastSection(False)
        for column in range(last + 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            width = {0: 290, 1: 196, last: 76}.get(column, 104)
            self.map.setColumnWidth(column, look.pixels(width))
        header.setSectionResizeMode(
            0, QHeaderView.ResizeMode.Stretch if last < 5 else QHeaderView.ResizeMode.Interactive
        )
        self.map.verticalHeader().setDefaultSectionSize(look.pixels(30))

    def _copy(self) -> None:
        rows = sorted({index.row() for index in self.map.selectedIndexes()})
        columns = range(self.filter.columnCount())
        lines = [
            "\t".join(
                str(self.filter.index(row, column).data(Qt.ItemDataRole.AccessibleTextRole)) for column in columns
            )
            for row in rows
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _make_map(self) -> QTableView:
        table = QTableView()
        table.setObjectName("Framed")
        table.setModel(self.filter)
        table.setItemDelegate(HeatDelegate(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setAccessibleName(_("Heat map: operations by modes"))
        table.verticalHeader().setVisible(False)
        table.verticalHeader().setMinimumSectionSize(20)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.selectionModel().currentChanged.connect(self._on_current)
        copy = QShortcut(QKeySequence.StandardKey.Copy, table, context=Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self._copy)
        appearance().changed.connect(self._fit_columns)
        return table

    def _on_current(self, now: QModelIndex, before: QModelIndex) -> None:
        if now.row() != before.row() or not before.isValid():
            self._show_current()

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(12)
        tools.addWidget(self.search, 1)
        tools.addWidget(self.only_varying)
        tools.addWidget(self.shown_count)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        column.addLayout(tools)
        column.addWidget(self.map, 1)
        column.addWidget(LegendWidget())
        right = QFrame()
        right.setObjectName("Card")
        inside = QVBoxLayout(right)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.details)
        splitter = QSplitter()
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([800, 330])
        splitter.setChildrenCollapsible(False)
        right.setMinimumWidth(300)
        price_words = _(
            "Time with `torch.use_deterministic_algorithms(True)` divided by the time without; the line stands at 1×."
        )
        pages = (
            splitter,
            _page(RichLabel(price_words, "muted"), self.price),
            _page(self.copy_button, self.machine),
            _page(self.comparison_words, self.comparison),
        )
        for page in pages:
            self.stack.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self.tabs)
        outer.addWidget(self.stack, 1)


def comparison_sentences(comparison: ProbeComparison) -> str:
    """Whether equal bits can be expected, and how many operations gave them."""
    if not comparison.differences:
        first = _("The fingerprints do not differ: equal bits can be expected.")
    elif comparison.can_agree:
        first = _("The fingerprints differ in nothing that is known to break bits; equality is likely, not promised.")
    else:
        first = _("Equal bits cannot be expected: what the warning signs mark is known to change them.")
    both = len(comparison.equal) + len(comparison.different)
    second = _("{equal} of {both} steady operations gave the same bits; {others} were not on both sides.").format(
        equal=f"{len(comparison.equal):,}", both=f"{both:,}", others=f"{comparison.uncompared:,}"
    )
    parts = [first, second]
    if comparison.different:
        names = ", ".join(comparison.different[:12])
        more = len(comparison.different) - 12
        parts.append(
            _("Other bits: {names} and {count} more").format(names=names, count=more)
            if more > 0
            else _("Other bits: {names}").format(names=names)
        )
    return " ".join(parts)


def _page(above: QWidget, below: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 4, 0, 0)
    column.setSpacing(8)
    column.addWidget(above, 0, Qt.AlignmentFlag.AlignLeft if not isinstance(above, RichLabel) else Qt.AlignmentFlag(0))
    column.addWidget(below, 1)
    return page
