"""Recorded runs name the version of their data.

## Why it matters
A run with its parameters and its commit can still not be repeated when nobody knows which data it saw.

## How to fix it
`mlflow.log_input(mlflow.data.from_pandas(…))` records a digest; so does a tag such as `data_version` with the hash that DVC or
the commit that lakeFS gives. In W&B use `run.use_artifact(…)`.

## When to leave it
When the data is tracked in the same repository and every run names its commit: then the commit names the data too.

## References
- MLflow documentation, “Dataset tracking”.
- DVC documentation, “Data versioning”.
"""

from __future__ import annotations

from collections.abc import Iterator

from repro_gui.checks.check import (
    CannotTell,
    Check,
    Effort,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.facts.tracking import RecordedRun, RunStore, StoreKind, Tracking, shown_runs
from repro_gui.location import Location
from repro_gui.text import text


def find(tracking: Tracking) -> Iterator[Observation]:
    if not tracking.run_stores:
        yield NotApplicable(text("No runs are recorded here whose store could name the version of their data."))
    for store in tracking.run_stores:
        yield from _judged(store)


def _judged(store: RunStore) -> Iterator[Observation]:
    place = Location(store.path)
    if store.reason is not None:
        yield CannotTell(store.reason, place)
    runs = store.runs
    having = [run for run in runs if run.has_data_version]
    lacking = [run for run in runs if run.has_data_version is False]
    values: dict[str, str | int | float | bool | None] = {"runs": len(runs), "without": len(lacking)}
    if having:
        counts: dict[str, str | int] = {"count": len(having), "all": len(runs), "path": store.path}
        yield Evidence(text("{count} of {all} runs in {path} name the version of their data.", **counts), place, values)
    if lacking:
        counts = {"count": len(lacking), "all": len(runs), "path": store.path, "names": shown_runs(lacking)}
        what = text("{count} of {all} runs in {path} name no version of their data: {names}", **counts)
        yield Finding(what, place, expression="has_data_version", values=values)
    unknown = len(runs) - len(having) - len(lacking)
    if unknown:
        yield CannotTell(
            text(
                "What {count} runs in {path} say of their data is on a server, or in files that are not read.",
                count=unknown,
                path=store.path,
            ),
            place,
        )


def _store(*, is_named: bool) -> Sketch:
    run = RecordedRun("r1", "first", ("lr",), ("loss",), "1" * 40, has_data_version=is_named)
    return Sketch(tracking=Tracking((RunStore("mlruns", StoreKind.MLFLOW_FILES, "MLflow", 1, (run,)),)))


CHECK = Check(
    id="run-without-data-version",
    pillar=Pillar.TRACKING,
    weight=Weight.ADVICE,
    title="Recorded runs name their data",
    failure_title="Recorded runs name no data version",
    explanation=__doc__,
    find=find,
    fix=Fix("Log the data version with each run", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(Example(bad=_store(is_named=False), good=_store(is_named=True), fixes=False),),
)
