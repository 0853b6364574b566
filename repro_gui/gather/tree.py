"""Lists the files of a project: one walk, nothing followed, nothing opened."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from repro_gui.errors import ProjectUnreadable
from repro_gui.facts.tree import EntryKind, FileTree, LeftOut, TreeEntry
from repro_gui.gather.files import NotRead
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.settings import Limits
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress

# Made by tools, never written by the project's people. Folders such as `build`, `dist`, `env` or `lib` are not here:
# many projects keep their own sources in them.
_EXCLUDED = frozenset(
    [
        ".bzr",
        ".cache",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".hypothesis",
        ".ipynb_checkpoints",
        ".jj",
        ".mypy_cache",
        ".nox",
        ".pixi",
        ".pytest_cache",
        ".pytype",
        ".ruff_cache",
        ".snakemake",
        ".svn",
        ".terraform",
        ".tox",
        ".virtual_documents",
        "__MACOSX",
        "__pycache__",
        "__pypackages__",
        "bower_components",
        "node_modules",
        "site-packages",
    ]
)
_EXCLUDED_IN_DVC = frozenset({"cache", "tmp", "plots"})
# In an environment made in the project's own folder (`python -m venv .`) only these belong to it.
_PARTS_OF_ENVIRONMENT = frozenset(
    ["bin", "conda-meta", "etc", "include", "Include", "lib", "lib64", "Lib", "Scripts", "share", "ssl"]
)
_RECORDS = frozenset(["mlruns", "mlartifacts", "wandb", ".aim", ".clearml", ".guild", ".neptune"])


def walk_tree(opened: ProjectFiles, limits: Limits, progress: Progress) -> FileTree:
    """List everything that is the project's own, the folders nearest the top first.

    Nearest first, so that at the limit a huge folder of data costs what lies below it and not the sources beside it.
    Raises `ProjectUnreadable` when the top folder itself cannot be listed.
    """
    walk = _Walk(opened, limits)
    while walk.waiting:
        walk.list_next()
        progress.step(text("Listing files"), len(walk.entries), 0)
    return walk.tree()


class _Walk:
    def __init__(self, opened: ProjectFiles, limits: Limits) -> None:
        self.waiting: deque[tuple[str, int]] = deque([("", 0)])
        self.entries: list[TreeEntry] = []
        self._opened = opened
        self._limits = limits
        self._folders = 0
        self._environments: list[str] = []
        self._excluded: list[str] = []
        self._records: list[str] = []
        self._left_out: list[LeftOut] = []

    def list_next(self) -> None:
        """List the folder that waits longest."""
        if len(self.entries) >= self._limits.files or self._folders > self._limits.files:
            self._stop()
            return
        folder, depth = self.waiting.popleft()
        self._folders += 1
        listed = self._opened.list_folder(folder)
        if isinstance(listed, NotRead):
            if not folder:
                raise ProjectUnreadable(listed.reason, listed.mend or text("Open the project again."))
            self._left_out.append(LeftOut(folder, listed.reason))
            return
        is_environment = _is_environment(listed)
        if is_environment:
            self._environments.append(folder)
            if folder:
                return
        for entry in self._within_limits(folder, listed):
            if entry.kind is not EntryKind.FOLDER:
                if not entry.path.endswith(".git") or entry.name != ".git":
                    self.entries.append(entry)
                if entry.kind is EntryKind.OTHER:
                    reason = text("It is a named pipe, a socket or a device: it was not opened.")
                    self._left_out.append(LeftOut(entry.path, reason))
            elif is_environment and entry.name in _PARTS_OF_ENVIRONMENT:
                self._excluded.append(entry.path)
            else:
                self._take_folder(entry, folder, depth + 1)

    def tree(self) -> FileTree:
        """What was found, in path order."""
        return FileTree(
            tuple(sorted(self.entries, key=lambda entry: entry.path)),
            tuple(sorted(self._environments)),
            tuple(sorted(self._excluded)),
            tuple(sorted(self._left_out, key=lambda item: item.path)),
            tuple(sorted(self._records)),
        )

    def _take_folder(self, entry: TreeEntry, above: str, depth: int) -> None:
        name = entry.name
        if name in _EXCLUDED or (name in _EXCLUDED_IN_DVC and above.rpartition("/")[2] == ".dvc"):
            self._excluded.append(entry.path)
        elif name in _RECORDS and not self._opened.is_file(f"{entry.path}/__init__.py"):
            self._records.append(entry.path)
        elif depth > self._limits.depth:
            reason = text("It lies deeper than {depth} folders.", depth=self._limits.depth)
            self._left_out.append(LeftOut(entry.path, reason))
        else:
            self.waiting.append((entry.path, depth))

    def _within_limits(self, folder: str, listed: list[TreeEntry]) -> list[TreeEntry]:
        """All folders and the first files by name, with a word on how many were left out."""
        room = min(self._limits.files - len(self.entries), self._limits.folder_files)
        if len(listed) <= room:
            return listed
        files = [entry for entry in listed if entry.kind is not EntryKind.FOLDER]
        if len(files) <= room:
            return listed
        count = len(files) - room
        reason = text("The limit is reached: {count} files of this folder were not listed.", count=count)
        self._left_out.append(LeftOut(folder or ".", reason))
        return [entry for entry in listed if entry.kind is EntryKind.FOLDER] + files[:room]

    def _stop(self) -> None:
        reason = text(
            "The limit of {limit} files is reached: {count} folders were not looked into.",
            limit=self._limits.files,
            count=len(self.waiting),
        )
        self._left_out.append(LeftOut(".", reason))
        self.waiting.clear()


def _is_environment(listed: list[TreeEntry]) -> bool:
    for entry in listed:
        # The end of the path first: this is asked of every file of the project.
        if entry.path.endswith(("pyvenv.cfg", "conda-meta")) and (
            (entry.kind is EntryKind.FILE and entry.name == "pyvenv.cfg")
            or (entry.kind is EntryKind.FOLDER and entry.name == "conda-meta")
        ):
            return True
    return False
