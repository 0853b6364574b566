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
    names=lambda run: run.has_environment,
    expression="has_environment",
    named="{count} of {all} runs in {path} name their environment.",
    lacking="{count} of {all} runs in {path} name no environment: {names}",
    untold="Whether {count} runs in {path} keep their environment with their artifacts is not in the files read.",
)


def find(tracking: Tracking) -> Iterator[Observation]:
    """One finding for each store with runs that do not say it."""
    if not tracking.run_stores:
        yield NotApplicable(text("No runs are recorded here whose store could name their environment."))
    yield from judge_runs(tracking, _QUESTION)


CHECK = Check(
    id="run-without-environment",
    pillar=Pillar.TRACKING,
    weight=Weight.ADVICE,
    title="Recorded runs name their environment",
    failure_title="Recorded runs name no environment",
    explanation=__doc__,
    find=find,
    fix=Fix("Log the environment with each run", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(bad=sketch_of_run(has_environment=False), good=sketch_of_run(has_environment=True), fixes=False),
    ),
)
