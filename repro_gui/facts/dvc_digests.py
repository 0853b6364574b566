"""The digests that DVC takes of files and folders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import msgspec

# DVC reads in pieces of this size and decides for each by its start whether it is text.
PIECE = 1024 * 1024
_START = 512
_TEXT_BYTES = bytes(range(32, 127)) + b"\n\r\t\f\b"
_MOST_BINARY = 0.30


class FileHash(msgspec.Struct, frozen=True):
    r"""The bytes of one file: size, MD5, and MD5 with `\r\n` made `\n` in text, as DVC before 3 took it."""

    size: int
    md5: str
    md5_text: str

    def digest(self, hash_name: str) -> str:
        """The digest under DVC's name for it; empty for a kind that is not read."""
        return {"md5": self.md5, "md5-dos2unix": self.md5_text}.get(hash_name, "")


class Digester:
    """Takes the digests of one file from its bytes, given in pieces of exactly `PIECE` bytes but for the last."""

    def __init__(self) -> None:
        self._size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        # Kept only from the first difference on: most files have no line ends to change.
        self._text: hashlib._Hash | None = None

    def update(self, piece: bytes) -> None:
        """Take the next piece."""
        # The look at the start is cheaper than the search, and data is mostly binary.
        changed = piece.replace(b"\r\n", b"\n") if _is_text(piece) and b"\r\n" in piece else piece
        if changed is not piece and self._text is None:
            self._text = self._md5.copy()
        if self._text is not None:
            self._text.update(changed)
        self._md5.update(piece)
        self._size += len(piece)

    def finish(self) -> FileHash:
        """The digests of everything given."""
        md5 = self._md5.hexdigest()
        return FileHash(self._size, md5, self._text.hexdigest() if self._text else md5)


def hash_of(content: bytes) -> FileHash:
    """The digests of a whole content."""
    digester = Digester()
    for start in range(0, len(content), PIECE):
        digester.update(content[start : start + PIECE])
    return digester.finish()


def folder_digest(files: Mapping[str, str]) -> str:
    """DVC's digest of a folder, without `.dir`, from the digests of its files by their path in it."""
    listing = [{"md5": digest, "relpath": path} for path, digest in sorted(files.items())]
    return hashlib.md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def _is_text(piece: bytes) -> bool:
    """What DVC takes for text."""
    start = piece[:_START]
    return b"\0" not in start and len(start.translate(None, _TEXT_BYTES)) <= _MOST_BINARY * len(start)
