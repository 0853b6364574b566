"""How the cells of the heat map are drawn: a tinted field with a sign, so that colour is never alone."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from repro_gui.ui.probe.probe_model import ProbeRole, ProbeRow
from repro_gui.ui.probe.probe_words import CELL_LOOKS, VERDICT_LOOKS, CellState
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import text_font
from repro_gui.ui.theme.icons import draw_icon

_Index = QModelIndex | QPersistentModelIndex
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)


class HeatDelegate(QStyledItemDelegate):
    """Draws names, verdicts, fields and prices."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(appearance().pixels(96), appearance().pixels(30))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        colours = appearance().colours
        rect: QRect = option.rect
        flags: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if flags & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colours.selection))
        row: ProbeRow = index.data(ProbeRole.CASE)
        state = index.data(ProbeRole.STATE)
        if state is not None:
            paint_field(painter, rect.adjusted(2, 2, -2, -2), CellState(state), index.data())
        elif index.column() == 0:
            self._paint_name(painter, rect, row, is_used=bool(index.data(ProbeRole.USED)))
        elif index.column() == 1:
            self._paint_verdict(painter, rect, row, index.data())
        else:
            painter.setFont(text_font(appearance().pixels(14)))
            painter.setPen(QColor(colours.text if index.data() not in {"", "–"} else colours.muted))
            painter.drawText(rect.adjusted(4, 0, -10, 0), _RIGHT, index.data())
        if flags & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        painter.restore()

    def _paint_name(self, painter: QPainter, rect: QRect, row: ProbeRow, *, is_used: bool) -> None:
        look = appearance()
        if is_used:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.colours.accent))
            painter.drawEllipse(QRect(rect.left() + 7, rect.center().y() - 2, 7, 7))
        right = rect.right() - 8
        painter.setFont(text_font(look.pixels(13)))
        width = QFontMetrics(painter.font()).horizontalAdvance(row.dtype)
        place = QRect(right - width - 1, rect.top(), width + 2, rect.height())
        painter.setPen(QColor(look.colours.muted))
        painter.drawText(place, _LEFT, row.dtype)
        painter.setFont(text_font(look.pixels(14.5), QFont.Weight.DemiBold if is_used else QFont.Weight.Normal))
        painter.setPen(QColor(look.colours.text))
        words = QRect(rect.left() + 20, rect.top(), place.left() - rect.left() - 28, rect.height())
        shown = QFontMetrics(painter.font()).elidedText(row.name, Qt.TextElideMode.ElideMiddle, words.width())
        painter.drawText(words, _LEFT, shown)

    def _paint_verdict(self, painter: QPainter, rect: QRect, row: ProbeRow, words: str) -> None:
        look = appearance()
        if row.case is None:
            return
        name, role, _answer = VERDICT_LOOKS[row.case.verdict]
        side = look.pixels(17)
        draw_icon(
            painter,
            QRect(rect.left() + 4, rect.center().y() - side // 2 + 1, side, side),
            name,
            getattr(look.colours, role),
        )
        painter.setFont(text_font(look.pixels(14)))
        painter.setPen(QColor(look.colours.text))
        place = rect.adjusted(side + 12, 0, -4, 0)
        shown = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, _LEFT, shown)


def paint_field(painter: QPainter, field: QRect, state: CellState, words: str) -> None:
    """Draw one field of the heat map: ground, sign, and figures where there are any."""
    look = appearance()
    name, role = CELL_LOOKS[state]
    colour = QColor(getattr(look.colours, role))
    if state is CellState.NOT_TRIED:
        painter.setFont(text_font(look.pixels(13)))
        painter.setPen(colour)
        painter.drawText(field, int(Qt.AlignmentFlag.AlignCenter), "–")
        return
    ground = QColor(getattr(look.colours, f"{role}_tint", look.colours.surface))
    edge = QColor(colour)
    # Without a tint (high contrast) the edge alone has to show the field.
    edge.setAlphaF(1.0 if ground == QColor(look.colours.surface) else 0.35)
    painter.setBrush(ground)
    painter.setPen(QPen(edge, 1) if state is not CellState.WAITING else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(field, 4, 4)
    side = look.pixels(16)
    painter.setFont(text_font(look.pixels(13), QFont.Weight.DemiBold))
    width = QFontMetrics(painter.font()).horizontalAdvance(words) + 5 if words else 0
    left = field.center().x() - (side + width) // 2 + 1
    draw_icon(painter, QRect(left, field.center().y() - side // 2 + 1, side, side), name, colour.name())
    if words:
        painter.setPen(colour)
        painter.drawText(QRect(left + side + 5, field.top(), width, field.height()), _LEFT, words)
