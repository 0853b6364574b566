"""The single changes within one file's change, so that a person can keep some and leave others."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import msgspec

from repro_gui.changes.change_set import FileChange, shown_lines

if TYPE_CHECKING:
    from collections.abc import Collection


class Hunk(msgspec.Struct, frozen=True):
    """Lines `before[start:end]` become `after[after_start:after_end]`; lines count from 0, ends are exclusive."""

    start: int
    end: int
    after_start: int
    after_end: int


def hunks_of(change: FileChange) -> tuple[Hunk, ...]:
    """The runs of changed lines from top to bottom, as a unified diff shows them; none where only the whole can be taken.

    That is so for files that are made or taken away, and for content that is no text by bytes.
    """
    if change.before is None or change.after is None or change.before == change.after:
        return ()
    # Compared as the diff compares them, so that the numbers are those of what is seen: a line is a line in bytes, too.
    before, after = shown_lines(change.before), shown_lines(change.after)
    if before is None or after is None:
        return ()
    matcher = difflib.SequenceMatcher(None, before, after)
    return tuple(Hunk(*places) for kind, *places in matcher.get_opcodes() if kind != "equal")


def with_hunks(change: FileChange, chosen: Collection[int]) -> FileChange:
    """The change with only the hunks of these numbers; the lines of the others stay as they are."""
    hunks = hunks_of(change)
    if not hunks or set(range(len(hunks))) <= set(chosen):
        return change
    assert change.before is not None
    assert change.after is not None
    before, after = _lines(change.before), _lines(change.after)
    lines: list[bytes] = []
    at = 0
    for number, hunk in enumerate(hunks):
        lines += before[at : hunk.start]
        lines += after[hunk.after_start : hunk.after_end] if number in chosen else before[hunk.start : hunk.end]
        at = hunk.end
    lines += before[at:]
    return msgspec.structs.replace(change, after=_joined(lines))


def _lines(content: bytes) -> list[bytes]:
    # Only \n ends a line, as in the diff that is shown; bytes.splitlines would also cut at a lone \r.
    *lines, last = content.split(b"\n")
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _joined(lines: list[bytes]) -> bytes:
    # A last line without its end may have come to stand above others.
    *above, last = lines or [b""]
    return b"".join(line if line.endswith(b"\n") else line + b"\n" for line in above) + last
