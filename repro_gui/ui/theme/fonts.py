"""The typeface of the windows, from its package, and the fixed one of the system for code."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

_FACES = ("Regular", "It", "Semibold", "SemiboldIt", "Bold")
_FAMILY = "Source Sans Pro"
TEXT_PIXELS = 15


def load_fonts() -> None:
    """Make the package's faces known to Qt; without the package the system's own typeface serves."""
    folder = package_folder("font_source_sans_pro")
    if folder is None:
        return
    for face in _FACES:
        QFontDatabase.addApplicationFont(str(folder / "files" / f"SourceSansPro-{face}.ttf"))


def package_folder(package: str) -> Path | None:
    """Where an installed package keeps its files, without importing it (qtawesome alone costs 0.13 s)."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0])


def text_font(pixels: float = TEXT_PIXELS, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The typeface for words."""
    font = QFont(_FAMILY)
    font.setPixelSize(round(pixels))
    font.setWeight(weight)
    return font


def code_font(pixels: float = TEXT_PIXELS - 2) -> QFont:
    """The fixed typeface for code and paths."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(round(pixels))
    return font
