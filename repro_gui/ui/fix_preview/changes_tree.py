"""The files of a preview with their single changes below them: what is ticked will be written."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from repro_gui.ui.fix_preview.diff_rows import Run, count_changes, diff_rows, runs_of
from repro_gui.ui.theme.icons import icon
from repro_gui.ui.translate import _
from repro_gui.worker.messages import PlannedFile

# So many single changes of a file are offered; beyond them the file is taken or left as a whole.
_MOST_RUNS = 200


class TickedList(QTreeView):
    """Rows to tick; `entered` when the focus comes to it."""

    entered = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Plain")
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName(name)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit()


class ChangesTree(TickedList):
    """Ticks on files and on the changes within them; `chosen` tells that they are others now."""

    chosen = Signal()
    looked_at = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Files that change"), parent)
        self.files = QStandardItemModel(self)
        self._planned: tuple[PlannedFile, ...] = ()
        self._is_ticking = False
        self.setModel(self.files)
        self.setIndentation(18)
        self.files.itemChanged.connect(self._on_ticked)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.entered.connect(lambda: self._on_current(self.currentIndex()))

    def show_files(self, planned: tuple[PlannedFile, ...]) -> None:
        """Show other files, all of them ticked."""
        self._planned = planned
        self._is_ticking = True
        self.files.clear()
        for one in planned:
            self.files.appendRow(_file_item(one))
        self._is_ticking = False
        # An arrow before every file only where some file has something below it.
        self.setRootIsDecorated(any(self.files.item(row).hasChildren() for row in range(self.files.rowCount())))
        if len(planned) == 1:
            self.expandAll()
        if planned:
            self.setCurrentIndex(self.files.index(0, 0))

    def chosen_files(self) -> list[int]:
        """The files of which something is ticked."""
        return [
            row
            for row in range(self.files.rowCount())
            if self.files.item(row).checkState() is not Qt.CheckState.Unchecked
        ]

    def chosen_hunks(self) -> dict[str, tuple[int, ...]]:
        """Of the files that are ticked in part: the numbers of the ticked changes."""
        return {
            self._planned[row].path: tuple(sorted(set(range(self.files.item(row).rowCount())) - self.left(row)))
            for row in self.chosen_files()
            if self.files.item(row).checkState() is Qt.CheckState.PartiallyChecked
        }

    def left(self, row: int) -> frozenset[int]:
        """The numbers of the changes of a file that are not ticked."""
        if not 0 <= row < self.files.rowCount():
            return frozenset()
        item = self.files.item(row)
        return frozenset(
            number for number in range(item.rowCount()) if item.child(number).checkState() is not Qt.CheckState.Checked
        )

    @property
    def current_file(self) -> int:
        """The file that is looked at; -1 for none."""
        current = self.currentIndex()
        return current.parent().row() if current.parent().isValid() else current.row()

    @property
    def is_all_chosen(self) -> bool:
        """True when everything is ticked."""
        rows = range(self.files.rowCount())
        return all(self.files.item(row).checkState() is Qt.CheckState.Checked for row in rows)

    def _on_ticked(self, item: QStandardItem) -> None:
        if self._is_ticking:
            return
        self._is_ticking = True
        above = item.parent()
        if not item.index().parent().isValid():
            for number in range(item.rowCount()):
                item.child(number).setCheckState(item.checkState())
        else:
            states = {above.child(number).checkState() for number in range(above.rowCount())}
            above.setCheckState(states.pop() if len(states) == 1 else Qt.CheckState.PartiallyChecked)
        self._is_ticking = False
        self.chosen.emit()

    def _on_current(self, current: QModelIndex) -> None:
        if not current.isValid():
            return
        above = current.parent()
        if above.isValid():
            self.looked_at.emit(above.row(), current.row())
        else:
            self.looked_at.emit(current.row(), -1)


def _file_item(planned: PlannedFile) -> QStandardItem:
    rows = diff_rows(planned.diff)
    added, removed = count_changes(rows)
    words = _("new file") if planned.is_new else _lines_words(added, removed)
    item = _ticked(planned.path, f"{planned.path}, {words}", f"{planned.path}\n{words}")
    item.setIcon(icon("new-file" if planned.is_new else "file", "muted"))
    runs = runs_of(rows)
    # What the worker counts and what is seen must be the same changes.
    if 1 < len(runs) <= _MOST_RUNS and len(runs) == planned.hunks:
        for run in runs:
            item.appendRow(_run_item(run))
    return item


def _run_item(run: Run) -> QStandardItem:
    words = _("Line {line}: {first}").format(line=run.line, first=run.first.strip())
    said = _("Line {line}, {lines}: {first}").format(
        line=run.line, lines=_lines_words(run.added, run.removed), first=run.first.strip()
    )
    return _ticked(words, said, said)


def _lines_words(added: int, removed: int) -> str:
    return _("+{added} −{removed}").format(added=added, removed=removed)


def _ticked(words: str, accessible: str, tip: str) -> QStandardItem:
    item = QStandardItem(words)
    item.setCheckable(True)
    item.setCheckState(Qt.CheckState.Checked)
    item.setEditable(False)
    item.setToolTip(tip)
    item.setAccessibleText(accessible)
    return item
