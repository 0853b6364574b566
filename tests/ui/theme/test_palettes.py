"""Contrast of every text on every ground it is shown on."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from repro_gui.ui.theme.palettes import DARK, HIGH_CONTRAST, LIGHT, Colours, Theme, colours_of, contrast

PALETTES = {"light": LIGHT, "dark": DARK, "high-contrast": HIGH_CONTRAST}
GROUNDS = ("window", "surface", "raised", "hover", "selection")
WORDS = ("text", "muted", "accent", "yes", "partly", "no", "unknown")
CODE = ("text", "code_number", "code_keyword", "code_string", "code_comment", "code_name", "code_literal")
PAIRS = [
    *itertools.product(WORDS, GROUNDS),
    *itertools.product(CODE, ("code_ground", "code_mark")),
    *itertools.product(("text", "muted"), ("yes_tint", "partly_tint", "no_tint", "unknown_tint")),
    *((answer, f"{answer}_tint") for answer in ("yes", "partly", "no", "unknown")),
    *itertools.product(("text", "code_number"), ("added", "removed")),
    *itertools.product(("text",), ("added_word", "removed_word")),
    ("muted", "code_ground"),
    ("yes", "added"),
    ("no", "removed"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
]


@pytest.mark.parametrize("name", PALETTES)
def test_words_have_a_contrast_of_at_least_4_5(name: str) -> None:
    colours = PALETTES[name]
    weak = {
        f"{word} on {ground}": round(ratio, 2)
        for word, ground in PAIRS
        if (ratio := contrast(getattr(colours, word), getattr(colours, ground))) < 4.5
    }
    assert weak == {}


def test_every_colour_is_judged() -> None:
    """A new colour stands in a pair above, or is an edge or a line, which is nothing to read."""
    judged = {colour for pair in PAIRS for colour in pair}
    names = {field.name for field in msgspec.structs.fields(Colours)}
    assert names - judged == {"line", "strong_line", "focus", "is_dark"}


@pytest.mark.parametrize("colours", PALETTES.values(), ids=PALETTES)
def test_edges_of_controls_and_the_focus_have_at_least_3(colours: Colours) -> None:
    for edge, ground in itertools.product(("strong_line", "focus"), ("window", "surface")):
        assert contrast(getattr(colours, edge), getattr(colours, ground)) >= 3, (edge, ground)


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_system_follows_the_desktop() -> None:
    assert colours_of(Theme.SYSTEM, system_is_dark=True) is DARK
    assert colours_of(Theme.SYSTEM, system_is_dark=False) is LIGHT
    assert colours_of(Theme.LIGHT, system_is_dark=True) is LIGHT
