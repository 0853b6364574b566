"""Which folders may run something: remembered per folder, and lapsed when the folder is not the same one any more."""

from __future__ import annotations

import ctypes
import os
import platform
from pathlib import Path

import msgspec

from repro_gui.errors import NeedsTrust, ProjectUnreadable
from repro_gui.own_folders import data_folder, project_key, write_whole
from repro_gui.text import text


class FolderIdentity(msgspec.Struct, frozen=True):
    r"""What makes a folder this one and not another that stands in its place.

    `path` is the real one, undecodable bytes as `\xNN`. `born` (nanoseconds, 0 where the system does not tell) is part of
    it because file systems give the number of a deleted folder to the next new one: ext4 did so in 20 of 20 tries.
    """

    path: str
    device: int
    inode: int
    owner: int
    born: int


# Folders of `--trust`: for the life of this process only.
_for_this_process: set[FolderIdentity] = set()


def identify(folder: Path) -> FolderIdentity:
    """The identity of a folder as it is now, links followed; raises `ProjectUnreadable` when there is none."""
    try:
        real = folder.resolve(strict=True)
        status = real.stat()
    except OSError as error:
        raise ProjectUnreadable(
            text("{path} cannot be opened: {reason}.", path=str(folder), reason=error.strerror or str(error)),
            text("Choose a folder that exists and that you may read."),
        ) from error
    shown = os.fsencode(real).decode("utf-8", "backslashreplace")
    return FolderIdentity(shown, status.st_dev, status.st_ino, status.st_uid, _born(real, status))


def is_trusted(folder: Path) -> bool:
    """True when the person said yes to exactly this folder and it was not replaced since."""
    identity = identify(folder)
    if identity in _for_this_process:
        return True
    try:
        remembered = msgspec.json.decode(_record_of(folder).read_bytes(), type=FolderIdentity)
    except (OSError, msgspec.DecodeError):
        # Anything but a whole record of ours is not a yes.
        return False
    return remembered == identity


def remember_trust(folder: Path) -> None:
    """Keep the person's yes for this folder until it is revoked or the folder is replaced."""
    identity = identify(folder)
    write_whole(_record_of(folder), msgspec.json.encode(identity))


def trust_for_this_process(folder: Path) -> None:
    """Take the person's yes for as long as this process lives (`--trust`)."""
    _for_this_process.add(identify(folder))


def revoke_trust(folder: Path) -> None:
    """Forget the yes; the folder need not exist any more."""
    shown = os.fsencode(folder.resolve()).decode("utf-8", "backslashreplace")
    _for_this_process.difference_update([known for known in _for_this_process if known.path == shown])
    _record_of(folder).unlink(missing_ok=True)


def require_trust(folder: Path, because: str = "") -> None:
    """Raise `NeedsTrust` unless the folder is trusted; `because` names what would run."""
    if is_trusted(folder):
        return
    what = (
        text("This would run code of the project: {because}.", because=because)
        if because
        else text("This would run code of the project.")
    )
    raise NeedsTrust(
        what,
        text(
            "If you trust this folder, allow it with `repro-gui trust PATH`, with `--trust` for one call, or in the window."
        ),
    )


def _record_of(folder: Path) -> Path:
    # One file a folder: two programs that write at once cannot lose each other's record.
    return data_folder("trust") / f"{project_key(folder)}.json"


def _born(folder: Path, status: os.stat_result) -> int:
    """When the folder was made, in nanoseconds; 0 where it cannot be had."""
    system = platform.system()
    if system == "Linux":
        return _statx_birth(os.fsencode(folder))
    if system == "Windows":
        return status.st_ctime_ns
    return int(getattr(status, "st_birthtime", 0) * 1_000_000_000)


class _Timestamp(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_int64), ("nanoseconds", ctypes.c_uint32), ("reserved", ctypes.c_int32))


class _Statx(ctypes.Structure):
    # <linux/stat.h>: struct statx, 256 bytes.
    _fields_ = (
        ("mask", ctypes.c_uint32),
        ("before_times", ctypes.c_uint8 * 60),
        ("accessed", _Timestamp),
        ("born", _Timestamp),
        ("rest", ctypes.c_uint8 * 160),
    )


_AT_FDCWD = -100
_STATX_BTIME = 0x800


def _statx_birth(path: bytes) -> int:
    """Birth time by statx(2), which Python's os.stat does not give on Linux."""
    try:
        statx = ctypes.CDLL(None, use_errno=True).statx
    except (OSError, AttributeError):
        return 0
    found = _Statx()
    if statx(_AT_FDCWD, ctypes.c_char_p(path), 0, _STATX_BTIME, ctypes.byref(found)) != 0:
        return 0
    if not found.mask & _STATX_BTIME:
        return 0
    return int(found.born.seconds) * 1_000_000_000 + int(found.born.nanoseconds)
