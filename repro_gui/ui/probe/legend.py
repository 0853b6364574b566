"""What the signs of the heat map mean."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from repro_gui.ui.probe.heat_delegate import paint_field
from repro_gui.ui.probe.probe_words import CellState, cell_word
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import text_font
from repro_gui.ui.translate import _

_GAP = 18


class LegendWidget(QWidget):
    """Each sign with its word, in as many lines as the width asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Signs: {signs}").format(signs=", ".join(cell_word(state) for state in CellState)))
        appearance().changed.connect(self._fit)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(400, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for state, place in self._places():
            side = appearance().pixels(26)
            paint_field(painter, QRect(place.left(), place.top() + 2, side, place.height() - 4), state, "")
            painter.setFont(text_font(appearance().pixels(13)))
            painter.setPen(QColor(appearance().colours.muted))
            words = place.adjusted(side + 6, 0, 2, 0)
            painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), cell_word(state))

    def _places(self) -> list[tuple[CellState, QRect]]:
        look = appearance()
        metrics = QFontMetrics(text_font(look.pixels(13)))
        height = look.pixels(26)
        left = top = 0
        found = []
        for state in CellState:
            width = look.pixels(26) + 8 + metrics.horizontalAdvance(cell_word(state))
            if left and left + width > self.width():
                left, top = 0, top + height
            found.append((state, QRect(left, top, width, height)))
            left += width + _GAP
        return found

    def _fit(self) -> None:
        self.setFixedHeight(self._places()[-1][1].bottom() + 1)
        self.update()
