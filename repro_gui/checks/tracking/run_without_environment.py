"""Recorded runs name their environment.

## Why it matters
The list in the repository is today's; a run of last month was made with the packages of last month.

## How to fix it
Log a model with MLflow, which keeps its requirements, or log the file itself: `mlflow.log_artifact("requirements.txt")`. W&B
keeps `requirements.txt` with each run unless it is told not to.

## When to leave it
When each run names its commit, and that commit holds a lock of the whole environment.

## References
- MLflow documentation, “MLflow Models: environment files”.
- W&B documentation, “Files saved with a run”.
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
        yield NotApplicable(text("No runs are recorded here whose store could name their environment."))
    for store in tracking.run_stores:
        yield from _judged(store)


def _judged(store: RunStore) -> Iterator[Observation]:
    place = Location(store.path)
    if store.reason is not None:
        yield CannotTell(store.reason, place)
    runs = store.runs
    having = [run for run in runs if run.has_environment]
    lacking = [run for run in runs if run.has_environment is False]
    values: dict[str, str | int | float | bool | None] = {"runs": len(runs), "without": len(lacking)}
    if having:
        counts: dict[str, str | int] = {"count": len(having), "all": len(runs), "path": store.path}
        yield Evidence(text("{count} of {all} runs in {path} name their environment.", **counts), place, values)
    if lacking:
        counts = {"count": len(lacking), "all": len(runs), "path": store.path, "names": shown_runs(lacking)}
        what = text("{count} of {all} runs in {path} name no environment: {names}", **counts)
        yield Finding(what, place, expression="has_environment", values=values)
    unknown = len(runs) - len(having) - len(lacking)
    if unknown:
        yield CannotTell(
            text(
                "Whether {count} runs in {path} keep their environment with their artifacts is not in the files read.",
                count=unknown,
                path=store.path,
            ),
            place,
        )


def _store(*, is_named: bool) -> Sketch:
    run = RecordedRun("r1", "first", ("lr",), ("loss",), "1" * 40, has_environment=is_named)
    return Sketch(tracking=Tracking((RunStore("mlruns", StoreKind.MLFLOW_FILES, "MLflow", 1, (run,)),)))


CHECK = Check(
    id="run-without-environment",
    pillar=Pillar.TRACKING,
    weight=Weight.ADVICE,
    title="Recorded runs name their environment",
    failure_title="Recorded runs name no environment",
    explanation=__doc__,
    find=find,
    fix=Fix("Log the environment with each run", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(Example(bad=_store(is_named=False), good=_store(is_named=True), fixes=False),),
)
