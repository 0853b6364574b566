"""The files that a command may change, taken before it runs and put back when it is taken back."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from repro_gui.apply.disk import clean, perform, prepare, read_file
from repro_gui.changes.change_set import FileChange
from repro_gui.errors import CannotApply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_MOST_BYTES = 50 * 1024 * 1024


def take_files(root: Path, paths: Sequence[str]) -> dict[str, bytes | None]:
    """The bytes of plain files (None = no such file); empty when one of them is none or too large to be kept."""
    taken: dict[str, bytes | None] = {}
    for path in paths:
        try:
            content = read_file(root, path)
        except (OSError, CannotApply):
            return {}
        if content is not None and len(content) > _MOST_BYTES:
            return {}
        taken[path] = content
    return taken


def restore_files(root: Path, contents: Mapping[str, bytes | None]) -> None:
    """Write the taken bytes back where they differ now."""
    now = take_files(root, tuple(contents))
    changes = tuple(FileChange(path, now.get(path), content) for path, content in contents.items())
    work = prepare(root, changes, secrets.token_hex(4))
    perform(root, work)
    clean(root, work)
