"""IPython's magics, shell escapes and help marks, taken out of a cell so that Python can parse the rest.

Every magic line becomes a placeholder statement of the same indentation, so that blocks stay blocks and every other
line and column stays where it was.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from repro_gui.facts.value_records import Record

_PLACEHOLDER = "_repro_gui_magic_"
_LONGEST_TEXT = 4_000
# Cell magics whose cell is Python all the same.
_PYTHON_CELLS = frozenset(
    {"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "notify", "python", "python3", "wandb", "debug"}
)
# Line magics whose text is a Python statement.
_PYTHON_LINES = frozenset({"time", "timeit", "prun", "memit", "lprun", "mprun", "debug", "notify"})
_OPTIONS = re.compile(r"(?:-\w+(?:[ \t]+\d+\b)?[ \t]+)*")
_CELL_MAGIC = re.compile(r"\s*%%(\w[\w.]*)([^\n]*)")
_LINE_MAGIC = re.compile(r"([ \t]*)(%{1,2})[ \t]*(\w[\w.]*)(.*)", re.DOTALL)
_SHELL = re.compile(r"([ \t]*)(!{1,2})(.*)", re.DOTALL)
_ASSIGNED = re.compile(r"([ \t]*)([\w.,\[\]'\"* \t]*[\w\]][ \t]*)=[ \t]*([!%])([^=].*)", re.DOTALL)
_HELP = re.compile(r"([ \t]*)(?:\?{1,2}[ \t]*([^?\n]+)|([\w.*%]+)\?{1,2})[ \t]*;?\s*")


class FoundMagic(msgspec.Struct):
    """A magic and where it stood: line from 0 within the cell, columns in characters."""

    line: int
    start: int
    end: int
    kind: str
    text: str
    end_line: int


class PlainCell(msgspec.Struct):
    """A cell's Python with placeholders, and the magics these stand for; `is_foreign`: no Python in it at all."""

    source: str
    magics: list[FoundMagic]
    is_foreign: bool = False


def take_out_magics(source: str) -> PlainCell:
    """Replace all magics of a cell by placeholders; a cell of another language becomes one magic."""
    lines = source.split("\n")
    magics: list[FoundMagic] = []
    cell_magic = _CELL_MAGIC.match(source)
    first = 0
    if cell_magic is not None:
        first = source.count("\n", 0, cell_magic.end()) + 1
        line = first - 1
        end = len(lines[line])
        if cell_magic[1] not in _PYTHON_CELLS:
            body = (cell_magic[2] + "\n" + "\n".join(lines[first:])).strip()[:_LONGEST_TEXT]
            magics.append(FoundMagic(line, 0, len(lines[-1]), cell_magic[1], body, len(lines) - 1))
            return PlainCell("", magics, is_foreign=True)
        magics.append(FoundMagic(line, 0, end, cell_magic[1], cell_magic[2].strip(), line))
        lines[:first] = [""] * (first - 1) + [f"{_PLACEHOLDER}0"]
    state = _Lexical()
    index = first
    while index < len(lines):
        if not state.is_open:
            last = index
            while last + 1 < len(lines) and lines[last].rstrip().endswith("\\") and _starts_magic(lines[index]):
                last += 1
            whole = "\n".join(lines[index : last + 1])
            replaced = _without_magic(whole, index, last, magics)
            if replaced is not None:
                lines[index] = replaced
                lines[index + 1 : last + 1] = [""] * (last - index)
                index = last + 1
                continue
        state.feed(lines[index])
        index += 1
    return PlainCell("\n".join(lines), magics)


def _starts_magic(line: str) -> bool:
    return line.lstrip()[:1] in {"!", "%"}


def _without_magic(line: str, number: int, last: int, magics: list[FoundMagic]) -> str | None:
    """The line with a placeholder in place of its magic; None when it is none."""
    stripped = line.lstrip()
    if not stripped or stripped[0] == "#":
        return None
    end = len(line.rpartition("\n")[2])
    found: tuple[str, str, str] | None = None
    prefix = ""
    if stripped[0] == "%":
        match = _LINE_MAGIC.fullmatch(line)
        if match is None:
            return None
        if match[3] in _PYTHON_LINES:
            start = match.start(4) + len(match[4]) - len(match[4].lstrip())
            options = _OPTIONS.match(line, start)
            start = options.end() if options is not None else start
            filler = start - len(match[1])
            if line[start:].strip() and filler >= 2:
                # `%time x = f()` -> `0;    x = f()`: the statement keeps its columns.
                return f"{match[1]}0;{' ' * (filler - 2)}{line[start:]}"
        found = (match[1], match[3], match[4].strip())
    elif stripped[0] == "!":
        match = _SHELL.fullmatch(line)
        found = None if match is None else (match[1], "!", match[3].strip())
    else:
        match = _ASSIGNED.fullmatch(line)
        if match is not None:
            prefix = f"{match[2].rstrip()} = "
            name, _, rest = match[4].partition(" ")
            found = (match[1], "!", match[4].strip()) if match[3] == "!" else (match[1], name, rest.strip())
        elif (match := _HELP.fullmatch(line)) is not None:
            found = (match[1], "?", (match[2] or match[3]).strip())
    if found is None:
        return None
    indentation, kind, text = found
    magics.append(FoundMagic(number, len(indentation), end, kind, text[:_LONGEST_TEXT], last))
    return f"{indentation}{prefix}{_PLACEHOLDER}{len(magics) - 1}"


class _Lexical:
    """Whether a line begins inside brackets, a triple-quoted string or after a backslash."""

    _TOKEN = re.compile(r"""#.*|'''|\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[\[\](){}]|\\$""")

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._continues = False

    @property
    def is_open(self) -> bool:
        """True when the next line is no line of its own."""
        return bool(self._depth or self._quote or self._continues)

    def feed(self, line: str) -> None:
        """Go on by one line."""
        self._continues = False
        at = 0
        while at < len(line):
            if self._quote:
                end = line.find(self._quote, at)
                if end < 0:
                    return
                at = end + 3
                self._quote = ""
                continue
            match = self._TOKEN.search(line, at)
            if match is None:
                return
            found = match[0]
            at = match.end()
            if found in {"'''", '"""'}:
                self._quote = found
            elif found in {"(", "[", "{"}:
                self._depth += 1
            elif found in {")", "]", "}"}:
                self._depth = max(0, self._depth - 1)
            elif found == "\\":
                self._continues = True


def put_back_magics(statements: list[Any], magics: list[FoundMagic], source: str, first_line: int) -> None:
    """Replace placeholder statements, also inside blocks, by records of their magics."""
    lines = source.split("\n")
    pending: list[list[Any]] = [statements]
    while pending:
        block = pending.pop()
        for index, statement in enumerate(block):
            record = _placeholder_record(statement, magics, lines, first_line)
            if record is not None:
                block[index] = record
                continue
            pending.extend(
                inner
                for name in ("body", "orelse", "finalbody")
                if isinstance(inner := getattr(statement, name, None), list)
            )
            parts = (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ()))
            pending.extend(part.body for part in parts)


def _placeholder_record(statement: Any, magics: list[FoundMagic], lines: list[str], first_line: int) -> Record | None:
    if not isinstance(statement, ast.Expr | ast.Assign) or not isinstance(statement.value, ast.Name):
        return None
    if not statement.value.id.startswith(_PLACEHOLDER):
        return None
    magic = magics[int(statement.value.id.removeprefix(_PLACEHOLDER))]
    place = (
        first_line + magic.line,
        len(lines[magic.line][: magic.start].encode("utf-8", "surrogatepass")),
        first_line + magic.end_line,
        len(lines[magic.end_line][: magic.end].encode("utf-8", "surrogatepass")),
    )
    target: Record | None = None
    if isinstance(statement, ast.Assign):
        one = statement.targets[0]
        if isinstance(one, ast.Name):
            target = (2, one.lineno, one.col_offset, one.end_lineno, one.end_col_offset, one.id)
    return (18, *place, magic.kind, magic.text, target)


def foreign_cell_record(magic: FoundMagic, source: str, first_line: int) -> Record:
    """The record of a cell that is all one magic."""
    last = source.rsplit("\n", maxsplit=1)[-1]
    end = len(last.encode("utf-8", "surrogatepass"))
    return (18, first_line + magic.line, magic.start, first_line + magic.end_line, end, magic.kind, magic.text, None)
