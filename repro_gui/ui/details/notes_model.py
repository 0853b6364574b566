"""Findings or evidence as a list; ten thousand of them stay smooth because all rows are equally high."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from repro_gui.audit.report import Note
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import code_font, text_font
from repro_gui.ui.theme.icons import draw_icon
from repro_gui.ui.translate import _
from repro_gui.ui.words import note_text, place_text, without_backticks

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class NoteRole(IntEnum):
    """What a row knows besides its words."""

    NOTE = Qt.ItemDataRole.UserRole + 1
    IS_WAIVED = Qt.ItemDataRole.UserRole + 2


class NotesModel(QAbstractListModel):
    """Notes in the order of the report."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.notes: tuple[Note, ...] = ()
        self.waived: frozenset[str] = frozenset()
        self.icon = ("notice", "muted")

    def show_notes(self, notes: tuple[Note, ...], waived: frozenset[str], icon: tuple[str, str]) -> None:
        """Show these instead; rows are told to have changed, not to be gone, when they are the same ones."""
        if notes == self.notes and waived == self.waived and icon == self.icon:
            return
        keys = [note.key or note.message for note in notes]
        if keys == [note.key or note.message for note in self.notes]:
            self.notes, self.waived, self.icon = notes, waived, icon
            if notes:
                self.dataChanged.emit(self.index(0), self.index(len(notes) - 1))
            return
        self.beginResetModel()
        self.notes, self.waived, self.icon = notes, waived, icon
        self.endResetModel()

    def row_of(self, key: str) -> int:
        """The row of a finding; -1 when it is not there."""
        return next((row for row, note in enumerate(self.notes) if (note.key or note.message) == key), -1)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.notes)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        note = self.notes[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return without_backticks(note_text(note))
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                state = _("Waived. ") if note.key in self.waived else ""
                return f"{state}{without_backticks(note_text(note))}\n{place_text(note)}".strip()
            case NoteRole.NOTE:
                return note
            case NoteRole.IS_WAIVED:
                return bool(note.key) and note.key in self.waived
            case _:
                return None


class NoteDelegate(QStyledItemDelegate):
    """Two lines: what, and where."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, appearance().pixels(50))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look = appearance()
        colours = look.colours
        note: Note = index.data(NoteRole.NOTE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = option.rect.adjusted(4, 1, -4, -1)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selection if is_selected else colours.hover))
            painter.drawRoundedRect(row, 6, 6)
        if is_selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(colours.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(row, 6, 6)
        name, role = ("waived", "unknown") if index.data(NoteRole.IS_WAIVED) else self._icon(index)
        side = look.pixels(18)
        place = place_text(note)
        top = row.top() + 7 if place else row.center().y() - side // 2 + 1
        draw_icon(painter, QRect(row.left() + 8, top, side, side), name, getattr(colours, role))
        left = row.left() + side + 18
        width = row.right() - left - 8
        half = row.height() // 2
        painter.setFont(text_font(look.pixels(15)))
        painter.setPen(QColor(colours.text))
        words = QFontMetrics(painter.font()).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, width)
        upper = QRect(left, row.top() + 2, width, half) if place else QRect(left, row.top(), width, row.height())
        painter.drawText(upper, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        if place:
            painter.setFont(code_font(look.pixels(12)))
            painter.setPen(QColor(colours.muted))
            shown = QFontMetrics(painter.font()).elidedText(place, Qt.TextElideMode.ElideMiddle, width)
            lower = QRect(left, row.top() + half, width, half - 2)
            painter.drawText(lower, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        painter.restore()

    def _icon(self, index: _Index) -> tuple[str, str]:
        model = index.model()
        return model.icon if isinstance(model, NotesModel) else ("notice", "muted")
