"""Bytes of a text file to characters and back, so that an edit leaves every other byte as it was."""

from __future__ import annotations

import codecs

import msgspec

# Longer marks first: the UTF-32 one starts with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class DecodedText(msgspec.Struct, frozen=True):
    """Characters of a file, its byte order mark and its encoding."""

    content: str
    encoding: str = "utf-8"
    mark: bytes = b""

    @property
    def newline(self) -> str:
        r"""How its lines end: `\r\n` when its first line does."""
        return "\r\n" if self.content.partition("\n")[0].endswith("\r") else "\n"

    def encode(self, content: str) -> bytes:
        """Other characters in this file's encoding; raises UnicodeEncodeError for those it has not."""
        return self.mark + content.encode(self.encoding)


def decode_text(content: bytes) -> DecodedText | None:
    """Decode by byte order mark, else UTF-8, else UTF-16 when every second byte is zero, else Latin-1; None for binary content."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding, mark)
    if b"\0" in content[:8192]:
        for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            zeros = content[first:8192:2]
            if len(content) % 2 == 0 and zeros.count(0) * 10 >= len(zeros) * 9:
                return _decoded(content, encoding, b"")
        return None
    return _decoded(content, "utf-8", b"") or _decoded(content, "latin-1", b"")


def _decoded(content: bytes, encoding: str, mark: bytes) -> DecodedText | None:
    try:
        decoded = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in decoded else DecodedText(decoded, encoding, mark)
