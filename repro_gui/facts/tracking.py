"""Recorded runs of experiment trackers, as their stores hold them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from repro_gui.text import Text


class StoreKind(StrEnum):
    """Formats in which trackers keep runs inside a project."""

    MLFLOW_FILES = "mlflow-files"
    MLFLOW_SQLITE = "mlflow-sqlite"
    MLFLOW_SERVER = "mlflow-server"
    WANDB = "wandb"
    TENSORBOARD = "tensorboard"
    OTHER = "other"


class RecordedRun(msgspec.Struct, frozen=True):
    """One run: names (never values) of its parameters and metrics, and the Git commit it says it came from.

    None is "the store does not tell". `started` is in seconds since the epoch, 0 where unknown. `commit` is empty
    where none was recorded, `is_commit_here` whether the project's repository has it. `is_dirty` is whether the work tree
    then differed from that commit.
    """

    run_id: str
    name: str = ""
    parameters: tuple[str, ...] | None = None
    metrics: tuple[str, ...] | None = None
    commit: str | None = None
    started: int = 0
    is_commit_here: bool | None = None
    is_dirty: bool | None = None
    has_data_version: bool | None = None
    has_environment: bool | None = None


# Names of parameters and tags that say which data a run used, or from which environment it came.
_DATA_VERSION = re.compile(
    r"(data|dataset|dvc|lakefs)[\w.\- ]*(version|digest|hash|sha\d*|md5|rev|revision|commit|checksum|tag)"
    r"|(version|digest|hash|sha\d*|md5|checksum)[_.\- ]?(of[_.\- ]?)?(the[_.\- ]?)?(data|dataset)|\bdvc[_.]?(rev|md5|lock)",
    re.IGNORECASE,
)
_ENVIRONMENT_FILES = frozenset(
    {
        "requirements.txt",
        "conda.yaml",
        "conda-environment.yaml",
        "python_env.yaml",
        "environment.yml",
        "environment.yaml",
    }
    | {"uv.lock", "poetry.lock", "pip-freeze.txt", "requirements.lock", "pylock.toml", "freeze.txt"}
)
# Tags by which MLflow says that it logged a model (with its requirements) or made the environment itself.
_ENVIRONMENT_TAGS = frozenset({"mlflow.log-model.history", "mlflow.project.env"})


def names_data_version(names: Iterable[str]) -> bool:
    """True when one of the names of parameters or tags says which data was used."""
    return any(_DATA_VERSION.search(name) for name in names)


def names_environment(tags: Iterable[str], files: Iterable[str] = ()) -> bool:
    """True when tags or the files beside a run hold its environment."""
    return not _ENVIRONMENT_TAGS.isdisjoint(tags) or any(
        posixpath.basename(name) in _ENVIRONMENT_FILES for name in files
    )


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


_RUN_KINDS = frozenset({StoreKind.MLFLOW_FILES, StoreKind.MLFLOW_SQLITE, StoreKind.MLFLOW_SERVER, StoreKind.WANDB})
_MOST_NAMES = 5


def shown_runs(runs: Sequence[RecordedRun]) -> str:
    """The first few runs by name, else by id."""
    shown = ", ".join(run.name or run.run_id for run in runs[:_MOST_NAMES])
    return f"{shown} …" if len(runs) > _MOST_NAMES else shown


class Tracking(msgspec.Struct, frozen=True):
    """All stores of recorded runs in the project, in path order."""

    stores: tuple[RunStore, ...] = ()

    @property
    def run_stores(self) -> tuple[RunStore, ...]:
        """Stores whose runs could name a commit, data and environment; the others keep measurements only, or are not read."""
        return tuple(store for store in self.stores if store.kind in _RUN_KINDS)

    def after(self, contents: Mapping[str, bytes | None]) -> Tracking:
        """The facts as they would be with these file contents: fixes never write into a store, so unchanged."""
        del contents
        return self
