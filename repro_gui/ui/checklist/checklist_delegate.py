"""How a row of the checklist is drawn: icon, title, count."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from repro_gui.audit.report import CheckResult, Outcome, Pillar
from repro_gui.ui.checklist.checklist_model import ChecklistRole
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import text_font
from repro_gui.ui.theme.icons import draw_icon
from repro_gui.ui.translate import _, counted
from repro_gui.ui.words import PILLAR_ICONS, outcome_look

_Index = QModelIndex | QPersistentModelIndex


class ChecklistDelegate(QStyledItemDelegate):
    """Draws pillars as headings and checks as rows."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, appearance().pixels(36 if index.data(ChecklistRole.RESULT) is None else 32))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        colours = appearance().colours
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        row = rect.adjusted(0, 1, -4, -1)
        if is_selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selection if is_selected else colours.hover))
            painter.drawRoundedRect(row, 6, 6)
        if is_selected and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(colours.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(row, 6, 6)
        result = index.data(ChecklistRole.RESULT)
        if result is None:
            self._paint_pillar(painter, row, index)
        else:
            self._paint_check(painter, row, index, result)
        painter.restore()

    def _paint_pillar(self, painter: QPainter, row: QRect, index: _Index) -> None:
        look = appearance()
        pillar: Pillar = index.data(ChecklistRole.PILLAR)
        side = look.pixels(20)
        place = QRect(row.left() + 4, row.center().y() - side // 2 + 1, side, side)
        draw_icon(painter, place, PILLAR_ICONS[pillar], look.colours.muted)
        open_count = index.data(ChecklistRole.OPEN_COUNT)
        words = counted("{count} open", "{count} open", open_count) if open_count else _("nothing open")
        right = self._paint_right(painter, row, words, look.colours.muted)
        painter.setFont(text_font(look.pixels(15), QFont.Weight.DemiBold))
        painter.setPen(QColor(look.colours.text))
        self._paint_title(painter, QRect(place.right() + 9, row.top(), right - place.right() - 18, row.height()), index)

    def _paint_check(self, painter: QPainter, row: QRect, index: _Index, result: CheckResult) -> None:
        look = appearance()
        name, role = outcome_look(result)
        side = look.pixels(18)
        place = QRect(row.left() + 4, row.center().y() - side // 2 + 1, side, side)
        draw_icon(painter, place, name, getattr(look.colours, role))
        words = ""
        if result.outcome is Outcome.FAILED and len(result.findings) > 1:
            words = f"{len(result.findings):,}"
        right = self._paint_right(painter, row, words, look.colours.muted)
        painter.setFont(text_font(look.pixels(14.5)))
        is_quiet = result.outcome in {Outcome.PASSED, Outcome.NOT_APPLICABLE, Outcome.WAIVED}
        painter.setPen(QColor(look.colours.muted if is_quiet else look.colours.text))
        self._paint_title(painter, QRect(place.right() + 9, row.top(), right - place.right() - 18, row.height()), index)

    def _paint_right(self, painter: QPainter, row: QRect, words: str, colour: str) -> int:
        painter.setFont(text_font(appearance().pixels(13)))
        width = QFontMetrics(painter.font()).horizontalAdvance(words)
        right = row.right() - 8 - width
        painter.setPen(QColor(colour))
        place = QRect(right, row.top(), width + 2, row.height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        return right

    def _paint_title(self, painter: QPainter, place: QRect, index: _Index) -> None:
        words = QFontMetrics(painter.font()).elidedText(
            index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
