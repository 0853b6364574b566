"""Icons by what they stand for: one family (Phosphor, from qtawesome), drawn in the colour that the theme has now."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from repro_gui.resource_files import resource_path
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import package_folder

if TYPE_CHECKING:
    from pathlib import Path

_GLYPHS = {
    "yes": "check-circle-fill",
    "partly": "warning-fill",
    "no": "x-circle-fill",
    "unknown": "question-fill",
    "waived": "hand-palm",
    "by-hand": "pencil-circle",
    "not-applicable": "minus-circle",
    "waiting": "circle-dashed",
    "code": "git-branch",
    "data": "database",
    "environment": "package",
    "randomness": "dice-three",
    "tracking": "chart-line-up",
    "proof": "target",
    "artifact": "medal",
    "run": "play-circle",
    "open": "folder-open",
    "recent": "clock-counter-clockwise",
    "example": "flask",
    "audit": "arrows-clockwise",
    "fix": "wrench",
    "fix-all": "magic-wand",
    "undo": "arrow-u-up-left",
    "redo": "arrow-u-up-right",
    "history": "clock-counter-clockwise",
    "export": "export",
    "settings": "gear-six",
    "about": "info",
    "overview": "squares-four",
    "workflow": "flow-arrow",
    "search": "magnifying-glass",
    "filter": "funnel",
    "sort": "sort-ascending",
    "close": "x",
    "copy": "copy",
    "editor": "arrow-square-out",
    "back": "arrow-left",
    "next": "arrow-right",
    "wrong": "flag",
    "waive": "hand-palm",
    "tick": "pencil-circle",
    "expand": "caret-down",
    "collapse": "caret-right",
    "zoom-in": "magnifying-glass-plus",
    "zoom-out": "magnifying-glass-minus",
    "zoom-fit": "frame-corners",
    "stop": "stop-circle",
    "notice": "info",
    "warning": "warning-fill",
    "error": "warning-circle-fill",
    "done": "check-circle-fill",
    "trust": "shield-check",
    "python": "terminal-window",
    "notebooks": "notebook",
    "folder": "folder",
    "file": "file-text",
    "new-file": "file-plus",
    "command": "terminal",
    "git": "git-branch",
    "dvc": "database",
    "lock": "lock-simple",
    "menu": "list",
    "branch": "git-commit",
    "lightbulb": "lightbulb",
    "clock": "clock",
    "split": "columns",
    "unified": "rows",
    "report": "file-text",
    "probe": "cpu",
    "other-bits": "arrows-left-right",
    "save": "floppy-disk",
    "print": "printer",
    "load": "upload-simple",
    "compare": "scales",
}


@functools.cache
def _glyph_folder() -> Path:
    folder = package_folder("qtawesome")
    if folder is None:
        problem = "the installation lacks qtawesome, which holds the icons"
        raise FileNotFoundError(problem)
    return folder / "fonts"


@functools.cache
def _characters() -> dict[str, str]:
    (charmap,) = _glyph_folder().glob("phosphor-charmap-*.json")
    return {name: chr(int(code, 16)) for name, code in json.loads(charmap.read_text(encoding="ascii")).items()}


@functools.cache
def _family() -> str:
    (font,) = (path for path in _glyph_folder().glob("phosphor-*.ttf"))
    identity = QFontDatabase.addApplicationFont(str(font))
    return QFontDatabase.applicationFontFamilies(identity)[0]


def draw_icon(painter: QPainter, rect: QRect, name: str, colour: str) -> None:
    """Draw an icon into a square of a painting."""
    painter.save()
    font = QFont(_family())
    font.setPixelSize(max(rect.height(), 1))
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), _characters()[_GLYPHS[name]])
    painter.restore()


class ThemeIconEngine(QIconEngine):
    """Draws a glyph in the colour that its role has at the moment of drawing, so that a new theme needs no new icons."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name = name
        self._role = role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw it; a disabled icon has the colour of lines."""
        role = "strong_line" if mode is QIcon.Mode.Disabled else self._role
        draw_icon(painter, rect, self._name, getattr(appearance().colours, role))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The drawing as pixels."""
        if size.isEmpty():
            return QPixmap()
        pixels = QPixmap(size)
        pixels.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixels)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixels


def icon(name: str, role: str = "text") -> QIcon:
    """An icon by what it stands for, in the colour of a role."""
    return QIcon(ThemeIconEngine(name, role))


def application_icon() -> QIcon:
    """Our own drawing."""
    return QIcon(str(resource_path("icons/repro-gui.svg")))
