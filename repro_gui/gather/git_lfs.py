"""Git LFS pointers: what a file in Git LFS is, without running `git lfs`."""

from __future__ import annotations

import hashlib
import re

import msgspec

from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import NotRead, ProjectFiles
from repro_gui.text import text

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: keys in alphabetical order after `version`.
_POINTER = re.compile(
    rb"version https://(?:git-lfs\.github\.com/spec|hawser\.github\.com/spec)/v1\n"
    rb"(?:ext-[^\n]+\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,18})\n?\Z"
)
_CHUNK = 1024 * 1024


class LfsPointer(msgspec.Struct, frozen=True):
    """The content a pointer stands for: its SHA-256 and its size in bytes."""

    sha256: str
    size: int


def read_pointer(content: bytes) -> LfsPointer | None:
    """The pointer that a blob is; None for anything else."""
    found = _POINTER.match(content)
    return LfsPointer(found[1].decode("ascii"), int(found[2])) if found else None


def equals_pointer(opened: ProjectFiles, path: str, pointer: LfsPointer, most: int) -> bool | Unavailable:
    """Whether a file is what a pointer stands for, or that pointer itself; at most `most` bytes are read."""
    status = opened.status(path)
    if isinstance(status, NotRead):
        return status
    if status.st_size != pointer.size:
        start = opened.read_start(path, 1024)
        return not isinstance(start, NotRead) and read_pointer(start) == pointer
    if pointer.size > most:
        return Unavailable(text("it is larger than the {limit} bytes that are read", limit=most))
    file = opened.open(path)
    if isinstance(file, NotRead):
        return file
    digest = hashlib.sha256()
    with file:
        try:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        except OSError:
            return Unavailable(text("{path} could not be read to its end.", path=path))
    return digest.hexdigest() == pointer.sha256
