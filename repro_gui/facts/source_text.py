"""The text of a Python file or of one notebook cell, and its bytes again after an edit.

An edit is a set of splices in the decoded text; every byte outside of them stays: encoding, byte order mark, line ends, and in
notebooks the layout and escapes of the JSON around the cell.
"""

from __future__ import annotations

import codecs
import io
import itertools
import json
import re
import tokenize

import msgspec

from repro_gui.errors import CannotPlan
from repro_gui.location import LineIndex, Location
from repro_gui.text import text


class Splice(msgspec.Struct, frozen=True):
    """Replace the characters from `start` to `end` (offsets in the decoded text) by `replacement`.

    Insertions at the same offset are made in the order in which they are given.
    """

    start: int
    end: int
    replacement: str


class SourceText:
    """Decoded source of a file (`cell` -1) or of one cell of a notebook.

    `newline` is the line end in use. Raises `CannotPlan` for bytes that are no text, no notebook, or have no such cell.
    """

    def __init__(self, content: bytes, path: str, cell: int = -1) -> None:
        self.path = path
        self.cell = cell
        self._document, self._encoding, self._mark = _decode(content, path, is_notebook=cell >= 0)
        self._strings = _find_cell_source(self._document, path, cell) if cell >= 0 else None
        self.text = self._document
        if self._strings is not None:
            self.text = "".join(string.value for string in self._strings.parts)
        if re.search(r"\r(?!\n)", self.text):
            raise CannotPlan(
                text("{path} ends lines with a bare carriage return.", path=path),
                text("Convert its line ends, then audit again."),
            )
        self.newline = "\r\n" if "\r\n" in self.text else "\n"
        self.lines = LineIndex(self.text)

    def offset(self, line: int, column: int) -> int:
        """Offset of a place in the decoded text; line and column count from 1."""
        return self.lines.offset(line, column)

    def segment(self, location: Location) -> tuple[int, int]:
        """Start and end offset of a located piece of source; raises `CannotPlan` where the end is not known."""
        if not (location.line and location.end_line):
            raise CannotPlan(
                text("The place in {path} is not known exactly.", path=self.path),
                text("Make the change by hand."),
            )
        return (
            self.lines.offset(location.line, location.column),
            self.lines.offset(location.end_line, location.end_column),
        )

    def spliced(self, splices: list[Splice]) -> bytes:
        """The bytes of the whole file with the splices made; they must not overlap."""
        document = self._document
        for splice in _last_first(splices):
            if self._strings is None:
                start, end, replacement = splice.start, splice.end, splice.replacement
            else:
                whole = None if splice.replacement else self._strings.whole_strings(splice.start, splice.end)
                start, end = whole or self._strings.raw_range(splice.start, splice.end)
                replacement = self._strings.escaped(splice, ascii_only=self._document.isascii())
            document = document[:start] + replacement + document[end:]
        try:
            return self._mark + document.encode(self._encoding)
        except UnicodeEncodeError as error:
            raise CannotPlan(
                text("{path} is in {encoding}, which cannot hold the change.", path=self.path, encoding=self._encoding),
                text("Convert the file to UTF-8, then audit again."),
            ) from error

    def after(self, splices: list[Splice]) -> str:
        """The decoded text with the splices made."""
        changed = self.text
        for splice in _last_first(splices):
            changed = changed[: splice.start] + splice.replacement + changed[splice.end :]
        return changed


def _last_first(splices: list[Splice]) -> list[Splice]:
    # Reversing the stable order keeps insertions at one offset in the order given.
    return sorted(splices, key=lambda splice: (splice.start, splice.end))[::-1]


def code_cells(content: bytes, path: str) -> list[int]:
    """Indices of the code cells of a notebook, counting all cells from 0; raises `CannotPlan` when it is none."""
    document, _, _ = _decode(content, path, is_notebook=True)
    try:
        cells = json.loads(document)["cells"]
        return [index for index, cell in enumerate(cells) if cell["cell_type"] == "code"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _no_such_cell(path) from error


def _decode(content: bytes, path: str, *, is_notebook: bool) -> tuple[str, str, bytes]:
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    body = content[len(mark) :]
    try:
        encoding = "utf-8" if is_notebook else tokenize.detect_encoding(io.BytesIO(content).readline)[0]
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        decoded = body.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise CannotPlan(
            text("{path} cannot be decoded ({reason}).", path=path, reason=str(error)),
            text("Save it as UTF-8, then audit again."),
        ) from error
    # A codec that does not give the same bytes back (UTF-7 and other stateful ones) would change the rest of the file.
    if decoded.encode(encoding) != body:
        raise CannotPlan(
            text("{path} is in {encoding}, which cannot be written back exactly.", path=path, encoding=encoding),
            text("Convert the file to UTF-8, then audit again."),
        )
    return decoded, encoding, mark


class _RawString:
    """One JSON string inside a document: its decoded value and where each character of it begins."""

    def __init__(self, document: str, start: int, end: int) -> None:
        self.start, self.end = start, end
        self._starts: list[int] | None = None
        self._document = document
        self.value: str = json.loads(document[start:end], strict=False)

    def raw(self, index: int) -> int:
        """Offset in the document of the character at `index`; the closing quote at the end."""
        if self._starts is None:
            self._starts = [
                self.start + 1 + place for place in _character_starts(self._document[self.start + 1 : self.end - 1])
            ]
        return self._starts[index]


_JSON_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)


def _character_starts(raw: str) -> list[int]:
    starts = [match.start() for match in _JSON_CHARACTER.finditer(raw)]
    starts.append(len(raw))
    return starts


class _CellStrings:
    """The JSON string, or list of strings, that holds the source of a cell."""

    def __init__(self, parts: list[_RawString], separator: str | None, empty_at: tuple[int, int] | None) -> None:
        self.parts = parts
        # What stands between two lines of a list, from closing to opening quote; None for a single string.
        self._separator = separator
        # An empty list has no string to splice into: this is its range.
        self._empty_at = empty_at
        self._length = sum(len(part.value) for part in parts)
        self._boundaries = set(itertools.accumulate(len(part.value) for part in parts))

    def raw_range(self, start: int, end: int) -> tuple[int, int]:
        if self._empty_at is not None:
            return self._empty_at
        return self._raw(start, is_end=False), self._raw(end, is_end=start != end)

    def whole_strings(self, start: int, end: int) -> tuple[int, int] | None:
        """The range in the document of the strings of a list that a range covers whole, with what separates them from the rest."""
        before = list(itertools.accumulate((len(part.value) for part in self.parts), initial=0))
        if self._separator is None or start == end or start not in before or end not in before:
            return None
        first, last = before.index(start), before.index(end)
        if first == 0 and last == len(self.parts):
            return None
        if last < len(self.parts):
            return self.parts[first].start, self.parts[last].start
        return self.parts[first - 1].end, self.parts[-1].end

    def _raw(self, index: int, *, is_end: bool) -> int:
        before = 0
        for number, part in enumerate(self.parts):
            length = len(part.value)
            # The start of a line belongs to that line, an end to the line before it.
            is_last = number == len(self.parts) - 1
            if index - before < length or (index - before == length and (is_last or is_end)):
                return part.raw(index - before)
            before += length
        raise IndexError(index)

    def escaped(self, splice: Splice, *, ascii_only: bool) -> str:
        written = json.dumps(splice.replacement, ensure_ascii=ascii_only)[1:-1]
        if self._separator is None:
            return written
        # A list holds one line per string: every line end that something follows closes one and opens the next.
        ends_string = splice.end == self._length or (splice.start != splice.end and splice.end in self._boundaries)
        lines = splice.replacement.split("\n")
        pieces = [json.dumps(line, ensure_ascii=ascii_only)[1:-1] for line in lines]
        joined = ""
        for number, piece in enumerate(pieces):
            joined += piece
            if number == len(pieces) - 1:
                break
            is_final = ends_string and number == len(pieces) - 2 and not pieces[-1]
            joined += "\\n" if is_final else "\\n" + self._separator
        return f'["{joined}"]' if self._empty_at is not None else joined


_JSON_STRING = r'"(?:[^"\\]|\\.)*"'
_STRUCTURE = re.compile(rf"{_JSON_STRING}|[{{}}\[\]]", re.DOTALL)
_STRING = re.compile(_JSON_STRING, re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\]}]+")


def _find_cell_source(document: str, path: str, cell: int) -> _CellStrings:
    try:
        # A full parse first: the scanner below relies on well-formed JSON.
        parsed = json.loads(document, strict=False)
        is_code = parsed["cells"][cell]["cell_type"] == "code"
        start = _member(document, _SPACE.match(document, 0).end(), "cells")  # type: ignore[union-attr]
        start = _element(document, start, cell)
        start = _member(document, start, "source")
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise _no_such_cell(path) from error
    if not is_code:
        raise _no_such_cell(path)
    if document[start] == '"':
        return _CellStrings([_RawString(document, start, _skip(document, start))], None, None)
    if document[start] != "[":
        raise _no_such_cell(path)
    parts: list[_RawString] = []
    position = _skip_space(document, start + 1)
    while document[position] != "]":
        if document[position] != '"':
            raise _no_such_cell(path)
        end = _skip(document, position)
        parts.append(_RawString(document, position, end))
        position = _skip_space(document, end)
        if document[position] == ",":
            position = _skip_space(document, position + 1)
    if not parts:
        return _CellStrings([], '", "', (start, position + 1))
    separator = (
        document[parts[0].end - 1 : parts[1].start + 1]
        if len(parts) > 1
        else '",' + document[start + 1 : parts[0].start + 1]
    )
    return _CellStrings(parts, separator, None)


def _no_such_cell(path: str) -> CannotPlan:
    return CannotPlan(text("{path} is not the notebook that was audited.", path=path), text("Audit the project again."))


def _skip_space(document: str, position: int) -> int:
    match = _SPACE.match(document, position)
    return match.end() if match else position


def _skip(document: str, position: int) -> int:
    """Offset just past the JSON value that starts at a position."""
    if document[position] == '"':
        found = _STRING.match(document, position)
    elif document[position] in "{[":
        depth = 0
        found = None
        for found in _STRUCTURE.finditer(document, position):
            bracket = found.group()
            depth += (bracket in "{[") - (bracket in "}]")
            if depth == 0:
                break
    else:
        found = _SCALAR.match(document, position)
    if found is None:
        raise ValueError(position)
    return found.end()


def _member(document: str, position: int, name: str) -> int:
    """Offset of the value of a member of the object at a position; the last one counts where a name is repeated."""
    value = -1
    position = _skip_space(document, position + 1)
    while document[position] != "}":
        end = _skip(document, position)
        key = json.loads(document[position:end])
        position = _skip_space(document, _skip_space(document, end) + 1)
        if key == name:
            value = position
        position = _skip_space(document, _skip(document, position))
        if document[position] == ",":
            position = _skip_space(document, position + 1)
    if value < 0:
        raise KeyError(name)
    return value


def _element(document: str, position: int, index: int) -> int:
    """Offset of an element of the array at a position."""
    position = _skip_space(document, position + 1)
    for _ in range(index):
        position = _skip_space(document, _skip(document, position))
        position = _skip_space(document, position + 1)
    return position
