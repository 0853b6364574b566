"""Reads the files of a project that hold commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.launchers import (
    LAUNCHER_VERSION,
    MOST_BYTES,
    LauncherFile,
    Launchers,
    launcher_kind,
    read_launchers,
)
from repro_gui.gather.read_each import FileKind, entries_named, never_moved, read_each
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from repro_gui.facts.settings import Settings
    from repro_gui.facts.tree import FileTree
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress


def gather_launchers(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache
) -> Launchers:
    """Look through READMEs, Makefiles, shell scripts, `MLproject`, `dvc.yaml`, packaging, Dockerfiles and CI for commands."""
    kind = FileKind(
        LauncherFile,
        f"launchers/{LAUNCHER_VERSION}",
        min(MOST_BYTES, settings.limits.config_bytes),
        read_launchers,
        _not_read,
        never_moved,
        text("Reading launchers"),
    )
    return Launchers(tuple(read_each(kind, opened, entries_named(opened, tree, launcher_kind), progress, cache)))


def _not_read(path: str, reason: Text) -> LauncherFile:
    return LauncherFile(path, launcher_kind(path), not_read=reason)
