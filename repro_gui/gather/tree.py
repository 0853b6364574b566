"""Lists the files of a project: one walk, nothing followed, nothing opened."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from repro_gui.errors import ProjectUnreadable
from repro_gui.facts.tree import EntryKind, FileTree, LeftOut, TreeEntry
from repro_gui.gather.files import FolderEntry, NotRead
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.settings import Limits
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress

# Made by tools, never written by the project's people. Folders such as `build`, `dist`, `env` or `lib` are not here: many
# projects keep their own sources in them.
_EXCLUDED_NAMES = frozenset({
    ".bzr", ".cache", ".direnv", ".eggs", ".git", ".hg", ".hypothesis", ".ipynb_checkpoints", ".jj", ".mypy_cache", ".nox",
    ".pixi", ".pytest_cache", ".pytype", ".ruff_cache", ".snakemake", ".svn", ".terraform", ".tox", ".virtual_documents",
    "__MACOSX", "__pycache__", "__pypackages__", "bower_components", "node_modules", "site-packages",
})  # fmt: skip
_EXCLUDED_IN_DVC = frozenset({"cache", "tmp", "plots"})
# In an environment made in the project's own folder (`python -m venv .`) only these belong to it.
_PARTS_OF_ENVIRONMENT = frozenset({"bin", "Scripts", "lib", "lib64", "Lib", "include", "Include", "share", "conda-meta", "etc", "ssl"})  # fmt: skip
_RECORD_NAMES = frozenset({"mlruns", "mlartifacts", "wandb", ".aim", ".neptune", ".guild", ".clearml"})


def walk_tree(opened: ProjectFiles, limits: Limits, progress: Progress) -> FileTree:
    """List everything that is the project's own, the folders nearest the top first.

    Nearest first, so that at the limit a huge folder of data costs what lies below it and not the sources beside it.
    Raises `ProjectUnreadable` when the top folder itself cannot be listed.
    """
    entries: list[TreeEntry] = []
    environments: list[str] = []
    excluded: list[str] = []
    records: list[str] = []
    left_out: list[LeftOut] = []
    waiting: deque[tuple[str, int]] = deque([("", 0)])
    seen_folders = 0
    while waiting:
        folder, depth = waiting.popleft()
        seen_folders += 1
        if len(entries) >= limits.files or seen_folders > limits.files:
            reason = text("The limit of {limit} files is reached; {count} folders were not looked into.", limit=limits.files, count=len(waiting) + 1)  # fmt: skip
            left_out.append(LeftOut(".", reason))
            break
        listed = opened.list_folder(folder)
        if isinstance(listed, NotRead):
            if not folder:
                raise ProjectUnreadable(listed.reason, listed.mend or text("Open the project again."))
            left_out.append(LeftOut(folder, listed.reason))
            continue
        is_environment = _is_environment(listed)
        if is_environment:
            environments.append(folder)
            if folder:
                continue
        prefix = f"{folder}/" if folder else ""
        room = limits.files - len(entries)
        if len(listed) > min(room, limits.folder_files):
            listed = _cut(listed, folder, min(room, limits.folder_files), left_out)
        for entry in listed:
            path = prefix + entry.name
            if not entry.is_folder:
                if entry.name != ".git":
                    entries.append(_tree_entry(path, entry))
            elif _is_excluded(entry.name, folder) or (is_environment and entry.name in _PARTS_OF_ENVIRONMENT):
                excluded.append(path)
            elif entry.name in _RECORD_NAMES and not opened.is_file(f"{path}/__init__.py"):
                records.append(path)
            elif depth + 1 > limits.depth:
                left_out.append(LeftOut(path, text("Deeper than {depth} folders.", depth=limits.depth)))
            else:
                waiting.append((path, depth + 1))
        progress.step(text("Listing files"), len(entries), 0)
    entries.sort(key=lambda entry: entry.path)
    return FileTree(
        tuple(entries),
        tuple(sorted(environments)),
        tuple(sorted(excluded)),
        tuple(sorted(left_out, key=lambda item: item.path)),
        tuple(sorted(records)),
    )


def _tree_entry(path: str, entry: FolderEntry) -> TreeEntry:
    return TreeEntry(
        path,
        entry.size,
        entry.kind,
        entry.executable,
        entry.link_target,
        entry.mtime_ns,
        entry.ctime_ns,
        entry.inode,
    )


def _is_environment(listed: list[FolderEntry]) -> bool:
    return any(
        entry.is_folder if entry.name == "conda-meta" else entry.name == "pyvenv.cfg" and entry.kind is EntryKind.FILE
        for entry in listed
    )


def _is_excluded(name: str, folder: str) -> bool:
    return name in _EXCLUDED_NAMES or (name in _EXCLUDED_IN_DVC and folder.rpartition("/")[2] == ".dvc")


def _cut(listed: list[FolderEntry], folder: str, room: int, left_out: list[LeftOut]) -> list[FolderEntry]:
    """Keep all folders and the first files by name; say how many files were left out."""
    folders = [entry for entry in listed if entry.is_folder]
    files = [entry for entry in listed if not entry.is_folder]
    if len(files) <= room:
        return listed
    reason = text("{count} of the files in this folder were not listed: the limit is reached.", count=len(files) - room)
    left_out.append(LeftOut(folder or ".", reason))
    return folders + files[:room]
