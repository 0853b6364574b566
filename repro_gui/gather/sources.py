"""Reads the Python sources of a project; many of them in processes beside this one."""

from __future__ import annotations

import os
import re
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, cast

import msgspec

from repro_gui.facts.modules import ModuleFinder, files_run_by
from repro_gui.facts.outlines import OUTLINER_VERSION, OutlinedModule
from repro_gui.facts.sources import (
    NOT_READ_YET,
    SUMMARISER_VERSION,
    ModuleSummary,
    NotParsed,
    PythonSources,
    is_python_source,
)
from repro_gui.facts.summarise import summarise
from repro_gui.gather.files import NotRead
from repro_gui.gather.likely_ways import likely_looked_into
from repro_gui.gather.read_each import STEP, CacheOf, FileKind, entries_named
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from repro_gui.facts.settings import Limits, Settings
    from repro_gui.facts.tree import FileTree, TreeEntry
    from repro_gui.gather.beside import Beside
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress

# Starting two processes takes as long as parsing about a megabyte; below a few of these it does not pay.
_WORTH_PROCESSES = 3 * 1024 * 1024
# Unread content is held in memory for no more than this at a time.
_HELD_BYTES = 24 * 1024 * 1024
# Less than this is read and followed in less time than somebody waits.
_LONG_BYTES = 1024 * 1024
# What is read first: parsing and following this takes some tenths of a second.
_FIRST_NODES = 120_000
_MOST_LOOKED_AT = 3_000
# Words in the names of programs that make results, and of folders whose programs make none.
_LIKELY = frozenset(
    {"train", "training", "main", "run", "fit", "finetune", "pretrain", "eval", "evaluate", "experiment"}
)
_UNLIKELY = frozenset(
    {"test", "tests", "testing", "doc", "docs", "examples", "benchmarks", "third_party", "vendor", "build"}
)


def gather_sources(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache
) -> PythonSources:
    """Read every Python source; one that cannot be read or parsed is in the facts with its reason."""
    return read_sources(opened, tree, settings, progress, cache).all()


def read_sources(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache
) -> SourceReading:
    """Begin to read the Python sources."""
    limit, nodes = settings.limits.source_bytes, settings.limits.syntax_nodes
    kind = FileKind(
        ModuleSummary,
        f"module-summary/{SUMMARISER_VERSION}/{nodes}",
        limit,
        partial(summarise, most_bytes=limit, most_nodes=nodes),
        _not_read,
        _moved,
        text("Reading Python sources"),
    )
    entries = entries_named(opened, tree, is_python_source)
    return SourceReading(kind, settings.limits, opened, entries, progress, cache)


class SourceReading:
    """The reading of all Python sources of one project, which can stop when the way from the entry points is read."""

    def __init__(
        self,
        kind: FileKind[ModuleSummary],
        limits: Limits,
        opened: ProjectFiles,
        entries: list[TreeEntry],
        progress: Progress,
        cache: Cache,
    ) -> None:
        self._kind = kind
        self._limits = limits
        self._opened = opened
        self._entries = entries
        self._progress = progress
        self._cache = CacheOf(kind, cache)
        outlines = msgspec.structs.replace(kind, record=OutlinedModule, cached_as=f"module-outline/{OUTLINER_VERSION}")
        self._outlines = CacheOf(cast("FileKind[OutlinedModule]", outlines), cache)
        self._starts: tuple[str, ...] = ()
        self._found: dict[str, ModuleSummary] = {}
        # Read to see whether they start something, and not parsed yet.
        self._held: dict[str, bytes] = {}

    @property
    def is_long(self) -> bool:
        """Whether a person would wait for it, so that the way from the entry points is worth reading first."""
        return sum(min(entry.size, self._kind.most_bytes) for entry in self._entries) >= _LONG_BYTES

    def first(self, starts: Sequence[str]) -> PythonSources:
        """The sources on the way from the entry points, as many as `_FIRST_NODES` allow; the others are `NOT_READ_YET`.

        `starts` are the paths of scripts that are known to be run. After them come those that look like programs, likely
        names first, each with all that it imports before the next one.
        """
        self._starts = tuple(starts)
        by_path = {entry.path: entry for entry in self._entries}
        finder = ModuleFinder(by_path, extends_path=True)
        left = _FIRST_NODES
        looked = held = 0
        for path in dict.fromkeys((*starts, *sorted(by_path, key=_how_likely))):
            if left <= 0 or looked >= _MOST_LOOKED_AT or held >= _HELD_BYTES:
                break
            if path not in by_path:
                continue
            looked += 1
            held += by_path[path].size
            if looked % STEP == 0:
                self._report_found(0)
            if path in starts or self._starts_something(by_path[path]):
                left = self._follow(path, by_path, finder, left)
        modules = [self._found.get(entry.path) or _not_read(entry.path, NOT_READ_YET) for entry in self._entries]
        return PythonSources(tuple(modules), is_complete=len(self._found) == len(modules))

    def _follow(self, path: str, by_path: Mapping[str, TreeEntry], finder: ModuleFinder, left: int) -> int:
        """Read a source and what it imports, breadth first, while nodes are `left`; how many are left then."""
        pending = deque([path])
        reached = {path}
        while pending and left > 0:
            here = pending.popleft()
            is_new = here not in self._found
            module = self._read_one(by_path[here])
            left -= module.nodes if is_new else 0
            for name in module.imports:
                for one in files_run_by(name, here, finder):
                    if one in by_path and one not in reached:
                        reached.add(one)
                        pending.append(one)
        return left

    def all(self) -> PythonSources:
        """Every source."""
        unknown = []
        for count, entry in enumerate(self._entries):
            if count % STEP == 0:
                self._report(count)
            if entry.path in self._found:
                continue
            made = None if entry.path in self._held else self._cache.find(entry) or self._outlines.find(entry)
            if made is None:
                unknown.append(entry)
            else:
                self._found[entry.path] = made
        self._read_unknown(unknown)
        return PythonSources(tuple(self._found[entry.path] for entry in self._entries))

    def _starts_something(self, entry: TreeEntry) -> bool:
        """Whether a source is one that people run, by its bytes; what is known of it already is taken from the cache."""
        made = self._found.get(entry.path) or self._cache.find(entry) or self._outlines.find(entry)
        if made is not None:
            return made.has_main_guard
        content = self._content(entry)
        if content is None:
            return self._found[entry.path].has_main_guard
        self._held[entry.path] = content
        return b"__main__" in content and b"__name__" in content

    def _read_one(self, entry: TreeEntry) -> ModuleSummary:
        made = self._found.get(entry.path) or (None if entry.path in self._held else self._cache.find(entry))
        if made is None:
            content = self._content(entry)
            if content is None:
                return self._found[entry.path]
            made = self._cache.keep(entry, content, self._kind.read(entry.path, content))
        self._found[entry.path] = made
        return made

    def _report(self, done: int) -> None:
        self._progress.step(self._kind.what, done, len(self._entries))

    def _read_unknown(self, entries: list[TreeEntry]) -> None:
        expected = sum(min(entry.size, self._kind.most_bytes) for entry in entries)
        if expected >= _WORTH_PROCESSES and (os.cpu_count() or 1) > 1:
            from repro_gui.gather.beside import summarise_beside

            held: list[tuple[TreeEntry, bytes]] = []
            size = 0
            with summarise_beside(self._limits) as work:
                finder = ModuleFinder([entry.path for entry in self._entries], extends_path=True)
                for number, entry in enumerate(entries, 1):
                    content = self._content(entry)
                    if content is not None:
                        held.append((entry, content))
                        size += len(content)
                    if size >= _HELD_BYTES or number == len(entries):
                        self._summarise(work, held, finder)
                        held, size = [], 0
            return
        for count, entry in enumerate(entries):
            if count % STEP == 0:
                self._report_found(0)
            content = self._content(entry)
            if content is not None:
                self._found[entry.path] = self._cache.keep(entry, content, self._kind.read(entry.path, content))

    def _summarise(self, work: Beside, held: list[tuple[TreeEntry, bytes]], finder: ModuleFinder) -> None:
        """Summarise what an audit will probably look into, and outline the rest of a large tree."""
        whole = likely_looked_into({entry.path: content for entry, content in held}, self._starts, finder)
        # What takes longest comes first, so that all processes end at about the same time.
        held.sort(key=lambda item: item[0].path not in whole)
        outlined = {entry.path for entry, _ in held} - whole
        for entry, content, module in work.summarise(held, self._report_found, outlined):
            if isinstance(module, OutlinedModule):
                self._found[entry.path] = self._outlines.keep(entry, content, module)
            else:
                self._found[entry.path] = self._cache.keep(entry, content, module)

    def _report_found(self, more: int) -> None:
        self._report(min(len(self._found) + more, len(self._entries)))

    def _content(self, entry: TreeEntry) -> bytes | None:
        """What must be parsed; None when the file cannot be had or its content is known."""
        held = self._held.pop(entry.path, None)
        if held is not None:
            return held
        content = self._opened.read(entry.path, self._kind.most_bytes)
        if isinstance(content, NotRead):
            self._found[entry.path] = self._kind.not_read(entry.path, content.reason)
            return None
        made = self._cache.find_content(entry, content) or self._outlines.find_content(entry, content)
        if made is None:
            return content
        self._found[entry.path] = made
        return None


def _how_likely(path: str) -> tuple[bool, bool, int, str]:
    """Sorts programs that probably make results before others."""
    *folders, name = path.lower().split("/")
    words = set(re.split(r"[\W\d_]+", name.rpartition(".")[0]))
    return (not _UNLIKELY.isdisjoint((*folders, *words)), _LIKELY.isdisjoint(words), len(folders), path)


def _not_read(path: str, reason: Text) -> ModuleSummary:
    return ModuleSummary(path, not_parsed=NotParsed(reason))


def _moved(module: ModuleSummary, path: str) -> ModuleSummary:
    return msgspec.structs.replace(module, path=path)
