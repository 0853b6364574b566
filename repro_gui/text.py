"""Texts that people read: a constant English template and the values that stand in it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

# Bidirectional controls change the order in which a reader sees a name; they are shown by code point.
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Text(msgspec.Struct, frozen=True):
    """A sentence that is rendered, and translated, only where it is shown.

    `template` is `str.format` syntax with named fields only and is the key of the translation; `{count:file|files}` is
    the one word or the other by the number. `values` come from the audited project and are never parsed as a template
    or as markup.
    """

    template: str
    values: dict[str, str | int | float] = {}

    def render(self, translate: Callable[[str], str] = str) -> str:
        """Put the neutralised values into the (translated) template."""
        if not self.values:
            return translate(self.template)
        return translate(self.template).format(**{name: _shown(value) for name, value in self.values.items()})

    def __str__(self) -> str:
        return self.render()


def text(template: str, /, **values: str | float) -> Text:
    r"""Make a `Text`; the template must be a literal so that it can be found for translation.

    Undecodable bytes in names are written `\xNN`, so that every text can travel as JSON.
    """
    return Text(
        template,
        {name: escape_undecodable(value) if isinstance(value, str) else value for name, value in values.items()},
    )


def neutralise(value: str) -> str:
    r"""Show control, escape and bidirectional characters as escapes (`\n`, `\x1b`, `\u202e`), the rest as they are.

    Lone surrogates, which stand for undecodable bytes in names, become `\xNN`.
    """
    if value.isascii() and value.isprintable():
        return value
    return "".join(_neutral(character) for character in value)


def escape_undecodable(value: str) -> str:
    r"""The string as it may travel in JSON: lone surrogates, which stand for undecodable bytes in names, as `\xNN`."""
    return _SURROGATES.sub(lambda found: _neutral(found[0]), value)


class _Number(int):
    """A whole number that can also choose between two wordings."""

    def __format__(self, wording: str) -> str:
        one, bar, many = wording.partition("|")
        if not bar:
            return super().__format__(wording)
        return one if self == 1 else many


def _shown(value: str | float) -> str | float:
    if isinstance(value, str):
        return neutralise(value)
    return _Number(value) if isinstance(value, int) else value


_SURROGATES = re.compile("[\ud800-\udfff]")


def _neutral(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if character in _BIDIRECTIONAL or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
        return character.encode("unicode_escape", "backslashreplace").decode("ascii")
    return character
