"""The checks of an audit as a tree by pillar; a new audit changes rows in place, so that selection and scroll stay."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from repro_gui.audit.report import CheckResult, Outcome, Pillar
from repro_gui.ui.translate import _, counted
from repro_gui.ui.words import check_title, outcome_word, pillar_word, weight_word, without_backticks

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_PILLARS = tuple(Pillar)


class ChecklistRole(IntEnum):
    """What a row knows besides its words."""

    RESULT = Qt.ItemDataRole.UserRole + 1
    PILLAR = Qt.ItemDataRole.UserRole + 2
    OPEN_COUNT = Qt.ItemDataRole.UserRole + 3
    CHECK_COUNT = Qt.ItemDataRole.UserRole + 4


class ChecklistModel(QAbstractItemModel):
    """Six pillars; below each its checks. The internal id of a check's index is 1 + the row of its pillar."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[list[CheckResult]] = [[] for _pillar in _PILLARS]

    def show_results(self, results: dict[str, CheckResult]) -> None:
        """Show these results instead; rows of checks that stay keep their place."""
        for pillar_row, pillar in enumerate(_PILLARS):
            wanted = sorted((r for r in results.values() if r.pillar is pillar), key=lambda r: r.check_id)
            self._change_pillar(pillar_row, wanted)

    def index_of(self, check_id: str) -> QModelIndex:
        """Where a check stands; invalid when it is not there."""
        for pillar_row, rows in enumerate(self._rows):
            for row, result in enumerate(rows):
                if result.check_id == check_id:
                    return self.createIndex(row, 0, pillar_row + 1)
        return QModelIndex()

    def index_of_pillar(self, pillar: Pillar) -> QModelIndex:
        """Where a pillar stands."""
        return self.index(_PILLARS.index(pillar), 0)

    def index(self, row: int, column: int, parent: _Index = _ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, child: _Index = _ROOT) -> QModelIndex:  # type: ignore[override]
        if not child.isValid() or child.internalId() == 0:
            return QModelIndex()
        return self.createIndex(child.internalId() - 1, 0, 0)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        if not parent.isValid():
            return len(_PILLARS)
        return len(self._rows[parent.row()]) if parent.internalId() == 0 and parent.column() == 0 else 0

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if index.internalId() == 0:
            return self._pillar_data(index.row(), role)
        result = self._rows[index.internalId() - 1][index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return without_backticks(check_title(result))
            case Qt.ItemDataRole.ToolTipRole:
                return f"{without_backticks(check_title(result))}\n{_state_words(result)}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{without_backticks(check_title(result))}. {_state_words(result)}"
            case ChecklistRole.RESULT:
                return result
            case ChecklistRole.PILLAR:
                return result.pillar
            case ChecklistRole.OPEN_COUNT:
                return int(result.is_open)
            case _:
                return None

    def _pillar_data(self, row: int, role: int) -> Any:
        rows = self._rows[row]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return pillar_word(_PILLARS[row])
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                count = sum(result.is_open for result in rows)
                return f"{pillar_word(_PILLARS[row])}: {counted('{count} open', '{count} open', count)}"
            case ChecklistRole.PILLAR:
                return _PILLARS[row]
            case ChecklistRole.OPEN_COUNT:
                return sum(result.is_open for result in rows)
            case ChecklistRole.CHECK_COUNT:
                return len(rows)
            case _:
                return None

    def _change_pillar(self, pillar_row: int, wanted: list[CheckResult]) -> None:
        rows = self._rows[pillar_row]
        parent = self.createIndex(pillar_row, 0, 0)
        is_changed = False
        wanted_ids = {result.check_id for result in wanted}
        for row in range(len(rows) - 1, -1, -1):
            if rows[row].check_id not in wanted_ids:
                self.beginRemoveRows(parent, row, row)
                del rows[row]
                self.endRemoveRows()
                is_changed = True
        for row, result in enumerate(wanted):
            if row < len(rows) and rows[row].check_id == result.check_id:
                if rows[row] != result:
                    rows[row] = result
                    here = self.createIndex(row, 0, pillar_row + 1)
                    self.dataChanged.emit(here, here)
                    is_changed = True
                continue
            self.beginInsertRows(parent, row, row)
            rows.insert(row, result)
            self.endInsertRows()
            is_changed = True
        if is_changed:
            self.dataChanged.emit(parent, parent)


def _state_words(result: CheckResult) -> str:
    words = [outcome_word(result.outcome), weight_word(result.weight)]
    if result.outcome in {Outcome.FAILED, Outcome.WAIVED}:
        words.append(counted("{count} finding", "{count} findings", len(result.findings)))
    if result.fix is not None and result.outcome is Outcome.FAILED:
        words.append(_("has a fix") if result.fix.can_plan else _("has steps to follow"))
    return " · ".join(words)
