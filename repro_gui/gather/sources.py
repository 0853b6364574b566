"""Reads the Python sources of a project; many of them in processes beside this one."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.sources import SUMMARISER_VERSION, ModuleSummary, NotParsed, PythonSources, is_python_source
from repro_gui.facts.summarise import summarise
from repro_gui.gather.files import NotRead
from repro_gui.gather.read_each import STEP, CacheOf, FileKind, entries_named
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from repro_gui.facts.settings import Settings
    from repro_gui.facts.tree import FileTree, TreeEntry
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress

# Starting two processes takes as long as parsing about a megabyte; below a few of these it does not pay.
_WORTH_PROCESSES = 3 * 1024 * 1024
# Unread content is held in memory for no more than this at a time.
_HELD_BYTES = 24 * 1024 * 1024


def gather_sources(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache
) -> PythonSources:
    """Read every Python source; one that cannot be read or parsed is in the facts with its reason."""
    limit = settings.limits.source_bytes
    kind = FileKind(
        ModuleSummary,
        f"module-summary/{SUMMARISER_VERSION}",
        limit,
        partial(summarise, most_bytes=limit),
        _not_read,
        _moved,
        text("Reading Python sources"),
    )
    entries = entries_named(opened, tree, is_python_source)
    reading = _Reading(kind, opened, entries, progress, cache)
    return PythonSources(tuple(reading.all()))


class _Reading:
    def __init__(
        self,
        kind: FileKind[ModuleSummary],
        opened: ProjectFiles,
        entries: list[TreeEntry],
        progress: Progress,
        cache: Cache,
    ) -> None:
        self._kind = kind
        self._opened = opened
        self._entries = entries
        self._progress = progress
        self._cache = CacheOf(kind, cache)
        self._found: dict[str, ModuleSummary] = {}

    def all(self) -> list[ModuleSummary]:
        unknown = []
        for count, entry in enumerate(self._entries):
            if count % STEP == 0:
                self._report(count)
            made = self._cache.find(entry)
            if made is None:
                unknown.append(entry)
            else:
                self._found[entry.path] = made
        self._read_unknown(unknown)
        return [self._found[entry.path] for entry in self._entries]

    def _report(self, done: int) -> None:
        self._progress.step(self._kind.what, done, len(self._entries))

    def _read_unknown(self, entries: list[TreeEntry]) -> None:
        expected = sum(min(entry.size, self._kind.most_bytes) for entry in entries)
        if expected >= _WORTH_PROCESSES and (os.cpu_count() or 1) > 1:
            from repro_gui.gather.beside import summarise_beside

            held: list[tuple[TreeEntry, bytes]] = []
            size = 0
            with summarise_beside(self._kind.most_bytes) as work:
                for entry in entries:
                    content = self._content(entry)
                    if content is not None:
                        held.append((entry, content))
                        size += len(content)
                    if size >= _HELD_BYTES:
                        self._take(work.summarise(held, self._report_found))
                        held, size = [], 0
                self._take(work.summarise(held, self._report_found))
            return
        for count, entry in enumerate(entries):
            if count % STEP == 0:
                self._report_found(0)
            content = self._content(entry)
            if content is not None:
                self._found[entry.path] = self._cache.keep(entry, content, self._kind.read(entry.path, content))

    def _report_found(self, more: int) -> None:
        self._report(min(len(self._found) + more, len(self._entries)))

    def _content(self, entry: TreeEntry) -> bytes | None:
        """What must be parsed; None when the file cannot be had or its content is known."""
        content = self._opened.read(entry.path, self._kind.most_bytes)
        if isinstance(content, NotRead):
            self._found[entry.path] = self._kind.not_read(entry.path, content.reason)
            return None
        made = self._cache.find_content(entry, content)
        if made is None:
            return content
        self._found[entry.path] = made
        return None

    def _take(self, made: list[tuple[TreeEntry, bytes, ModuleSummary]]) -> None:
        for entry, content, module in made:
            self._found[entry.path] = self._cache.keep(entry, content, module)


def _not_read(path: str, reason: Text) -> ModuleSummary:
    return ModuleSummary(path, not_parsed=NotParsed(reason))


def _moved(module: ModuleSummary, path: str) -> ModuleSummary:
    return msgspec.structs.replace(module, path=path)
