"""Reads the files that say something about the environment, and what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.dependencies import EnvironmentFile
from repro_gui.facts.environment import NO_ENVIRONMENT, Environment, missing_includes
from repro_gui.facts.environment_files import parse_environment_file, recognise, unread_file
from repro_gui.facts.installed import InstalledEnvironment
from repro_gui.facts.tree import EntryKind
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import NotRead, WhyNot
from repro_gui.gather.installed import read_installed
from repro_gui.gather.interpreters import find_interpreters, interpreter_at, these_surroundings
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.installed import Interpreter
    from repro_gui.facts.settings import Settings
    from repro_gui.facts.tree import FileTree, TreeEntry
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.gather.interpreters import Surroundings
    from repro_gui.progress import Progress

# Smaller ones are read faster than they are looked up.
_CACHED_BYTES = 32 * 1024
# Lock files of real projects reach a few megabytes; they are read by the same parsers.
_LOCK_FACTOR = 4


def gather_environment(
    opened: ProjectFiles,
    tree: FileTree,
    settings: Settings,
    progress: Progress,
    cache: Cache | None = None,
    surroundings: Surroundings | None = None,
) -> Environment:
    """Everything that the project declares, locks and has installed."""
    declared = Environment(_read_files(opened, tree, settings, progress, cache))
    interpreters = find_interpreters(
        opened.root, tree.environment_folders, declared, surroundings or these_surroundings()
    )
    chosen = _choose(settings.interpreter, interpreters)
    installed: InstalledEnvironment | Unavailable
    if isinstance(chosen, Unavailable):
        installed = chosen
    else:
        installed = read_installed(chosen, progress)
        if chosen.path not in {interpreter.path for interpreter in interpreters}:
            interpreters = (chosen, *interpreters)
    return msgspec.structs.replace(declared, installed=installed, interpreters=interpreters)


def _choose(wanted: str, interpreters: tuple[Interpreter, ...]) -> Interpreter | Unavailable:
    if wanted:
        chosen = interpreter_at(wanted)
        if chosen is not None:
            return next((known for known in interpreters if known.path == chosen.path), chosen)
        return Unavailable(
            text("The chosen interpreter has no environment that can be read."), text("Choose another interpreter.")
        )
    for interpreter in interpreters:
        if interpreter.is_of_project and interpreter.site_packages:
            return interpreter
    return NO_ENVIRONMENT


def _read_files(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache | None
) -> tuple[EnvironmentFile, ...]:
    wanted = [entry.path for entry in tree.entries if entry.kind in _READABLE and recognise(entry.path)]
    files: dict[str, EnvironmentFile] = {}
    pending = wanted
    while pending:
        for done, path in enumerate(pending):
            progress.step(text("Reading environment files"), done, len(pending))
            read = _read_file(opened, path, tree.by_path.get(path), settings, cache)
            if read is not None:
                files[path] = read
        pending = sorted(path for path in missing_includes(files.values()) if path in tree)
    return tuple(files[path] for path in sorted(files))


_READABLE = frozenset({EntryKind.FILE, EntryKind.LINK})


def _read_file(
    opened: ProjectFiles, path: str, entry: TreeEntry | None, settings: Settings, cache: Cache | None
) -> EnvironmentFile | None:
    # The path stands in the locations of what is read, so it belongs to the key.
    kind = f"environment-file/6:{path}"
    is_cached = cache is not None and entry is not None and entry.size > _CACHED_BYTES
    if is_cached:
        assert cache is not None
        assert entry is not None
        value = cache.find(kind, entry)
        if value is not None and (known := _decoded(value)) is not None:
            return known
    content = opened.read(path, settings.limits.config_bytes * _LOCK_FACTOR)
    if isinstance(content, NotRead):
        return None if content.why is WhyNot.MISSING else unread_file(path, content.reason)
    parsed = parse_environment_file(path, content)
    if is_cached:
        assert cache is not None
        assert entry is not None
        cache.keep(kind, entry, content, msgspec.msgpack.encode(parsed))
    return parsed


def _decoded(value: bytes) -> EnvironmentFile | None:
    try:
        return msgspec.msgpack.decode(value, type=EnvironmentFile)
    except msgspec.DecodeError:
        return None
