"""Recorded runs of experiment trackers, as their stores hold them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from repro_gui.text import Text


class StoreKind(StrEnum):
    """Formats in which trackers keep runs inside a project."""

    MLFLOW_FILES = "mlflow-files"
    MLFLOW_SQLITE = "mlflow-sqlite"
    WANDB = "wandb"
    TENSORBOARD = "tensorboard"
    OTHER = "other"


class RecordedRun(msgspec.Struct, frozen=True):
    """One run: names (never values) of its parameters and metrics, and the Git commit it says it came from.

    None is "the store does not tell". `started` is in seconds since the epoch, 0 where unknown. `commit` is empty
    where none was recorded.
    """

    run_id: str
    name: str = ""
    parameters: tuple[str, ...] | None = None
    metrics: tuple[str, ...] | None = None
    commit: str | None = None
    started: int = 0


class RunStore(msgspec.Struct, frozen=True):
    """One store; `path` is its folder or file in the project.

    `run_count` is None where it could not be counted, with `reason`. `runs` holds at most as many runs as the limit
    allows.
    """

    path: str
    kind: StoreKind
    tracker: str
    run_count: int | None = None
    runs: tuple[RecordedRun, ...] = ()
    reason: Text | None = None


class Tracking(msgspec.Struct, frozen=True):
    """All stores of recorded runs in the project, in path order."""

    stores: tuple[RunStore, ...] = ()

    def after(self, contents: Mapping[str, bytes | None]) -> Tracking:
        """The facts as they would be with these file contents: fixes never write into a store, so unchanged."""
        del contents
        return self
