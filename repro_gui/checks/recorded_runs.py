"""What the checks of recorded runs share: which runs of each store name something, and which do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from repro_gui.checks.check import CannotTell, Evidence, Finding, Observation, Sketch
from repro_gui.facts.tracking import RecordedRun, RunStore, StoreKind, Tracking, shown_runs
from repro_gui.location import Location
from repro_gui.text import text


class RunQuestion(msgspec.Struct, frozen=True):
    """What is asked of each run: `names` says whether it names it, None where its store does not tell.

    `named`, `lacking` and `untold` are templates for counts of runs; `expression` goes into the findings' keys.
    """

    names: Callable[[RecordedRun], bool | None]
    expression: str
    named: str
    lacking: str
    untold: str


def judge_runs(tracking: Tracking, question: RunQuestion) -> Iterator[Observation]:
    """One finding for each store with runs that do not name it."""
    for store in tracking.run_stores:
        yield from _judged(store, question)


def _judged(store: RunStore, question: RunQuestion) -> Iterator[Observation]:
    place = Location(store.path)
    if store.reason is not None:
        yield CannotTell(store.reason, place)
    runs = store.runs
    having = [run for run in runs if question.names(run)]
    lacking = [run for run in runs if question.names(run) is False]
    unknown = len(runs) - len(having) - len(lacking)
    counts: dict[str, str | int] = {"all": len(runs), "path": store.path}
    values: dict[str, str | int | float | bool | None] = {"runs": len(runs), "without": len(lacking)}
    if having:
        yield Evidence(text(question.named, count=len(having), **counts), place, values)
    if lacking:
        what = text(question.lacking, count=len(lacking), names=shown_runs(lacking), **counts)
        yield Finding(what, place, expression=question.expression, values=values)
    if unknown:
        yield CannotTell(text(question.untold, count=unknown, path=store.path), place)


def sketch_of_run(*, has_data_version: bool | None = None, has_environment: bool | None = None) -> Sketch:
    """A project with one recorded run, for examples."""
    run = RecordedRun(
        "r1",
        "first",
        ("lr",),
        ("loss",),
        "1" * 40,
        has_data_version=has_data_version,
        has_environment=has_environment,
    )
    return Sketch(tracking=Tracking((RunStore("mlruns", StoreKind.MLFLOW_FILES, "MLflow", 1, (run,)),)))
