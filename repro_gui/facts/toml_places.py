"""Where the strings of a TOML text stand; the values themselves are read by `tomllib`."""

from __future__ import annotations

import contextlib
import re

import msgspec

Keys = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_SPACE_AND_LINES = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'{3,5}", re.DOTALL)
_PLAIN_VALUE = re.compile(r"[^,\]}#\r\n]+")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}
_DEEPEST = 100


class TomlPlace(msgspec.Struct, frozen=True):
    """Offsets of a value with its quotes, in characters."""

    start: int
    end: int


def find_toml_places(content: str) -> dict[Keys, TomlPlace]:
    """Places of all values by their way of keys; list elements and `[[tables]]` count from 0.

    For text that `tomllib` accepts. Text that it does not gives the places before the fault.
    """
    reader = _TomlReader(content)
    with contextlib.suppress(_Unexpected):
        reader.read()
    return reader.places


class _Unexpected(Exception):
    """The text is not TOML from here on."""


class _TomlReader:
    def __init__(self, content: str) -> None:
        self._content = content
        self._at = 0
        self._table: Keys = ()
        self._counts: dict[Keys, int] = {}
        self.places: dict[Keys, TomlPlace] = {}

    def read(self) -> None:
        while True:
            self._skip(_SPACE_AND_LINES)
            if self._at >= len(self._content):
                return
            if self._content.startswith("[[", self._at):
                self._at += 2
                keys = self._resolved(self._key())
                self._counts[keys] = self._counts.get(keys, -1) + 1
                self._table = (*keys, self._counts[keys])
                self._expect("]]")
            elif self._content[self._at] == "[":
                self._at += 1
                self._table = self._resolved(self._key())
                self._expect("]")
            else:
                self._pair(self._table, 0)

    def _resolved(self, keys: Keys) -> Keys:
        """A header below an array of tables means the last table of that array."""
        resolved: Keys = ()
        for position, key in enumerate(keys):
            resolved = (*resolved, key)
            if resolved in self._counts and position < len(keys) - 1:
                resolved = (*resolved, self._counts[resolved])
        return resolved

    def _pair(self, table: Keys, depth: int) -> None:
        keys = (*table, *self._key())
        self._expect("=")
        self._skip(_SPACE)
        self._value(keys, depth)

    def _key(self) -> Keys:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            character = self._content[self._at : self._at + 1]
            if character == '"':
                keys.append(_unescape(self._take(_BASIC)[1:-1]))
            elif character == "'":
                keys.append(self._take(_LITERAL)[1:-1])
            else:
                keys.append(self._take(_BARE_KEY))
            self._skip(_SPACE)
            if self._content[self._at : self._at + 1] != ".":
                return tuple(keys)
            self._at += 1

    def _value(self, keys: Keys, depth: int) -> None:
        if depth > _DEEPEST:
            raise _Unexpected
        start = self._at
        character = self._content[start : start + 1]
        if character == "[":
            self._array(keys, depth)
        elif character == "{":
            self._inline_table(keys, depth)
        elif character == '"':
            self._take(_LONG_BASIC if self._content.startswith('"""', start) else _BASIC)
        elif character == "'":
            self._take(_LONG_LITERAL if self._content.startswith("'''", start) else _LITERAL)
        else:
            self._at = start + len(self._take(_PLAIN_VALUE).rstrip())
        self.places[keys] = TomlPlace(start, self._at)

    def _array(self, keys: Keys, depth: int) -> None:
        self._at += 1
        position = 0
        while True:
            self._skip(_SPACE_AND_LINES)
            if self._content[self._at : self._at + 1] == "]":
                self._at += 1
                return
            self._value((*keys, position), depth + 1)
            position += 1
            self._separator("]")

    def _inline_table(self, keys: Keys, depth: int) -> None:
        self._at += 1
        while True:
            self._skip(_SPACE_AND_LINES)
            if self._content[self._at : self._at + 1] == "}":
                self._at += 1
                return
            self._pair(keys, depth + 1)
            self._separator("}")

    def _separator(self, closing: str) -> None:
        self._skip(_SPACE_AND_LINES)
        character = self._content[self._at : self._at + 1]
        if character == ",":
            self._at += 1
        elif character != closing:
            raise _Unexpected

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._content, self._at)
        assert found is not None
        self._at = found.end()

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._content, self._at)
        if found is None:
            raise _Unexpected
        self._at = found.end()
        return found.group()

    def _expect(self, wanted: str) -> None:
        self._skip(_SPACE)
        if not self._content.startswith(wanted, self._at):
            raise _Unexpected
        self._at += len(wanted)


def _unescape(written: str) -> str:
    def character(found: re.Match[str]) -> str:
        code = found.group(1)
        if len(code) > 1:
            return chr(int(code[1:], 16))
        return _ESCAPED.get(code, code)

    return _ESCAPE.sub(character, written) if "\\" in written else written
