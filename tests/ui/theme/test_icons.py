"""Icons and the style sheet."""

from __future__ import annotations

import re

import pytest
from pytestqt.qtbot import QtBot

from repro_gui.ui.theme import icons
from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.palettes import DARK, HIGH_CONTRAST, LIGHT, Theme
from repro_gui.ui.theme.style_sheet import style_sheet
from repro_gui.ui.words import PILLAR_ICONS


def test_every_icon_is_in_the_family_and_draws_something(qtbot: QtBot) -> None:
    appearance().apply(Theme.LIGHT)
    for name in icons._GLYPHS:
        image = icons.icon(name).pixmap(24, 24).toImage()
        alphas = {image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)}
        assert max(alphas) > 100, name
    assert set(PILLAR_ICONS.values()) <= set(icons._GLYPHS)


def test_icon_takes_the_colour_of_the_theme_at_the_moment_of_drawing(qtbot: QtBot) -> None:
    made = icons.icon("stop", "no")
    seen = set()
    for theme in (Theme.LIGHT, Theme.DARK):
        appearance().apply(theme)
        image = made.pixmap(32, 32).toImage()
        colours = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
        seen.add(max(colours, key=lambda colour: colour.alpha()).name())
    assert seen == {LIGHT.no, DARK.no}


def test_own_drawing_is_there(qtbot: QtBot) -> None:
    assert not icons.application_icon().pixmap(64, 64).isNull()


@pytest.mark.parametrize("colours", [LIGHT, DARK, HIGH_CONTRAST], ids=["light", "dark", "high-contrast"])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_style_sheet_is_filled(colours: object, scale: float) -> None:
    sheet = style_sheet(colours, scale)  # type: ignore[arg-type]
    assert not re.search(r"@\w", sheet)
    assert sheet.count("{") == sheet.count("}")
