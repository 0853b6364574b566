"""Colours by role for each theme; every pair of text and ground keeps a contrast of at least 4.5:1 (a test measures)."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Theme(StrEnum):
    """What the person may choose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high-contrast"


class Colours(msgspec.Struct, frozen=True):
    """`#rrggbb` by role.

    `window` lies behind everything, `surface` is what one reads on, `raised` stands out of it (cards, fields' hover).
    Each answer has the colour of its word and icon, and a tint to lie on.
    """

    is_dark: bool
    window: str
    surface: str
    raised: str
    hover: str
    selection: str
    text: str
    muted: str
    line: str
    strong_line: str
    accent: str
    accent_hover: str
    on_accent: str
    focus: str
    yes: str
    partly: str
    no: str
    unknown: str
    yes_tint: str
    partly_tint: str
    no_tint: str
    unknown_tint: str
    code_ground: str
    code_mark: str
    code_number: str
    code_keyword: str
    code_string: str
    code_comment: str
    code_name: str
    code_literal: str
    added: str
    removed: str
    added_word: str
    removed_word: str


LIGHT = Colours(
    is_dark=False,
    window="#f4f5f7",
    surface="#ffffff",
    raised="#fafbfc",
    hover="#eef1f5",
    selection="#dfe9fb",
    text="#1c2128",
    muted="#57606c",
    line="#dfe3e8",
    strong_line="#7d8794",
    accent="#2557c7",
    accent_hover="#1d479f",
    on_accent="#ffffff",
    focus="#2557c7",
    yes="#176f33",
    partly="#845400",
    no="#b8202c",
    unknown="#47627f",
    yes_tint="#e8f5ec",
    partly_tint="#fdf3dc",
    no_tint="#fcebeb",
    unknown_tint="#ebf0f5",
    code_ground="#f8f9fb",
    code_mark="#fdf0c8",
    code_number="#5b6470",
    code_keyword="#8e2a8b",
    code_string="#0f6a3c",
    code_comment="#646d78",
    code_name="#1d4fb4",
    code_literal="#8b4d00",
    added="#e3f5e8",
    removed="#fde9e9",
    added_word="#b4e4c2",
    removed_word="#f8c5c5",
)

DARK = Colours(
    is_dark=True,
    window="#14171c",
    surface="#1b1f26",
    raised="#222831",
    hover="#29303a",
    selection="#263a5c",
    text="#e7eaef",
    muted="#a3adb9",
    line="#313945",
    strong_line="#717d8c",
    accent="#86aefc",
    accent_hover="#a5c3ff",
    on_accent="#10192b",
    focus="#86aefc",
    yes="#67cd8d",
    partly="#e5b54a",
    no="#ff8f87",
    unknown="#a6bcd4",
    yes_tint="#1a2f24",
    partly_tint="#332a17",
    no_tint="#3a2224",
    unknown_tint="#242d38",
    code_ground="#171b21",
    code_mark="#3a3318",
    code_number="#9ea9b6",
    code_keyword="#d4a0e8",
    code_string="#8ed6a4",
    code_comment="#98a2af",
    code_name="#93baff",
    code_literal="#ecb777",
    added="#18301f",
    removed="#3a2125",
    added_word="#24553a",
    removed_word="#6b2f36",
)

HIGH_CONTRAST = Colours(
    is_dark=True,
    window="#000000",
    surface="#000000",
    raised="#000000",
    hover="#1f1f1f",
    selection="#003a75",
    text="#ffffff",
    muted="#ffffff",
    line="#ffffff",
    strong_line="#ffffff",
    accent="#ffe14d",
    accent_hover="#fff2a8",
    on_accent="#000000",
    focus="#ffe14d",
    yes="#5dff9b",
    partly="#ffd75e",
    no="#ffa39c",
    unknown="#c5e0ff",
    yes_tint="#000000",
    partly_tint="#000000",
    no_tint="#000000",
    unknown_tint="#000000",
    code_ground="#000000",
    code_mark="#453a00",
    code_number="#ffffff",
    code_keyword="#ffb3ff",
    code_string="#9dffbf",
    code_comment="#e0e0e0",
    code_name="#a8d1ff",
    code_literal="#ffd199",
    added="#00340f",
    removed="#4a0008",
    added_word="#006b22",
    removed_word="#8c0013",
)


def colours_of(theme: Theme, *, system_is_dark: bool) -> Colours:
    """The colours of a theme; `SYSTEM` follows the desktop."""
    if theme is Theme.HIGH_CONTRAST:
        return HIGH_CONTRAST
    if theme is Theme.DARK or (theme is Theme.SYSTEM and system_is_dark):
        return DARK
    return LIGHT


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours as WCAG 2.2 defines it (1 to 21)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
