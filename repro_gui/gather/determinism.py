"""Reads the last determinism probe that was kept for a project, from the user's own folder."""

from __future__ import annotations

from pathlib import Path

from repro_gui.facts.determinism import Determinism, ProbeUnreadable, probe_from_json
from repro_gui.facts.unavailable import Unavailable
from repro_gui.own_folders import probe_file
from repro_gui.text import text


def gather_determinism(root: str) -> Determinism | Unavailable:
    """The kept probe; an empty one when nobody has run any."""
    try:
        content = probe_file(Path(root)).read_bytes()
    except FileNotFoundError:
        return Determinism()
    except OSError as error:
        return Unavailable(text("The kept probe could not be read ({reason}).", reason=error.strerror or ""))
    try:
        return probe_from_json(content)
    except ProbeUnreadable as error:
        return Unavailable(error.what, text("Run the probe again."))
