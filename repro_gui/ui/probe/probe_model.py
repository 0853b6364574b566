"""The cells of the heat map: operations by modes, filled one by one while the probe runs."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from repro_gui.ui.probe.probe_words import (
    COLD,
    DEFAULT,
    STRICT,
    VERDICT_ORDER,
    CellState,
    cell_sentence,
    cell_state,
    cell_word,
    mode_order,
    mode_sentence,
    mode_word,
    price_words,
    reference_mode,
    verdict_word,
)
from repro_gui.ui.translate import _

if TYPE_CHECKING:
    from repro_gui.facts.determinism import Determinism, ModeResult, ProbedCase
    from repro_gui.worker.messages import CaseProbed

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_CONTROL = "control."
_OTHER_KERNELS = frozenset({STRICT, "warn", COLD})


class ProbeRole(IntEnum):
    """What the delegate and the filter ask for."""

    STATE = Qt.ItemDataRole.UserRole
    CASE = Qt.ItemDataRole.UserRole + 1
    VARIES = Qt.ItemDataRole.UserRole + 2
    ORDER = Qt.ItemDataRole.UserRole + 3
    USED = Qt.ItemDataRole.UserRole + 4


class ProbeRow:
    """One operation: its results by mode, and its verdict once the probe has ended."""

    def __init__(self, name: str, dtype: str, device: str) -> None:
        self.name, self.dtype, self.device = name, dtype, device
        self.modes: dict[str, ModeResult] = {}
        self.case: ProbedCase | None = None

    @property
    def varies(self) -> bool:
        """Whether repeats differed, or another process, thread count or setting gave other bits than the default.

        Other bits under the flag, or of compiled code, are no variation: another kernel runs, always the same one.
        """
        states = {(mode, self.state_in(mode)) for mode in self.modes}
        return any(
            state is CellState.VARIED or (state is CellState.OTHER_BITS and mode not in _OTHER_KERNELS)
            for mode, state in states
        )

    def state_in(self, mode: str) -> CellState:
        """What the cell of a mode shows; a mode that has no such case is not one that waits."""
        result = self.modes.get(mode)
        if result is None and self.case is not None:
            return CellState.NOT_TRIED
        return cell_state(result, self.modes.get(reference_mode(mode)))


class ProbeModel(QAbstractTableModel):
    """Operation, verdict, one column per mode, price."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ProbeRow] = []
        self.modes: list[str] = [DEFAULT, STRICT]
        self._places: dict[tuple[str, str, str], int] = {}
        self._used: frozenset[str] = frozenset()

    # ---- filling ----

    def clear(self) -> None:
        """Before another probe."""
        self.beginResetModel()
        self.rows, self.modes, self._places = [], [DEFAULT, STRICT], {}
        self.endResetModel()

    def show_probe(self, probe: Determinism) -> None:
        """Show a whole probe."""
        self.beginResetModel()
        self.rows, self._places = [], {}
        modes: dict[str, None] = {DEFAULT: None, STRICT: None}
        for case in probe.cases:
            row = ProbeRow(case.name, case.dtype, case.device)
            row.modes, row.case = dict(case.modes), case
            self._places[case.name, case.dtype, case.device] = len(self.rows)
            self.rows.append(row)
            modes.update(dict.fromkeys(case.modes))
        self.modes = sorted(modes, key=mode_order)
        self.endResetModel()

    def add(self, part: CaseProbed) -> None:
        """Fill one cell; a new operation makes a row, a new mode a column. Controls have none."""
        if part.name.startswith(_CONTROL):
            return
        if part.mode not in self.modes:
            column = self._first_mode + len(self.modes)
            self.beginInsertColumns(_ROOT, column, column)
            self.modes.append(part.mode)
            self.endInsertColumns()
        key = (part.name, part.dtype, part.device)
        place = self._places.get(key)
        if place is None:
            place = len(self.rows)
            self.beginInsertRows(_ROOT, place, place)
            row = ProbeRow(*key)
            row.modes[part.mode] = part.result
            self.rows.append(row)
            self._places[key] = place
            self.endInsertRows()
            return
        self.rows[place].modes[part.mode] = part.result
        # A new default can change what its neighbours mean.
        self.dataChanged.emit(self.index(place, 0), self.index(place, self.columnCount() - 1))

    def show_used(self, names: frozenset[str]) -> None:
        """Mark the operations that the project uses."""
        if names != self._used:
            self._used = names
            if self.rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, 0))

    # ---- Qt ----

    @property
    def _first_mode(self) -> int:
        return 2

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._first_mode + len(self.modes) + 1

    def mode_at(self, column: int) -> str:
        """The mode of a column; empty for the others."""
        place = column - self._first_mode
        return self.modes[place] if 0 <= place < len(self.modes) else ""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        mode = self.mode_at(section)
        if role == Qt.ItemDataRole.DisplayRole:
            if mode:
                return mode_word(mode)
            return {0: _("Operation"), 1: _("Verdict")}.get(section, _("Price"))
        if role == Qt.ItemDataRole.ToolTipRole:
            if mode:
                return mode_sentence(mode)
            return {
                0: _("The case of the battery and its type; a dot marks what this project uses"),
                1: _("What all modes together say"),
            }.get(section, _("The time under the flag divided by the time without"))
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        mode = self.mode_at(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._words(row, index.column(), mode)
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                return self._sentence(row, index.column(), mode)
            case ProbeRole.STATE:
                return row.state_in(mode) if mode else None
            case ProbeRole.CASE:
                return row
            case ProbeRole.VARIES:
                return row.varies
            case ProbeRole.USED:
                return row.name in self._used
            case ProbeRole.ORDER:
                order = len(VERDICT_ORDER) if row.case is None else VERDICT_ORDER.index(row.case.verdict)
                return (order, row.name not in self._used, index.row())
        return None

    def _words(self, row: ProbeRow, column: int, mode: str) -> str:
        if mode:
            result = row.modes.get(mode)
            state = row.state_in(mode)
            if state is CellState.VARIED and result is not None:
                return _("{distinct} of {repeats}").format(distinct=result.distinct, repeats=result.repeats)
            return ""
        if column == 0:
            return f"{row.name}  {row.dtype}"
        if column == 1:
            return "" if row.case is None else verdict_word(row.case.verdict)
        return "" if row.case is None else price_words(row.case.price)

    def _sentence(self, row: ProbeRow, column: int, mode: str) -> str:
        if mode:
            result = row.modes.get(mode)
            state = row.state_in(mode)
            return f"{row.name}, {mode_word(mode)}: {cell_word(state)}, {cell_sentence(state, result)}"
        if column == 0:
            words = f"{row.name}, {row.dtype}, {row.device}"
            return ", ".join([words, _("used by this project")]) if row.name in self._used else words
        return self._words(row, column, mode)


class ProbeFilter(QSortFilterProxyModel):
    """What was typed, only what varies, and what should be looked at first on top."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = ""
        self._only_varying = False
        self.setSortRole(ProbeRole.ORDER)
        self.setDynamicSortFilter(True)

    def search(self, wanted: str) -> None:
        """Show operations whose name, type or device has all of these words."""
        self.beginFilterChange()
        self._wanted = wanted.lower()
        self.endFilterChange()

    def keep_only_varying(self, only: bool) -> None:
        """Hide what came out the same everywhere."""
        self.beginFilterChange()
        self._only_varying = only
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, parent: _Index) -> bool:
        model = self.sourceModel()
        assert isinstance(model, ProbeModel)
        shown = model.rows[row]
        if self._only_varying and not shown.varies:
            return False
        return all(word in f"{shown.name} {shown.dtype} {shown.device}".lower() for word in self._wanted.split())

    def lessThan(self, left: _Index, right: _Index) -> bool:
        return bool(left.data(ProbeRole.ORDER) < right.data(ProbeRole.ORDER))
