"""What determinism costs: the time under the flag over the time without, as bars."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from repro_gui.ui.probe.probe_words import price_words, seconds_words
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import text_font
from repro_gui.ui.translate import _

if TYPE_CHECKING:
    from repro_gui.facts.determinism import Determinism, ProbedCase

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_CASE = Qt.ItemDataRole.UserRole
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


class PriceModel(QAbstractListModel):
    """Operations whose price was measured, the dearest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cases: tuple[ProbedCase, ...] = ()

    def show_probe(self, probe: Determinism) -> None:
        """Show the prices of a probe."""
        self.beginResetModel()
        priced = [case for case in probe.cases if case.price is not None]
        self.cases = tuple(sorted(priced, key=lambda case: (-(case.price or 0), case.name, case.dtype)))
        self.endResetModel()

    @property
    def largest(self) -> float:
        """The highest price, at least 2, so that bars of a cheap machine do not fill the width."""
        return max([2.0, *(case.price or 0 for case in self.cases)])

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.cases)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        case = self.cases[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{case.name}, {case.dtype}, {case.device}: {price_words(case.price)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            without, under = case.modes.get("default"), case.modes.get("strict")
            if without is None or under is None:
                return None
            return _("{without} without the flag, {under} under it").format(
                without=seconds_words(without.seconds), under=seconds_words(under.seconds)
            )
        return case if role == _CASE else None


class PriceDelegate(QStyledItemDelegate):
    """A name, a bar on a logarithmic scale from the line at 1×, the figure."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(300, appearance().pixels(28))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look = appearance()
        colours = look.colours
        rect: QRect = option.rect
        flags: QStyle.StateFlag = option.state
        case: ProbedCase = index.data(_CASE)
        model = index.model()
        assert isinstance(model, PriceModel)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if flags & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colours.selection))
        painter.setFont(text_font(look.pixels(14)))
        metrics = QFontMetrics(painter.font())
        names = min(look.pixels(320), rect.width() // 3)
        painter.setPen(QColor(colours.text))
        words = metrics.elidedText(f"{case.name}  {case.dtype}", Qt.TextElideMode.ElideMiddle, names - 16)
        painter.drawText(QRect(rect.left() + 12, rect.top(), names - 12, rect.height()), _LEFT, words)
        room = rect.width() - names - look.pixels(80)
        # Half of the width for what is cheaper than without the flag would be wasted: a fifth is enough.
        base = rect.left() + names + room // 5
        scale = room * 4 / 5 / math.log2(model.largest)
        length = round(scale * math.log2(max(case.price or 1, 0.05)))
        length = max(length, -(room // 5))
        bar = QRect(min(base, base + length), rect.top() + 6, max(abs(length), 2), rect.height() - 12)
        dear = (case.price or 0) >= 2
        painter.setPen(QPen(QColor(colours.partly if dear else colours.accent), 1))
        painter.setBrush(QColor(colours.partly_tint if dear else colours.selection))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(QPen(QColor(colours.strong_line), 1))
        painter.drawLine(base, rect.top(), base, rect.bottom())
        painter.setPen(QColor(colours.text))
        figure = QRect(max(bar.right(), base) + 8, rect.top(), look.pixels(72), rect.height())
        painter.drawText(figure, _LEFT, price_words(case.price))
        if flags & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.focus), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        painter.restore()


class PriceView(QListView):
    """The chart; rows are read by keyboard and screen reader."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Framed")
        self.prices = PriceModel(self)
        self.setModel(self.prices)
        self.setItemDelegate(PriceDelegate(self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Price of determinism by operation"))
        appearance().changed.connect(self.viewport().update)
