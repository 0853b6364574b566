"""Reads the configuration files of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.configs import CONFIG_VERSION, MOST_BYTES, ConfigFile, Configs, config_kind, read_config
from repro_gui.gather.read_each import FileKind, entries_named, never_moved, read_each
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from repro_gui.facts.settings import Settings
    from repro_gui.facts.tree import FileTree
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress


def gather_configs(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache
) -> Configs:
    """Read every file that may hold settings; what is too large or broken is in the facts with its reason."""
    kind = FileKind(
        ConfigFile,
        f"config/{CONFIG_VERSION}",
        min(MOST_BYTES, settings.limits.config_bytes),
        read_config,
        _not_read,
        never_moved,
        text("Reading configuration files"),
    )
    return Configs(tuple(read_each(kind, opened, entries_named(opened, tree, config_kind), progress, cache)))


def _not_read(path: str, reason: Text) -> ConfigFile:
    return ConfigFile(path, config_kind(path), not_read=reason)
