"""A list of notes with the code around the chosen one below it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from repro_gui.audit.report import Note
from repro_gui.ui.details.code_view import CodeViewWidget, framed
from repro_gui.ui.details.notes_model import NoteDelegate, NoteRole, NotesModel
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import text_font
from repro_gui.ui.translate import _, counted
from repro_gui.ui.widgets.buttons import ElidedLink, tool_button
from repro_gui.ui.widgets.labels import ElidedLabel, RichLabel, label
from repro_gui.ui.words import note_text, place_text
from repro_gui.ui.worker_client import WorkerRequest
from repro_gui.worker.messages import Reply, Source

ReadSource = Callable[[str, int], WorkerRequest]

_MOST_STEPS = 4
# So many rows are shown whole; more of them share the place with the code.
_FEW = 3
_LINES_AROUND = 3
_LEAST_HEIGHT = 100
# Somebody who walks through the list does not wait at each row.
_ASK_MILLISECONDS = 120


class NotesView(QListView):
    """Rows of equal height; Enter and double click open the place."""

    place_opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Plain")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setItemDelegate(NoteDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Findings and evidence"))
        self.activated.connect(lambda _index: self.place_opened.emit())
        copy = QShortcut(QKeySequence.StandardKey.Copy, self, context=Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)

    def sizeHint(self) -> QSize:
        # As little as can be worked with: where there is more room it is shared by need.
        return QSize(256, 2 * max(self.sizeHintForRow(0), 1) + 4)

    def copy(self) -> None:
        """Put the chosen rows on the clipboard, a line each: what, then where."""
        rows = sorted(self.selectedIndexes(), key=lambda index: index.row())
        notes = [index.data(NoteRole.NOTE) for index in rows]
        lines = [f"{note_text(note)}\t{place_text(note)}".strip() for note in notes]
        QGuiApplication.clipboard().setText("\n".join(lines))


class NotesBrowserWidget(QWidget):
    """Notes above, code below; `place_chosen` asks for the editor."""

    place_chosen = Signal(str, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_sized_by_hand = False
        self._read_source: ReadSource | None = None
        self._ask_soon = QTimer(self)
        self._ask_soon.setSingleShot(True)
        self._ask_soon.setInterval(_ASK_MILLISECONDS)
        self._ask_soon.timeout.connect(self._ask_for_code)
        self.model = NotesModel(self)
        self.view = NotesView()
        self.view.setModel(self.model)
        self.view.selectionModel().currentChanged.connect(self._on_current)
        self.view.place_opened.connect(self._open_place)
        self.code = CodeViewWidget()
        self.code_frame = framed(self.code)
        self.code.line_chosen.connect(self._open_line)
        self.message = RichLabel(role="strong")
        self.place = ElidedLabel(role="small", mode=Qt.TextElideMode.ElideMiddle)
        self.copy_place = tool_button(_("Copy path and line"), "copy", self._copy_place)
        self.open_place = tool_button(_("Open in your editor (Enter)"), "editor", self._open_place)
        self.steps = QVBoxLayout()
        self.steps.setSpacing(2)
        self.steps_title = label(_("The way to it"), "small")
        self.below = self._lay_out_below()
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.view)
        self.splitter.addWidget(self.below)
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.splitterMoved.connect(self._on_moved)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.splitter)
        self._show(None)

    def show_notes(
        self, notes: tuple[Note, ...], waived: frozenset[str] = frozenset(), icon: tuple[str, str] = ("no", "no")
    ) -> None:
        """Show these; the chosen one and the scroll stay where they can."""
        current = self.current()
        kept = (current.key or current.message) if current else ""
        scroll = self.view.verticalScrollBar().value()
        self.model.show_notes(notes, waived, icon)
        row = self.model.row_of(kept) if kept else -1
        if notes:
            self._choose_row(max(row, 0))
            self.view.verticalScrollBar().setValue(scroll if row >= 0 else 0)
        self._show(self.current())
        row_height = max(self.view.sizeHintForRow(0), 1)
        few = len(notes) <= _FEW
        self.view.setMinimumHeight(min(len(notes), 2) * row_height + 4)
        self.view.setMaximumHeight(len(notes) * row_height + 4 if few and self.below.isVisibleTo(self) else 16_777_215)
        self._share_height()

    def read_with(self, read_source: ReadSource) -> None:
        """Ask this for the text of files whose notes bring no code."""
        self._read_source = read_source

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def _share_height(self) -> None:
        """As many rows as there are, up to half of the height; where the person put the border it stays."""
        height = self.splitter.height()
        if self._is_sized_by_hand or height < _LEAST_HEIGHT:
            return
        rows = self.model.rowCount() * max(self.view.sizeHintForRow(0), 1) + 4
        wanted = min(rows, height // 2)
        self.splitter.setSizes([wanted, height - wanted])

    def _on_moved(self) -> None:
        self._is_sized_by_hand = True

    def current(self) -> Note | None:
        """The chosen note."""
        note = self.view.currentIndex().data(NoteRole.NOTE)
        return note if isinstance(note, Note) else None

    def chosen(self) -> tuple[Note, ...]:
        """All chosen notes."""
        rows = sorted(index.row() for index in self.view.selectedIndexes())
        return tuple(self.model.notes[row] for row in rows)

    def _choose_row(self, row: int) -> None:
        flag = QItemSelectionModel.SelectionFlag
        index = self.model.index(row)
        if self.view.currentIndex() != index:
            self.view.selectionModel().setCurrentIndex(index, flag.ClearAndSelect)

    def _on_current(self, current: QModelIndex) -> None:
        note = current.data(NoteRole.NOTE)
        self._show(note if isinstance(note, Note) else None)

    def _show(self, note: Note | None) -> None:
        self._ask_soon.stop()
        words = note_text(note) if note is not None else ""
        # The row above says it already, unless it had to be cut there.
        is_cut = QFontMetrics(text_font(appearance().pixels(15))).horizontalAdvance(words) > self.width() - 80
        self.below.setVisible(note is not None and (is_cut or bool(note.path or note.places)))
        if note is None:
            return
        self.message.show_words(words)
        self.message.setVisible(is_cut)
        where = place_text(note)
        self.place.setText(where or _("The whole project"))
        self.copy_place.setVisible(bool(where))
        self.open_place.setVisible(bool(where))
        has_code = bool(note.code)
        self.code_frame.setVisible(has_code)
        if has_code:
            self._show_code(note, note.code, max(note.code_start, 1))
        elif note.path and note.line and self._read_source is not None:
            self._ask_soon.start()
        self._show_steps(note)

    def _show_code(self, note: Note, code: str, start: int) -> None:
        name = "cell.py" if note.cell >= 0 else note.path
        self.code_frame.setVisible(True)
        self.code.show_code(code, name, start, (note.line, note.column, note.end_line, note.end_column))
        self.code_frame.setMaximumHeight(max(self.code.preferred_height() + 20, 64))

    def _ask_for_code(self) -> None:
        note = self.current()
        if note is not None and self._read_source is not None:
            # An answer that comes when another note is chosen is not shown; stopping it would cost more.
            self._read_source(note.path, note.cell).ended.connect(lambda end: self._on_source(note, end))

    def _on_source(self, note: Note, end: Reply) -> None:
        # A file that is gone or changed meanwhile is no news here: the next audit says so.
        if not isinstance(end, Source) or self.current() != note:
            return
        lines = end.content.split("\n")
        if note.line > len(lines):
            return
        start = max(note.line - _LINES_AROUND, 1)
        self._show_code(note, "\n".join(lines[start - 1 : note.line + _LINES_AROUND]), start)

    def _show_steps(self, note: Note) -> None:
        while (item := self.steps.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.steps_title.setVisible(bool(note.places))
        for step in note.places[:_MOST_STEPS]:
            words = f"{note_text(step).replace('`', '')}  {place_text(step)}".strip()
            made = ElidedLink(words, "collapse")
            made.clicked.connect(lambda _checked=False, to=step: self.place_chosen.emit(to.path, to.line, to.column))
            made.setEnabled(bool(step.path))
            self.steps.addWidget(made)
        more = len(note.places) - _MOST_STEPS
        if more > 0:
            self.steps.addWidget(label(counted("and {count} more place", "and {count} more places", more), "small"))

    def _open_place(self) -> None:
        note = self.current()
        if note is not None and note.path:
            self.place_chosen.emit(note.path, note.line, note.column)

    def _open_line(self, line: int) -> None:
        note = self.current()
        if note is not None and note.path:
            self.place_chosen.emit(note.path, line, 1)

    def _copy_place(self) -> None:
        note = self.current()
        if note is not None:
            QGuiApplication.clipboard().setText(place_text(note))

    def _lay_out_below(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("Panel")
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.place, 1)
        head.addWidget(self.copy_place)
        head.addWidget(self.open_place)
        column = QVBoxLayout(frame)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        column.addWidget(self.message)
        column.addLayout(head)
        column.addWidget(self.code_frame, 1)
        column.addWidget(self.steps_title)
        column.addLayout(self.steps)
        column.addStretch(0)
        return frame
