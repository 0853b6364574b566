"""What git says of its index, as values: the files it tracks, and which of them differ."""

from __future__ import annotations

import os

import msgspec

_GITLINK = "160000"
_LEFT_OUT_TAGS = frozenset("Sabcdefghijklmnopqrstuvwxyz")
STATUS = (
    "status",
    "--porcelain=v2",
    "-z",
    "--untracked-files=no",
    "--ignore-submodules=all",
    "--no-renames",
)


class Listed(msgspec.Struct, frozen=True):
    """The index: tracked paths from the repository's root, recorded submodules, and files git was told not to look at."""

    tracked: frozenset[str]
    submodules: dict[str, str]
    hidden: tuple[str, ...]


class Change(msgspec.Struct, frozen=True):
    """A file that differs from the index: the blob recorded there; `has_same_mode`: at most its content differs."""

    blob: str
    has_same_mode: bool


class Status(msgspec.Struct):
    """What `git status` says, with paths from the repository's root."""

    changed: dict[str, Change] = {}
    gone: set[str] = set()
    staged: dict[str, str] = {}
    conflicted: set[str] = set()


def parse_listing(output: bytes) -> Listed:
    """Read `git ls-files --stage -v -z`."""
    tracked: set[str] = set()
    submodules: dict[str, str] = {}
    hidden: list[str] = []
    for record in os.fsdecode(output).split("\0"):
        fields, _, path = record.partition("\t")
        if not path:
            continue
        tag, mode, name, _ = fields.split(" ")
        if mode == _GITLINK:
            submodules[path] = name
            continue
        tracked.add(path)
        if tag in _LEFT_OUT_TAGS:
            hidden.append(path)
    return Listed(frozenset(tracked), submodules, tuple(hidden))


def parse_status(output: bytes) -> Status:
    """Read what `git` says when it is started with `STATUS`."""
    status = Status({}, set(), {}, set())
    for record in os.fsdecode(output).split("\0"):
        kind = record[:1]
        if kind == "u":
            status.conflicted.add(record.split(" ", 10)[10])
        elif kind == "1":
            _, changes, _, _, mode_in_index, mode_on_disk, _, blob, path = record.split(" ", 8)
            if changes[0] != ".":
                status.staged[path] = changes[0]
            if changes[1] == "D":
                status.gone.add(path)
            elif changes[1] != ".":
                status.changed[path] = Change(blob, has_same_mode=mode_in_index == mode_on_disk and changes[1] == "M")
    return status
