"""Recorded runs name a commit that the repository has.

## Why it matters
Numbers in a paper come from a run. Without its commit, or when the work tree had other changes, nobody can get the code back
that made them; a commit that was rebased away is as good as none.

## How to fix it
Commit before a run that counts. MLflow records the commit of a script by itself when it runs inside the repository and
GitPython is installed; W&B does too. Keep the commits of such runs: a tag or a branch on them is enough.

## When to leave it
Runs that were only tries: delete them from the store, so that those which count stand out.

## References
- MLflow documentation, “System tags”: `mlflow.source.git.commit`.
- W&B documentation, “Save and diff code”.
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
from repro_gui.facts.git import GitFacts, NoRepository
from repro_gui.facts.tracking import RecordedRun, RunStore, StoreKind, Tracking, shown_runs
from repro_gui.location import Location
from repro_gui.text import Text, text


def find(tracking: Tracking, git: GitFacts) -> Iterator[Observation]:
    if not tracking.run_stores:
        yield NotApplicable(text("No runs are recorded here whose store could name a commit."))
    for store in tracking.run_stores:
        yield from _judged(store, has_repository=not isinstance(git, NoRepository))


def _judged(store: RunStore, *, has_repository: bool) -> Iterator[Observation]:
    place = Location(store.path)
    if store.reason is not None:
        yield CannotTell(store.reason, place)
    runs = store.runs
    good = [run for run in runs if run.is_commit_here and not run.is_dirty]
    without = [run for run in runs if run.commit == ""]
    gone = [run for run in runs if run.commit and run.is_commit_here is False]
    dirty = [run for run in runs if run.commit and run.is_commit_here is not False and run.is_dirty]
    counts: dict[str, str | int] = {"all": len(runs), "path": store.path}
    if without:
        yield _finding(store, without, "none", "{count} of {all} runs in {path} name no commit: {names}")
    if gone:
        wording = "{count} of {all} runs in {path} name a commit that the repository does not have: {names}"
        yield _finding(store, gone, "gone", wording)
    if dirty:
        wording = "{count} of {all} runs in {path} were made with changes that are in no commit: {names}"
        yield _finding(store, dirty, "dirty", wording)
    if good:
        what = text("{count} of {all} runs in {path} name a commit of the repository.", count=len(good), **counts)
        yield Evidence(what, place, {"runs": len(runs), "named": len(good)})
    unknown = len(runs) - len(without) - len(gone) - len(dirty) - len(good)
    if unknown:
        yield CannotTell(_why_unknown(store, unknown, has_repository=has_repository), place)


def _why_unknown(store: RunStore, count: int, *, has_repository: bool) -> Text:
    if not any(run.commit for run in store.runs):
        return text(
            "Which commit {count} runs in {path} came from is not in the files read.", count=count, path=store.path
        )
    if not has_repository:
        return text("There is no repository here in which to look for the commits of {count} runs.", count=count)
    return text(
        "Whether the repository has the commits of {count} runs in {path} is not known.", count=count, path=store.path
    )


def _finding(store: RunStore, runs: list[RecordedRun], kind: str, wording: str) -> Finding:
    values: dict[str, str | int] = {"count": len(runs), "all": len(store.runs), "path": store.path}
    return Finding(
        text(wording, names=shown_runs(runs), **values),
        Location(store.path),
        expression=kind,
        values={"kind": kind, "runs": len(store.runs), "without": len(runs)},
    )


def _store(commit: str, *, is_here: bool | None = None, is_dirty: bool | None = None) -> Sketch:
    run = RecordedRun("r1", "first", ("lr",), ("loss",), commit, is_commit_here=is_here, is_dirty=is_dirty)
    return Sketch(tracking=Tracking((RunStore("mlruns", StoreKind.MLFLOW_FILES, "MLflow", 1, (run,)),)))


_GOOD = _store("1" * 40, is_here=True)

CHECK = Check(
    id="run-without-commit",
    pillar=Pillar.TRACKING,
    weight=Weight.SHOULD,
    title="Recorded runs name their commit",
    failure_title="Recorded runs cannot be traced to a commit",
    explanation=__doc__,
    find=find,
    fix=Fix("Run again from a clean commit", None, Safety.SHOW_ONLY, Effort.HOURS),
    examples=(
        Example(bad=_store(""), good=_GOOD, fixes=False),
        Example(bad=_store("2" * 40, is_here=False), good=_GOOD, fixes=False),
        Example(bad=_store("1" * 40, is_here=True, is_dirty=True), good=_GOOD, fixes=False),
    ),
)
