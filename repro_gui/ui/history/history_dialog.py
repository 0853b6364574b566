"""What was applied to this project, newest first, and the way back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from repro_gui.ui.notice import notice_of
from repro_gui.ui.project_session import ProjectSession
from repro_gui.ui.translate import _, shown
from repro_gui.ui.widgets.buttons import button
from repro_gui.ui.widgets.dialog_page import lay_out_page
from repro_gui.ui.widgets.labels import RichLabel, label
from repro_gui.ui.widgets.message_bar import MessageBarWidget
from repro_gui.worker.messages import Fault, HistoryEntry, Refusal, Reply

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class HistoryModel(QAbstractTableModel):
    """One row per change set: when, what, files, state."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[HistoryEntry, ...] = ()

    def show_entries(self, entries: tuple[HistoryEntry, ...]) -> None:
        """Show these instead."""
        if entries == self.entries:
            return
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (_("When"), _("What"), _("Files"), _("State"))[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(entry, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(
                [shown(entry.title), *entry.files[:20], *entry.commands[:20], shown(entry.why_not)]
            ).strip()
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._words(entry, index.column())
        return None

    def _words(self, entry: HistoryEntry, column: int) -> str:
        if column == 0:
            return local_time(entry.when)
        if column == 1:
            return shown(entry.title).replace("`", "")
        if column == 2:
            first = entry.files[0] if entry.files else ", ".join(entry.commands[:1])
            more = len(entry.files) - 1
            return f"{first} +{more}" if more > 0 else first
        if entry.undone:
            return _("undone")
        return _("applied") if entry.can_undo else _("applied, cannot be undone")


def local_time(when: str) -> str:
    """An ISO time in UTC as the person's own date and time; what cannot be read stays."""
    try:
        return dt.datetime.fromisoformat(when).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return when


class HistoryDialog(QDialog):
    """The journal of the project."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("History"))
        self.resize(820, 480)
        self._session = session
        self.bar = MessageBarWidget()
        self.model = HistoryModel(self)
        self.table = QTableView()
        self.table.setObjectName("Framed")
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().setVisible(False)
        self.table.verticalHeader().setDefaultSectionSize(36)
        self.table.setAccessibleName(_("Applied changes"))
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for column, width in ((0, 150), (2, 200), (3, 180)):
            self.table.setColumnWidth(column, width)
        copy = QShortcut(QKeySequence.StandardKey.Copy, self.table, context=Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self._copy)
        self.why_not = RichLabel(role="small")
        self.undo = button(_("Undo this"), self._undo, icon_name="undo")
        self.redo = button(_("Redo the last undone"), self._redo, icon_name="redo")
        self.close_button = button(_("Close"), self.reject)
        self._lay_out()
        self.table.selectionModel().currentChanged.connect(self._check)
        session.changed.connect(self._on_session)
        self._on_session()
        session.read_history()

    def _on_session(self) -> None:
        row = self.table.currentIndex().row()
        self.model.show_entries(self._session.history)
        self.empty.setVisible(not self.model.entries)
        self.table.setVisible(bool(self.model.entries))
        if self.model.entries:
            self.table.selectRow(max(row, 0))
        self._check()

    def _check(self) -> None:
        entry = self._current()
        self.undo.setEnabled(entry is not None and entry.can_undo and not entry.undone)
        self.redo.setEnabled(self._session.next_redo is not None)
        self.why_not.show_words(shown(entry.why_not) if entry is not None else "")

    def _current(self) -> HistoryEntry | None:
        row = self.table.currentIndex().row()
        return self.model.entries[row] if 0 <= row < len(self.model.entries) else None

    def _undo(self) -> None:
        entry = self._current()
        if entry is not None:
            self._session.undo(entry.entry).ended.connect(self._on_ended)

    def _redo(self) -> None:
        self._session.redo().ended.connect(self._on_ended)

    def _on_ended(self, end: Reply) -> None:
        if isinstance(end, Refusal | Fault):
            self.bar.show_notice(notice_of(end, topic="history"))

    def _copy(self) -> None:
        row = self.table.currentIndex().row()
        cells = [str(self.model.index(row, column).data() or "") for column in range(4)]
        QGuiApplication.clipboard().setText("\t".join(cells))

    def _lay_out(self) -> None:
        self.empty = label(
            _("Nothing was applied to this project yet. Every fix will stand here and can be undone."),
            "muted",
            wraps=True,
        )
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(12)
        inside.addWidget(self.empty)
        inside.addWidget(self.table, 1)
        inside.addStretch(0)
        inside.addWidget(self.why_not)
        words = (
            _("History of {name}").format(name=self._session.name),
            _("Kept on this machine, outside the project."),
        )
        lay_out_page(self, self.bar, words, (content,), ((self.undo, self.redo), self.close_button))
