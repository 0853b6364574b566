"""Which files a project has."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

import msgspec

from repro_gui.text import Text


class EntryKind(StrEnum):
    """What a name in a folder stands for; only plain files are ever opened. A `FileTree` holds no folders."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"


class TreeEntry(msgspec.Struct, frozen=True):
    """One name: POSIX path relative to the project, size in bytes, and for links where they point (as written).

    Times are nanoseconds since the epoch; with size and inode they tell whether a file was written since it was last
    read. They are 0 where the file exists only as a value.
    """

    path: str
    size: int
    kind: EntryKind = EntryKind.FILE
    executable: bool = False
    link_target: str = ""
    mtime_ns: int = 0
    ctime_ns: int = 0
    inode: int = 0

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def is_folder(self) -> bool:
        """True for real folders only; a link to one is a link."""
        return self.kind is EntryKind.FOLDER


class LeftOut(msgspec.Struct, frozen=True):
    """A path that was not read, and why; these are listed in every report."""

    path: str
    reason: Text


class FileTree(msgspec.Struct, frozen=True, dict=True):
    """All files of the project in path order, environments, caches and `.git` excepted.

    `environment_folders` are virtual or conda environments inside the project (`""`: the project's own folder is one),
    `excluded_folders` other folders that are not the project's own work (caches, `node_modules`, …), `record_folders`
    the stores of experiment trackers (`mlruns`, `wandb`, …), which hold a file per metric: whoever wants their content
    lists it.
    """

    entries: tuple[TreeEntry, ...] = ()
    environment_folders: tuple[str, ...] = ()
    excluded_folders: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    record_folders: tuple[str, ...] = ()

    @cached_property
    def by_path(self) -> dict[str, TreeEntry]:
        """Entries by their path."""
        return {entry.path: entry for entry in self.entries}

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders that hold a file."""
        found: set[str] = set()
        for entry in self.entries:
            folder = entry.path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    def end_of(self, path: str) -> str:
        """The longest end of an absolute path that is a file or folder of the project; empty when there is none."""
        names = [name for name in path.replace("\\", "/").split("/") if name]
        ends = ("/".join(names[start:]) for start in range(1, len(names)))
        return next((end for end in ends if end in self or end in self.folders), "")

    def __contains__(self, path: str) -> bool:
        return path in self.by_path
