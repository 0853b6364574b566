"""Notices edits in a project's folder while it is open."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import watch as watch_folder

from repro_gui.errors import ProjectUnreadable
from repro_gui.text import escape_undecodable, text
from repro_gui.worker.messages import FilesChanged, Reply, Watch

if TYPE_CHECKING:
    import threading

_MOST_PATHS = 100
_SETTLE_MS = 150
_LOOK_MS = 1000
# Where no watch can be had: so many times as long as looking took it rests, and so many files are looked at.
_REST = 20
_MOST_LOOKED_AT = 200_000
# What changes all the time and is no part of any answer. Of Git's folder, what a commit, a checkout or a fetch writes counts.
_UNHEARD = frozenset(
    {
        "__pycache__",
        ".venv",
        "venv",
        "node_modules",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".ipynb_checkpoints",
        ".tox",
    }
)
_UNHEARD_OF_GIT = frozenset({"objects", "logs", "lfs", "fsmonitor--daemon"})


def watch(request: Watch, stop: threading.Event, send: Callable[[Reply], None]) -> None:
    """Send `FilesChanged` until it is stopped; raises `ProjectUnreadable` when the folder vanishes."""
    root = Path(os.path.realpath(request.root))
    if not root.is_dir():
        raise _gone(request.root)
    try:
        for changes in watch_folder(
            root,
            watch_filter=lambda _, path: _is_heard(root, path),
            debounce=1600,
            step=_SETTLE_MS,
            stop_event=stop,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            if not root.is_dir():
                raise _gone(request.root)
            paths = sorted({_relative(root, path) for _, path in changes})
            if paths:
                send(
                    FilesChanged(
                        number=request.number, root=request.root, paths=tuple(paths[:_MOST_PATHS]), count=len(paths)
                    )
                )
    except (OSError, RuntimeError):
        # Names that are no Unicode, or no watch left to give: looked at again and again instead.
        if not root.is_dir():
            raise _gone(request.root) from None
        _look(root, request, stop, send)


def _look(root: Path, request: Watch, stop: threading.Event, send: Callable[[Reply], None]) -> None:
    """Notice edits by the times and sizes of the files; rests the longer the more there are."""
    before = _stamps(root)
    while True:
        began = time.monotonic()
        now = _stamps(root)
        if not root.is_dir():
            raise _gone(request.root)
        changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
        before = now
        if changed:
            paths = tuple(escape_undecodable(path) for path in changed[:_MOST_PATHS])
            send(FilesChanged(number=request.number, root=request.root, paths=paths, count=len(changed)))
        if stop.wait(_LOOK_MS / 1000 + _REST * (time.monotonic() - began)):
            return


def _stamps(root: Path) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    waiting = [""]
    while waiting and len(found) < _MOST_LOOKED_AT:
        folder = waiting.pop()
        try:
            with os.scandir(root / folder) as listed:
                for item in listed:
                    path = f"{folder}/{item.name}" if folder else item.name
                    if not _is_heard(root, str(root / path)):
                        continue
                    if item.is_dir(follow_symlinks=False):
                        waiting.append(path)
                    else:
                        status = item.stat(follow_symlinks=False)
                        found[path] = (status.st_mtime_ns, status.st_size)
        except OSError:
            continue
    return found


def _is_heard(root: Path, path: str) -> bool:
    parts = _relative(root, path).split("/")
    if parts[0] == ".git":
        return len(parts) == 1 or (parts[1] not in _UNHEARD_OF_GIT and not parts[-1].endswith(".lock"))
    return not _UNHEARD.intersection(parts) and not parts[-1].startswith(".repro-gui-")


def _relative(root: Path, path: str) -> str:
    return escape_undecodable(os.path.relpath(path, root).replace(os.sep, "/"))


def _gone(root: str) -> ProjectUnreadable:
    return ProjectUnreadable(
        text("The folder {path} is not there any more.", path=root), text("Check that its drive is connected.")
    )
