"""Buttons by kind, with their accessible names and tool tips that name the shortcut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton

from repro_gui.ui.theme.icons import icon

if TYPE_CHECKING:
    from collections.abc import Callable


def button(
    words: str, run: Callable[[], object] | None = None, kind: str = "", icon_name: str = "", icon_role: str = ""
) -> QPushButton:
    """A push button; kinds are `primary`, `quiet`, `step` and `link`."""
    made = QPushButton(words)
    _dress(made, kind, icon_name, icon_role)
    if run is not None:
        made.clicked.connect(lambda: run())  # noqa: PLW0108 -- the signal would hand over its flag
    return made


def _dress(made: QPushButton, kind: str, icon_name: str, icon_role: str = "") -> None:
    """Give a button what its kind has: look, icon and cursor."""
    made.setAutoDefault(False)
    if kind:
        made.setProperty("kind", kind)
    if icon_name:
        made.setIcon(icon(icon_name, icon_role or {"primary": "on_accent", "link": "accent"}.get(kind, "text")))
        made.setIconSize(QSize(18, 18))
    if kind == "link":
        made.setCursor(Qt.CursorShape.PointingHandCursor)


class ElidedLink(QPushButton):
    """A link whose words are cut with … in the middle where the place ends; the whole is its tool tip and accessible name."""

    def __init__(self, words: str, icon_name: str) -> None:
        super().__init__(words)
        self.words = words
        _dress(self, "link", icon_name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words)

    def sizeHint(self) -> QSize:
        # Widths of letters are fractions: so that what fits is not cut.
        return QSize(self._around() + self._width(self.words) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(120, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - self._around()
        shown = self.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideMiddle, room)
        self.setText(shown.replace("&", "&&"))
        self.setToolTip("" if shown == self.words else self.words)

    def _around(self) -> int:
        """The width of everything but the words."""
        self.ensurePolished()
        return super().sizeHint().width() - self._width(self.text().replace("&&", "&"))

    def _width(self, words: str) -> int:
        return QFontMetrics(self.font()).horizontalAdvance(words)


def tool_button(words: str, icon_name: str, run: Callable[[], object] | None = None) -> QToolButton:
    """A small button that shows only its icon; the words are its tool tip and accessible name."""
    made = QToolButton()
    made.setIcon(icon(icon_name))
    made.setIconSize(QSize(18, 18))
    made.setToolTip(words)
    made.setAccessibleName(words)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if run is not None:
        made.clicked.connect(lambda: run())  # noqa: PLW0108 -- the signal would hand over its flag
    return made


def name_shortcut(action: QAction) -> None:
    """Let the tool tip of an action say its shortcut."""
    words = action.text().replace("&", "").rstrip("…")
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{words} ({keys})" if keys else words)
