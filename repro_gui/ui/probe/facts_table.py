"""Facts of a machine in two columns, and what differs between two of them in four."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from repro_gui.ui.theme.icons import icon
from repro_gui.ui.translate import _, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro_gui.facts.probe_comparison import ProbeComparison

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class FactsModel(QAbstractTableModel):
    """Rows of words; an icon name and role may stand before the first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.head: tuple[str, ...] = ()
        self.rows: list[tuple[str, ...]] = []
        self.icons: list[tuple[str, str]] = []

    def show_rows(
        self, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], icons: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Show these instead."""
        self.beginResetModel()
        self.head, self.rows, self.icons = head, list(rows), list(icons)
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.head)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return self.head[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        words = self.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(words.split())
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return words
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0 and self.icons:
            return icon(*self.icons[index.row()])
        return None


class FactsTable(QTableView):
    """A plain table whose rows can be copied."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Framed")
        self.facts = FactsModel(self)
        self.setModel(self.facts)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setDefaultSectionSize(32)
        self.setAccessibleName(name)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        copy = QShortcut(QKeySequence.StandardKey.Copy, self, context=Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)

    def show_fingerprint(self, fingerprint: dict[str, Any]) -> None:
        """Show a fingerprint by name and value."""
        rows = [row for row in fingerprint_rows(fingerprint) if row[1]]
        self.facts.show_rows((_("Property"), _("Value")), rows)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.setColumnWidth(0, 260)

    def show_comparison(self, comparison: ProbeComparison) -> None:
        """Show what differs; what breaks equality stands first."""
        ordered = sorted(comparison.differences, key=lambda difference: not difference.breaks)
        self.facts.show_rows(
            (_("Property"), _("Here"), _("There"), _("What it means")),
            [(one.name, one.left, one.right, shown(one.meaning)) for one in ordered],
            [("warning", "partly") if one.breaks else ("notice", "unknown") for one in ordered],
        )
        for column, width in enumerate((190, 190, 190)):
            self.setColumnWidth(column, width)

    def copy(self) -> None:
        """Put the chosen rows on the clipboard."""
        chosen = sorted({index.row() for index in self.selectedIndexes()})
        QGuiApplication.clipboard().setText("\n".join("\t".join(self.facts.rows[row]) for row in chosen))


def fingerprint_rows(values: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """A fingerprint flattened: names joined, lists in one line."""
    for name, value in values.items():
        words = f"{before} {name.replace('_', ' ')}".strip()
        if isinstance(value, dict):
            yield from fingerprint_rows(value, words)
        elif isinstance(value, list | tuple):
            parts = [item for item in value if item not in ("", None)]
            if any(isinstance(item, dict) for item in parts):
                for number, item in enumerate(parts, 1):
                    yield from fingerprint_rows(item, f"{words} {number}")
            else:
                yield (words, ", ".join(map(str, parts)))
        elif value is not None:
            yield (words, str(value))
