"""Python sources as compact summaries; syntax trees never leave `summarise`."""

from __future__ import annotations

import bisect
import functools
import re
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import BYTES_OF_A_NODE, Event, Import, Node, decode_events
from repro_gui.location import Location
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

# Goes into the cache key of summaries: raise it whenever `summarise` gives another answer for the same bytes.
SUMMARISER_VERSION = 6
# What is said of a source while only the way from the entry points has been read.
NOT_READ_YET = text("It is not read yet.")


_EXTENDS_PATH = frozenset({"sys.path.append", "sys.path.insert", "sys.path.extend", "site.addsitedir"})


class NotParsed(msgspec.Struct, frozen=True, array_like=True):
    """Why a source was not read as Python, and at which line (0: the whole file)."""

    reason: Text
    line: int = 0


class CellStart(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a notebook's cell starts among the lines that records count; `line` is its first line."""

    line: int
    cell: int


class WideLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A line with characters beyond ASCII: for each the byte column after it and how many bytes it has more than one."""

    line: int
    ends: tuple[int, ...]
    extra: tuple[int, ...]


class ImportedName(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One import anywhere in a module.

    `is_guarded`: inside `try` with a handler that catches a failing import, or under a condition on version, platform or presence;
    `is_for_typing`: under `if TYPE_CHECKING`; `is_deferred`: inside a function, so that it happens only when that runs.
    """

    what: Import
    is_guarded: bool = False
    is_for_typing: bool = False
    is_deferred: bool = False

    @property
    def top_level(self) -> str:
        """The first part of an absolute import's module; empty for relative ones."""
        return "" if self.what.level else self.what.module.split(".", 1)[0]


class ModuleSummary(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One Python source or notebook.

    The fields up to `encoded` are a header that answers without looking at the body: every import, the names bound at top
    level (`binds`), `__all__` (`exports`, None when there is none or it is not literal), the distinct call targets as
    written (`called`: "np.random.seed", ".fit" for a method of something else, "()" for what has no name), the assignments
    that give something another last name (`aliases`: ("urlretrieve", "fetch")), whether there is an
    `if __name__ == "__main__"`, and whether top-level code does something besides defining (`has_effects`).

    `not_parsed` is set when the source could not be read whole; with `is_evidence_only` its imports and calls were still
    picked out (Python 2, newer syntax), so that a way through this module is *cannot tell*. In a notebook a cell that
    does not parse is named in `broken_cells` and the other cells stand.
    """

    path: str
    lines: int = 0
    encoding: str = "utf-8"
    imports: tuple[ImportedName, ...] = ()
    binds: tuple[str, ...] = ()
    exports: tuple[str, ...] | None = None
    called: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    has_main_guard: bool = False
    has_effects: bool = False
    has_walrus: bool = False
    not_parsed: NotParsed | None = None
    is_evidence_only: bool = False
    cells: tuple[CellStart, ...] = ()
    broken_cells: tuple[tuple[int, NotParsed], ...] = ()
    wide_lines: tuple[WideLine, ...] = ()
    encoded: bytes = b"\x90"

    @property
    def body(self) -> tuple[Event, ...]:
        """The module's events in order; a notebook's are one `Cell` for each code cell.

        Decoded anew at each call, since most modules are never looked into: hold on to them, or to the scopes that do.
        """
        return decode_events(self.encoded)

    @property
    def is_whole(self) -> bool:
        """False for an `OutlinedModule`, whose body was not read yet."""
        return True

    @property
    def whole(self) -> ModuleSummary:
        """The module with its body, read now if need be."""
        return self

    @property
    def extends_path(self) -> bool:
        """Whether something in it puts folders on `sys.path`."""
        return not _EXTENDS_PATH.isdisjoint(self.called)

    def may_call(self, last_names: AbstractSet[str]) -> bool:
        """Whether something with one of these last names is called in it ("()": something without a name)."""
        return any(name.rpartition(".")[2] in last_names for name in self.called)

    def may_name(self, names: AbstractSet[str]) -> bool:
        """False when none of these names can stand in it: then its body need not be decoded for them."""
        return bool(names)

    def may_rename(self, last_name: str) -> bool:
        """False when none of its `aliases` can be of this name."""
        return any(of == last_name for of, _ in self.aliases)

    def may_hold(self, parts: Iterable[bytes], short: Iterable[bytes], beginning: bytes) -> bool:
        """False when no text in it has one of the parts, or a `short` one and begins like this (a regular expression)."""
        return may_hold(self.encoded, parts, short, _begins_like(beginning))

    @property
    def nodes(self) -> int:
        """About how many nodes its syntax tree has, by the size of what is kept of them."""
        return len(self.encoded) // BYTES_OF_A_NODE

    @property
    def is_read(self) -> bool:
        """False while it is known by its name only, and will be read."""
        return self.not_parsed is None or self.not_parsed.reason != NOT_READ_YET

    @property
    def is_notebook(self) -> bool:
        """True for a notebook."""
        return self.path.endswith(".ipynb")

    def location(self, node: Node) -> Location:
        """The place of a record of this module, in characters and, for notebooks, within its cell."""
        line, end_line, cell = node.line, node.end_line, -1
        if self.cells:
            index = bisect.bisect_right(self.cells, line, key=lambda start: start.line) - 1
            start = self.cells[max(index, 0)]
            cell, line, end_line = start.cell, line - start.line + 1, end_line - start.line + 1
        return Location(
            self.path,
            line,
            self._character(node.line, node.column) + 1,
            end_line,
            self._character(node.end_line, node.end_column) + 1,
            cell,
        )

    def _character(self, line: int, column: int) -> int:
        if not self.wide_lines:
            return column
        index = bisect.bisect_left(self.wide_lines, line, key=lambda wide: wide.line)
        if index == len(self.wide_lines) or self.wide_lines[index].line != line:
            return column
        wide = self.wide_lines[index]
        return column - sum(wide.extra[: bisect.bisect_right(wide.ends, column)])


class PythonSources(msgspec.Struct, frozen=True, dict=True):
    """All Python sources of the project in path order; notebooks are in `Notebooks`.

    `is_complete` is false while only the way from the entry points has been read: the others stand there by name, with
    `NOT_READ_YET` as the reason why they are not parsed.
    """

    modules: tuple[ModuleSummary, ...] = ()
    is_complete: bool = True

    @cached_property
    def by_path(self) -> Mapping[str, ModuleSummary]:
        """Summaries by path."""
        return {module.path: module for module in self.modules}

    @property
    def not_parsed(self) -> Iterable[ModuleSummary]:
        """The modules that could not be read whole."""
        return (module for module in self.modules if module.not_parsed is not None)

    def after(self, contents: Mapping[str, bytes | None]) -> PythonSources:
        """The facts as they would be with these file contents (None = gone)."""
        from repro_gui.facts.summarise import summarise

        changed = {path: content for path, content in contents.items() if is_python_source(path)}
        if not changed:
            return self
        modules = {module.path: module for module in self.modules}
        for path, content in changed.items():
            if content is None:
                modules.pop(path, None)
            else:
                modules[path] = summarise(path, content)
        return msgspec.structs.replace(self, modules=tuple(modules[path] for path in sorted(modules)))


@functools.lru_cache(maxsize=8)
def _begins_like(beginning: bytes) -> re.Pattern[bytes]:
    """A text in an encoded body: one to three bytes that msgpack puts before it, and its beginning."""
    return re.compile(rb"(?s)(?:[\xa0-\xbf]|\xd9.|\xda..)(?:%b)" % beginning)


def may_hold(content: bytes, parts: Iterable[bytes], short: Iterable[bytes], beginning: re.Pattern[bytes]) -> bool:
    """Whether one of the parts is in there, or a short one and the beginning."""
    # One by one, which is several times faster than as one expression.
    return any(part in content for part in parts) or (
        any(part in content for part in short) and beginning.search(content) is not None
    )


def is_python_source(path: str) -> bool:
    """True for the names of Python sources; stubs are none, since nothing runs them."""
    return path.endswith((".py", ".pyw"))
