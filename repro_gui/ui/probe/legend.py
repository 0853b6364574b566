"""Words that flow over as many lines as the width asks for: what the signs mean, and how often each verdict came."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from repro_gui.ui.probe.heat_delegate import paint_field
from repro_gui.ui.probe.probe_words import VERDICT_LOOKS, VERDICT_ORDER, CellState, cell_word, verdict_word
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import text_font
from repro_gui.ui.translate import _

if TYPE_CHECKING:
    from repro_gui.facts.determinism import Determinism

_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


class FlowingWordsWidget(QWidget):
    """Draws entries from left to right, in lines; subclasses say what stands before the words of each."""

    gap = 18

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: list[tuple[str, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.fit)

    def sizeHint(self) -> QSize:
        return QSize(400, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for (key, words), place in zip(self.entries, self.places(), strict=True):
            self.paint_entry(painter, place, key, words)

    def paint_entry(self, painter: QPainter, place: QRect, key: str, words: str) -> None:
        """Draw one entry into its place."""
        raise NotImplementedError

    def places(self) -> list[QRect]:
        """Where each entry stands now."""
        look = appearance()
        metrics = QFontMetrics(self._letters())
        height = look.pixels(26)
        left = top = 0
        found = []
        for _key, words in self.entries:
            width = look.pixels(26) + 8 + metrics.horizontalAdvance(words)
            if left and left + width > self.width():
                left, top = 0, top + height
            found.append(QRect(left, top, width, height))
            left += width + self.gap
        return found

    def fit(self) -> None:
        """Take the height that the width asks for."""
        places = self.places()
        self.setFixedHeight(places[-1].bottom() + 1 if places else 0)
        self.setAccessibleName(", ".join(words for _key, words in self.entries))
        self.update()

    def _letters(self) -> QFont:
        return text_font(appearance().pixels(13), QFont.Weight.DemiBold)


class LegendWidget(FlowingWordsWidget):
    """Each sign of the heat map with its word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries = [(state.value, cell_word(state)) for state in CellState]
        self.fit()
        self.setAccessibleDescription(_("The signs of the heat map"))

    def paint_entry(self, painter: QPainter, place: QRect, key: str, words: str) -> None:
        side = appearance().pixels(26)
        paint_field(painter, QRect(place.left(), place.top() + 2, side, place.height() - 4), CellState(key), "")
        painter.setFont(text_font(appearance().pixels(13)))
        painter.setPen(QColor(appearance().colours.muted))
        painter.drawText(place.adjusted(side + 6, 0, 2, 0), _LEFT, words)


class VerdictCountsWidget(FlowingWordsWidget):
    """How often each verdict came, what should be looked at first on the left."""

    gap = 8

    def show_probe(self, probe: Determinism) -> None:
        """Count the verdicts of a probe."""
        counts = Counter(case.verdict for case in probe.cases)
        self.entries = [
            (verdict.value, f"{counts[verdict]:,}  {verdict_word(verdict)}")
            for verdict in VERDICT_ORDER
            if counts[verdict]
        ]
        self.fit()

    def paint_entry(self, painter: QPainter, place: QRect, key: str, words: str) -> None:
        colours = appearance().colours
        role = next(role for verdict, (_icon, role, _answer) in VERDICT_LOOKS.items() if verdict == key)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(colours, f"{role}_tint")))
        painter.drawRoundedRect(place.adjusted(0, 2, 0, -2), 4, 4)
        painter.setFont(self._letters())
        painter.setPen(QColor(getattr(colours, role)))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), words)
