"""Reads MLflow's SQLite store from a copy, so that not even its journal is touched.

The database is not trusted: only tables are asked, never views or triggers; functions in its schema stay off; and a
query that takes more than a set number of steps is given up.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.facts.tracking import RecordedRun, RunStore, StoreKind, names_data_version, names_environment
from repro_gui.gather.files import NotRead
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.tree import TreeEntry
    from repro_gui.gather.files import ProjectFiles

_SUFFIXES = (".db", ".sqlite", ".sqlite3")
_HEADER = b"SQLite format 3\0"
_LARGEST = 512 * 1024 * 1024
_PIECE = 4 * 1024 * 1024
_MOST_RUNS = 300
_MOST_VALUES = 20_000
# SQLite calls back after every so many of its own steps; together about a hundred million, some seconds of work.
_STEPS, _MOST_CALLS = 100_000, 1_000
_TABLES = frozenset({"experiments", "runs", "params", "metrics", "tags"})


def is_database(path: str) -> bool:
    """True for names that MLflow's store may have."""
    return path.lower().endswith(_SUFFIXES)


def read_mlflow_database(opened: ProjectFiles, entry: TreeEntry) -> RunStore | None:
    """The runs in an MLflow database; None for a file that is something else."""
    start = opened.read_start(entry.path, len(_HEADER))
    if start != _HEADER:
        return None
    if entry.size > _LARGEST:
        # Too large to copy: most likely data of the project, so it is only a store if it is called like one.
        too_large = text("{path} is larger than {limit} bytes and was not read.", path=entry.path, limit=_LARGEST)
        is_store = "mlflow" in entry.path.lower()
        return RunStore(entry.path, StoreKind.MLFLOW_SQLITE, "MLflow", reason=too_large) if is_store else None
    with tempfile.TemporaryDirectory(prefix="repro-gui-") as folder:
        copy = os.path.join(folder, "copy.db")
        reason = _copy(opened, entry.path, copy)
        if reason is None:
            # What was not yet written into the main file lies beside it.
            for suffix in ("-wal", "-journal"):
                _copy(opened, entry.path + suffix, copy + suffix)
            try:
                return _read(entry.path, copy)
            except sqlite3.Error as error:
                reason = text("{path} could not be read as a database ({error}).", path=entry.path, error=str(error))
    is_store = "mlflow" in entry.path.lower()
    return RunStore(entry.path, StoreKind.MLFLOW_SQLITE, "MLflow", reason=reason) if is_store else None


def _copy(opened: ProjectFiles, path: str, target: str) -> Text | None:
    source = opened.open(path)
    if isinstance(source, NotRead):
        return source.reason
    copied = 0
    with source, open(target, "wb") as file:
        while piece := source.read(_PIECE):
            copied += len(piece)
            if copied > _LARGEST:
                return text("{path} grew while it was read.", path=path)
            file.write(piece)
    return None


class MlflowRows(msgspec.Struct, frozen=True):
    """The values of one run; `data` are digests by the name of the data set."""

    parameters: dict[str, str]
    metrics: dict[str, str]
    tags: dict[str, str]
    data: dict[str, str]


def read_mlflow_run(opened: ProjectFiles, path: str, run_id: str) -> MlflowRows | None:
    """The values of one run of a store; None where it cannot be read any more."""
    with tempfile.TemporaryDirectory(prefix="repro-gui-") as folder:
        copy = os.path.join(folder, "copy.db")
        if _copy(opened, path, copy) is not None:
            return None
        for suffix in ("-wal", "-journal"):
            _copy(opened, path + suffix, copy + suffix)
        try:
            with _opened(copy) as connection:
                return _values_of(connection, run_id)
        except sqlite3.Error:
            return None


def _values_of(connection: sqlite3.Connection, run_id: str) -> MlflowRows:
    def pairs(query: str) -> dict[str, str]:
        rows = connection.execute(query, (run_id, _MOST_VALUES)).fetchall()
        return {str(name): "" if value is None else str(value) for name, value in rows}

    try:
        data = pairs(
            "select datasets.name, datasets.digest from datasets join inputs on inputs.source_id = datasets.dataset_uuid"
            " where inputs.destination_id = ? and inputs.source_type = 'DATASET' limit ?"
        )
    except sqlite3.OperationalError:
        data = {}  # a version of MLflow that has no such tables
    try:
        metrics = pairs("select key, value from latest_metrics where run_uuid = ? order by key limit ?")
    except sqlite3.OperationalError:
        # Of an older version: the row that was written last wins, one for each name stays.
        metrics = pairs("select key, value from metrics where run_uuid = ? order by key, timestamp, step limit ?")
    return MlflowRows(
        parameters=pairs("select key, value from params where run_uuid = ? order by key limit ?"),
        metrics=metrics,
        tags=pairs("select key, value from tags where run_uuid = ? order by key limit ?"),
        data=data,
    )


@contextlib.contextmanager
def _opened(copy: str) -> Iterator[sqlite3.Connection]:
    """A connection that trusts nothing of the database and gives up in time."""
    calls = 0

    def count() -> int:
        nonlocal calls
        calls += 1
        return int(calls > _MOST_CALLS)

    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.set_progress_handler(count, _STEPS)
        connection.execute("pragma trusted_schema = off")
        connection.text_factory = lambda value: value.decode("utf-8", "replace")
        yield connection


def _read(path: str, copy: str) -> RunStore | None:
    with _opened(copy) as connection:
        tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
        if not tables >= _TABLES:
            return None
        (run_count,) = connection.execute("select count(*) from runs").fetchone()
        rows = connection.execute(
            "select run_uuid, name, start_time from runs order by start_time, run_uuid limit ?", (_MOST_RUNS,)
        ).fetchall()
        parameters = _names(connection, "params")
        metrics = _names(connection, "metrics")
        commits = dict(
            connection.execute(
                "select run_uuid, value from tags where key = 'mlflow.source.git.commit' limit ?", (_MOST_RUNS * 100,)
            ).fetchall()
        )
        tags = _names(connection, "tags")
        with_data = _run_ids(connection, "inputs") if "inputs" in tables else set()
        with_model = _run_ids(connection, "logged_models") if "logged_models" in tables else set()
    runs = tuple(
        RecordedRun(
            run_id=str(run_id),
            name=str(name or ""),
            parameters=parameters.get(run_id, ()),
            metrics=metrics.get(run_id, ()),
            commit=str(commits.get(run_id, "")),
            started=int(started) // 1000 if isinstance(started, int) else 0,
            has_data_version=run_id in with_data
            or names_data_version((*parameters.get(run_id, ()), *tags.get(run_id, ()))),
            # Artifacts lie outside the database, wherever its server put them.
            has_environment=True if run_id in with_model or names_environment(tags.get(run_id, ())) else None,
        )
        for run_id, name, started in rows
    )
    return RunStore(path, StoreKind.MLFLOW_SQLITE, "MLflow", int(run_count), runs)


def _names(connection: sqlite3.Connection, table: str) -> dict[Any, tuple[str, ...]]:
    """Names in `params`, `metrics` or `tags` by run."""
    query = {
        "tags": "select distinct run_uuid, key from tags order by run_uuid, key limit ?",
        "params": "select distinct run_uuid, key from params order by run_uuid, key limit ?",
        "metrics": "select distinct run_uuid, key from metrics order by run_uuid, key limit ?",
    }[table]
    found: dict[Any, list[str]] = {}
    for run_id, key in connection.execute(query, (_MOST_RUNS * 200,)):
        found.setdefault(run_id, []).append(str(key))
    return {run_id: tuple(keys) for run_id, keys in found.items()}


def _run_ids(connection: sqlite3.Connection, table: str) -> set[Any]:
    """Runs that used a data set (`inputs`) or logged a model; none where a version of MLflow keeps them otherwise."""
    query = {
        "inputs": "select destination_id from inputs where source_type = 'DATASET' limit ?",
        "logged_models": "select source_run_id from logged_models limit ?",
    }[table]
    try:
        return {run_id for (run_id,) in connection.execute(query, (_MOST_RUNS * 100,))}
    except sqlite3.OperationalError:
        return set()
