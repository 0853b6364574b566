"""Reads the last rebuild of the environment that was kept for a project, and whether its sources are what they were."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.rebuild import Rebuild, RebuildUnreadable, rebuild_from_json
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import NotRead
from repro_gui.own_folders import rebuild_file
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.gather.files import ProjectFiles

_MOST_BYTES = 64 * 1024 * 1024


def gather_rebuild(opened: ProjectFiles) -> Rebuild | Unavailable:
    """The kept rebuild with what changed since; an empty one when nobody has made any."""
    try:
        content = rebuild_file(Path(opened.root)).read_bytes()
    except FileNotFoundError:
        return Rebuild()
    except OSError as error:
        return Unavailable(text("The kept rebuild could not be read ({reason}).", reason=error.strerror or ""))
    try:
        rebuild = rebuild_from_json(content)
    except RebuildUnreadable as error:
        return Unavailable(error.what, error.mend)
    changed = []
    for source in rebuild.sources:
        now = opened.read(source.path, _MOST_BYTES)
        if isinstance(now, NotRead) or hashlib.sha256(now).hexdigest() != source.sha256:
            changed.append(source.path)
    return msgspec.structs.replace(rebuild, changed=tuple(changed))
