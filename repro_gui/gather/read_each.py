"""Reads each file of one kind, through the cache, into its record."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from repro_gui.facts.tree import EntryKind
from repro_gui.gather.files import NotRead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from repro_gui.facts.tree import FileTree, TreeEntry
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress
    from repro_gui.text import Text

R = TypeVar("R", bound=msgspec.Struct)

# Between two reports of progress, and so between two looks at a cancel: some milliseconds of work.
STEP = 16


class FileKind(msgspec.Struct, Generic[R]):
    """How files of one kind become records.

    `cached_as` names the record and its version; `not_read` makes the record of a file that could not be had; `moved` gives a record
    made of the same content elsewhere its path here, None where it must be made anew.
    """

    record: type[R]
    cached_as: str
    most_bytes: int
    read: Callable[[str, bytes], R]
    not_read: Callable[[str, Text], R]
    moved: Callable[[R, str], R | None]
    what: Text


def entries_named(opened: ProjectFiles, tree: FileTree, is_wanted: Callable[[str], object]) -> list[TreeEntry]:
    """Plain files of the wanted names, and links to plain files inside the project, in path order."""
    return [
        entry
        for entry in tree.entries
        if is_wanted(entry.path)
        and (entry.kind is EntryKind.FILE or (entry.kind is EntryKind.LINK and opened.is_file(entry.path)))
    ]


def read_each(
    kind: FileKind[R], opened: ProjectFiles, entries: Sequence[TreeEntry], progress: Progress, cache: Cache
) -> list[R]:
    """One record for each file, in the order given."""
    look_up = CacheOf(kind, cache)
    found: list[R] = []
    for count, entry in enumerate(entries):
        if count % STEP == 0:
            progress.step(kind.what, count, len(entries))
        made = look_up.find(entry)
        if made is None:
            content = opened.read(entry.path, kind.most_bytes)
            if isinstance(content, NotRead):
                made = kind.not_read(entry.path, content.reason)
            else:
                made = look_up.find_content(entry, content) or look_up.keep(
                    entry, content, kind.read(entry.path, content)
                )
        found.append(made)
    return found


class CacheOf(Generic[R]):
    """The cache as records of one kind."""

    def __init__(self, kind: FileKind[R], cache: Cache) -> None:
        self._kind = kind
        self._cache = cache
        self._decode = msgspec.msgpack.Decoder(kind.record).decode
        self._encode = msgspec.msgpack.Encoder().encode

    def find(self, entry: TreeEntry) -> R | None:
        """The record of a file that has not changed since it was made."""
        # A link has its own size and times, which say nothing about what it points to.
        if not _is_file(entry):
            return None
        held = self._cache.recall(self._kind.cached_as, entry)
        if isinstance(held, self._kind.record):
            return held
        return self._held(entry, self._made(self._cache.find(self._kind.cached_as, entry), entry.path))

    def find_content(self, entry: TreeEntry, content: bytes) -> R | None:
        """The record made of the same bytes before."""
        if not _is_file(entry):
            return None
        return self._held(entry, self._made(self._cache.find_content(self._kind.cached_as, entry, content), entry.path))

    def keep(self, entry: TreeEntry, content: bytes, made: R, encoded: bytes = b"") -> R:
        """Remember a record; returns it."""
        if _is_file(entry):
            # A name or a string with lone surrogates cannot be written down: such a file is read anew each time.
            with contextlib.suppress(UnicodeEncodeError):
                self._cache.keep(self._kind.cached_as, entry, content, encoded or self._encode(made))
            self._held(entry, made)
        return made

    def _held(self, entry: TreeEntry, made: R | None) -> R | None:
        if made is not None:
            self._cache.hold(self._kind.cached_as, entry, made)
        return made

    def _made(self, value: bytes | None, path: str) -> R | None:
        if value is None:
            return None
        try:
            made = self._decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return made if getattr(made, "path", path) == path else self._kind.moved(made, path)


def _is_file(entry: TreeEntry) -> bool:
    return entry.kind is EntryKind.FILE


def never_moved(_made: R, _path: str) -> R | None:
    """For records that hold their path in many places."""
    return None
