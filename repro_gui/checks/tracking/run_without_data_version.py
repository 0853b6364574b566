"""Recorded runs name the version of their data.

## Why it matters
A run with its parameters and its commit can still not be repeated when nobody knows which data it saw.

## How to fix it
`mlflow.log_input(mlflow.data.from_pandas(…))` records a digest; so does a tag such as `data_version` with the hash that DVC or
the commit that lakeFS gives. In W&B use `run.use_artifact(…)`; without a server, which that needs, write the hash into the
configuration.

## When to leave it
When the data is tracked in the same repository and every run names its commit: then the commit names the data too.

## References
- MLflow documentation, “Dataset tracking”.
- DVC documentation, “Data versioning”.
"""

from __future__ import annotations

from collections.abc import Iterator

from repro_gui.checks.check import (
    Check,
    Effort,
    Example,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Safety,
    Weight,
)
from repro_gui.checks.recorded_runs import RunQuestion, judge_runs, sketch_of_run
from repro_gui.facts.tracking import Tracking
from repro_gui.text import text

_QUESTION = RunQuestion(
    names=lambda run: run.has_data_version,
    expression="has_data_version",
    named="{count} of {all} runs in {path} name the version of their data.",
    lacking="{count} of {all} runs in {path} name no version of their data: {names}",
    untold="What {count} runs in {path} say of their data is on a server, or in files that are not read.",
)


def find(tracking: Tracking) -> Iterator[Observation]:
    """One finding for each store with runs that do not say it."""
    if not tracking.run_stores:
        yield NotApplicable(text("No runs are recorded here whose store could name the version of their data."))
    yield from judge_runs(tracking, _QUESTION)


CHECK = Check(
    id="run-without-data-version",
    pillar=Pillar.TRACKING,
    weight=Weight.ADVICE,
    title="Recorded runs name their data",
    failure_title="Recorded runs name no data version",
    explanation=__doc__,
    find=find,
    fix=Fix("Log the data version with each run", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(bad=sketch_of_run(has_data_version=False), good=sketch_of_run(has_data_version=True), fixes=False),
    ),
)
