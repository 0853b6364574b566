"""Files that are too long for a line: written by the worker, read and deleted by the window."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Self

import psutil

from repro_gui.own_folders import cache_folder


class Exchange:
    """A private folder (0700) of this process, deleted at its end; those of killed workers are deleted by the next one."""

    def __init__(self) -> None:
        place = cache_folder("exchange")
        _sweep(place)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=place))
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name: str) -> Path:
        """A new path for a file whose name ends like this."""
        self._count += 1
        return self.folder / f"{self._count}-{name}"

    def write(self, name: str, content: bytes) -> str:
        """Write a file and return its path."""
        path = self.path(name)
        path.write_bytes(content)
        return str(path)


def _sweep(place: Path) -> None:
    for folder in place.iterdir():
        owner = folder.name.partition("-")[0]
        if not owner.isdigit() or not psutil.pid_exists(int(owner)):
            with contextlib.suppress(OSError):
                shutil.rmtree(folder)
