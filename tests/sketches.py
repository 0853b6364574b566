"""Sketches of projects, as checks give them for examples, as snapshots and as answers to look-ups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from repro_gui.checks.check import Sketch
from repro_gui.facts.installed import environment_of
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.snapshot import ProjectSnapshot, snapshot_of_files
from repro_gui.facts.unavailable import Unavailable


def sketch_of(side: str | Sketch) -> Sketch:
    """A side of an example: a plain string is the text of `train.py`."""
    return Sketch({"train.py": side}) if isinstance(side, str) else side


def contents_of(sketch: Sketch) -> dict[str, bytes]:
    """The files of a sketch as bytes."""
    return {path: content.encode() for path, content in sketch.files.items()}


def snapshot_of(side: str | Sketch) -> ProjectSnapshot:
    """The sketch as if it had been gathered."""
    sketch = sketch_of(side)
    snapshot = snapshot_of_files("sketch", contents_of(sketch), sketch.git)
    snapshot = msgspec.structs.replace(
        snapshot, determinism=sketch.determinism, tracking=sketch.tracking, rebuild=sketch.rebuild
    )
    if sketch.installed is None or isinstance(snapshot.environment, Unavailable):
        return snapshot
    environment = msgspec.structs.replace(snapshot.environment, installed=environment_of(sketch.installed))
    return msgspec.structs.replace(snapshot, environment=environment)


def answer_from(sketch: Sketch, lookups: Iterable[Lookup]) -> Answers:
    """Answers that the sketch gives; contents of files come from its files, anything else is not known."""
    files = contents_of(sketch)
    found: dict[Lookup, Any] = {item: files.get(item.path) for item in lookups if isinstance(item, FileContent)}
    return Answers({**found, **sketch.answers})
