"""One writer per project: a lock that windows and the command line share, and that ends with its process."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

import msgspec

from repro_gui.errors import CannotApply
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from repro_gui.progress import Progress

_PATIENCE = 3.0  # seconds; another small fix is over by then


class _Owner(msgspec.Struct):
    process: int
    what: str


@contextlib.contextmanager
def project_lock(folder: Path, progress: Progress) -> Iterator[int]:
    """Hold the lock of a project's journal folder; yields the descriptor for programs that shall hold it too.

    The system lets go of it when the last process that holds the descriptor ends, so a kill leaves no lock behind, and a program that
    outlives us keeps others out. Raises `CannotApply`, naming the owner, after some seconds.
    """
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _wait_for(descriptor, progress)
        _write_owner(descriptor, msgspec.json.encode(_Owner(os.getpid(), " ".join(sys.argv[1:3]))))
        yield descriptor
        _write_owner(descriptor, b"")
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, progress: Progress) -> None:
    end = time.monotonic() + _PATIENCE
    while not _try_lock(descriptor):
        if time.monotonic() > end:
            raise _held(descriptor)
        progress.step(text("Waiting for another change of this project to end"), 0, 0)
        time.sleep(0.05)


def _write_owner(descriptor: int, content: bytes) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, content)


def _held(descriptor: int) -> CannotApply:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        owner = msgspec.json.decode(os.read(descriptor, 4096), type=_Owner)
    except (OSError, msgspec.DecodeError):
        what = text("Another Repro GUI is changing this project.")
    else:
        what = text(
            "Another Repro GUI is changing this project (process {process}, {what}).",
            process=owner.process,
            what=owner.what or "window",
        )
    return CannotApply(what, text("Wait until it is done, then try again."))


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        # A byte far behind the owner's name, which others read while the lock is held.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
