"""A run that the tracker recorded is there.

## Why it matters
A tracker in the code shows that runs were meant to be recorded. Where none can be found, the numbers of the README or the paper
cannot be traced to parameters, a commit and data.

## How to fix it
Keep the runs that count with the project: commit a small store, put `mlruns/` under DVC, or name the server and the run's address in
the README. One run of the program makes a first one.

## When to leave it
When the runs are kept on a server that readers can reach, and the README says where.

## References
- MLflow documentation, “Backend stores”.
- W&B documentation, “Export data”.
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
    Place,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.facts.configs import Configs
from repro_gui.facts.events import Constant
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.program import Program
from repro_gui.facts.tracker_use import tracking_state
from repro_gui.facts.tracking import RecordedRun, RunStore, StoreKind, Tracking
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text

# Trackers that write a store which is read here, unless they are told not to; the others use a server, or Git and DVC.
_LOCAL = frozenset({"mlflow", "wandb", "tensorboard", "lightning", "aim", "guild"})
_ADDRESS_SETTERS = frozenset({"mlflow.set_tracking_uri", "mlflow.MlflowClient", "mlflow.tracking.MlflowClient"})


def find(
    program: Program, configs: Configs | Unavailable, tracking: Tracking, knowledge: Knowledge
) -> Iterator[Observation]:
    if tracking.stores:
        for store in tracking.stores:
            count = store.run_count if store.run_count is not None else len(store.runs)
            if store.reason is not None and not count:
                yield CannotTell(store.reason, Location(store.path))
            else:
                what = text(
                    "{path} holds {count} runs of {tracker}.", path=store.path, count=count, tracker=store.tracker
                )
                yield Evidence(what, Location(store.path), {"runs": count, "tracker": store.tracker})
        return
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    # DVC records in `dvc.lock`: what it made is there, or another check misses it.
    uses = [
        use
        for state in tracking_state(program, configs, knowledge)
        for use in state.uses
        if use.tracker != "dvc" and use.starts and use.happens is not Happens.NO
    ]
    if not uses:
        yield NotApplicable(text("No experiment tracker is used by default."))
        return
    # What is surely on is what must have left a run.
    uses.sort(key=lambda use: -use.happens)
    if uses[0].happens is Happens.UNKNOWN:
        what = text("Whether {tracker} is on by default is not known.", tracker=uses[0].title)
        yield CannotTell(what, uses[0].location)
        return
    uses = [use for use in uses if use.happens is Happens.YES]
    server = _server(program)
    if server is not None:
        yield CannotTell(text("Runs go to a tracking server, which is not asked."), server)
        return
    away = next((use for use in uses if use.tracker not in _LOCAL), None)
    if away is not None:
        yield CannotTell(
            text("{tracker} keeps its runs where they are not looked for.", tracker=away.title), away.location
        )
        return
    yield Finding(
        text("{tracker} is used, and no run that it recorded is here.", tracker=uses[0].title),
        uses[0].location,
        symbol=uses[0].symbol,
        expression="no-run",
        places=tuple(
            Place(text("{call} is called here", call=use.call), use.location)
            for use in list(dict.fromkeys(uses))[1:6]
            if use.location != uses[0].location
        ),
        values={"tracker": uses[0].tracker},
    )


def _server(program: Program) -> Location | None:
    """Where the program names a store that is not known to be a folder: an address, or a value that only running it tells."""
    for site in program.calls():
        if site.name in _ADDRESS_SETTERS:
            given = site.call.argument("uri", 0) or site.call.argument("tracking_uri", 0)
            value = program.constant(site.module, site.symbol, given) if given is not None else None
            if given is None:
                continue
            is_folder = (
                isinstance(value, Constant)
                and isinstance(value.value, str)
                and ("://" not in value.value or value.value.startswith(("file:", "sqlite:")))
            )
            if not is_folder:
                return site.location
    return None


_PROGRAM = """import mlflow
from sklearn.linear_model import SGDClassifier

ALPHA = 0.001

with mlflow.start_run():
    mlflow.log_params({"alpha": ALPHA})
    SGDClassifier(alpha=ALPHA, random_state=1).fit([[0.0], [1.0]], [0, 1])
"""
_RUN = RecordedRun("r1", "first", ("alpha",), ("score",), "1" * 40)

CHECK = Check(
    id="no-recorded-run",
    pillar=Pillar.TRACKING,
    weight=Weight.ADVICE,
    title="A recorded run is there",
    failure_title="No recorded run is to be found",
    explanation=__doc__,
    find=find,
    fix=Fix("Run the program once", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad=_PROGRAM,
            good=Sketch(
                {"train.py": _PROGRAM},
                tracking=Tracking((RunStore("mlruns", StoreKind.MLFLOW_FILES, "MLflow", 1, (_RUN,)),)),
            ),
            fixes=False,
        ),
    ),
)
