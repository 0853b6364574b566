"""Which files a project has."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

import msgspec

from repro_gui.text import Text


class EntryKind(StrEnum):
    """What a name in a folder stands for; only plain files are ever opened."""

    FILE = "file"
    LINK = "link"
    OTHER = "other"


class TreeEntry(msgspec.Struct, frozen=True):
    """One name: POSIX path relative to the project, size in bytes, and for links where they point (as written)."""

    path: str
    size: int
    kind: EntryKind = EntryKind.FILE
    executable: bool = False
    link_target: str = ""


class LeftOut(msgspec.Struct, frozen=True):
    """A path that was not read, and why; these are listed in every report."""

    path: str
    reason: Text


class FileTree(msgspec.Struct, frozen=True, dict=True):
    """All files of the project in path order, environments, caches and `.git` excepted.

    `environment_folders` are virtual or conda environments inside the project, `excluded_folders` other folders that are not the
    project's own work (caches, `node_modules`, …).
    """

    entries: tuple[TreeEntry, ...] = ()
    environment_folders: tuple[str, ...] = ()
    excluded_folders: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @cached_property
    def by_path(self) -> dict[str, TreeEntry]:
        """Entries by their path."""
        return {entry.path: entry for entry in self.entries}

    def __contains__(self, path: str) -> bool:
        return path in self.by_path
