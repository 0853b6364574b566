"""An icon that stands by itself, in the colour that its role has now."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.icons import draw_icon


class IconWidget(QWidget):
    """Draws one icon; decoration only, the words beside it say the same."""

    def __init__(self, name: str, role: str = "text", size: int = 20, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._role = role
        self._size = size
        self.setFixedSize(size, size)

    def show_icon(self, name: str, role: str) -> None:
        """Show another icon."""
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_icon(painter, QRect(0, 0, self._size, self._size), self._name, getattr(appearance().colours, self._role))
