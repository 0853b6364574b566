"""The application's own folders of this user: journals and trust, settings, caches, logs; never inside a project."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import platformdirs

_NAME = "repro-gui"


def data_folder(*parts: str) -> Path:
    """What must not be lost: journals, trust; made private (0700) when it is missing."""
    return _private(platformdirs.user_data_path(_NAME, appauthor=False).joinpath(*parts))


def cache_folder(*parts: str) -> Path:
    """What can be made again; made private when it is missing."""
    return _private(platformdirs.user_cache_path(_NAME, appauthor=False).joinpath(*parts))


def log_folder() -> Path:
    """Where the logs are; made private when it is missing."""
    return _private(platformdirs.user_log_path(_NAME, appauthor=False))


def project_key(root: Path) -> str:
    """The name under which things about a project's folder are kept: a digest of its real path."""
    return hashlib.sha256(os.fsencode(root.resolve())).hexdigest()


def probe_file(root: Path) -> Path:
    """Where the last determinism probe for a project is kept; need not exist."""
    return data_folder("probes") / f"{project_key(root)}.json"


def rebuild_file(root: Path) -> Path:
    """Where the last rebuild of a project's environment is kept; need not exist."""
    return data_folder("rebuilds") / f"{project_key(root)}.json"


def _private(folder: Path) -> Path:
    # Where nothing can be kept (a read-only home) nothing was, and reading goes on without; whoever writes there says so.
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_whole(target: Path, content: bytes) -> None:
    """Write a file of ours so that a reader sees the old or the new bytes, and nobody else's eyes see either."""
    beside = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
