"""What the windows look like now: theme, text size; one object says when it changed."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from repro_gui.ui.theme.fonts import TEXT_PIXELS, text_font
from repro_gui.ui.theme.palettes import LIGHT, Colours, Theme, colours_of
from repro_gui.ui.theme.style_sheet import style_sheet


class Appearance(QObject):
    """The colours and the text size in use; widgets that paint by themselves repaint on `changed`."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.theme = Theme.SYSTEM
        self.scale = 1.0
        self.colours: Colours = LIGHT

    def pixels(self, size: float) -> int:
        """A text size scaled as the person wishes."""
        return round(size * self.scale)

    @contextlib.contextmanager
    def on_paper(self) -> Iterator[None]:
        """Draw in the light colours for a moment; no screen is told."""
        earlier, self.colours = self.colours, LIGHT
        try:
            yield
        finally:
            self.colours = earlier

    def apply(self, theme: Theme, scale: float = 1.0) -> None:
        """Give the whole application this look."""
        self.theme = theme
        self.scale = scale
        self.colours = colours_of(theme, system_is_dark=_system_is_dark())
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setPalette(_palette(self.colours))
            application.setFont(text_font(TEXT_PIXELS * scale))
            application.setStyleSheet(style_sheet(self.colours, scale))
        self.changed.emit()


@functools.cache
def appearance() -> Appearance:
    """The look of this process."""
    return Appearance()


def _system_is_dark() -> bool:
    hints = QGuiApplication.styleHints()
    return hints is not None and hints.colorScheme() is Qt.ColorScheme.Dark


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.raised,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.PlaceholderText: colours.muted,
        role.Text: colours.text,
        role.Button: colours.surface,
        role.ButtonText: colours.text,
        role.BrightText: colours.no,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.Highlight: colours.selection,
        role.HighlightedText: colours.text,
        role.Light: colours.raised,
        role.Midlight: colours.line,
        role.Mid: colours.line,
        role.Dark: colours.strong_line,
        role.Shadow: colours.strong_line,
        role.Accent: colours.accent,
    }.items():
        palette.setColor(which, QColor(colour))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.strong_line))
    return palette
