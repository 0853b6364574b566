"""No experiment tracker records the runs of the program that trains.

## Why it matters
A number in a table says nothing about the learning rate, the seed and the commit that gave it. A tracker writes them
down beside the metrics while the program runs; what people write down by hand is incomplete and late. MLflow, Weights
& Biases, TensorBoard (its hyperparameter plug-in), Comet, Neptune, ClearML, Aim, Sacred, DVCLive, trackio and the
loggers of Lightning, transformers and Keras count, when the way from the entry point reaches them; an import that
nothing uses does not.

## How to fix it
A local MLflow store needs no server and no account:

```python
import mlflow

mlflow.log_params({"lr": args.lr, "epochs": args.epochs, "seed": args.seed})
train(args)
```

The fix puts such a call where the entry point knows its hyperparameters: behind the parsed options, or at its start
with its constants; a run starts with the first call and ends with the program. Names that sound like keys, tokens or
passwords are never among them.

## When to leave it
When a launcher outside the project records every run with its parameters, for example a workflow system; say so in
the README.

## References
- MLflow Tracking: <https://mlflow.org/docs/latest/ml/tracking/>
- The Machine Learning Reproducibility Checklist: report the hyperparameters and how they were chosen
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repro_gui.changes.change_set import ChangeSet
from repro_gui.checks.check import (
    CannotTell,
    Check,
    Effort,
    Evidence,
    Example,
    Finding,
    Fix,
    Observation,
    Pillar,
    Place,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.configs import Configs
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.mlflow_edits import find_entry, find_parameters, plan_mlflow
from repro_gui.facts.program import Program
from repro_gui.facts.tracker_use import EntryTracking, tracking_state
from repro_gui.facts.tracking import Tracking
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text

_MOST_PLACES = 8


def find(
    program: Program, configs: Configs | Unavailable, tracking: Tracking | Unavailable, knowledge: Knowledge
) -> Iterator[Observation]:
    yield from _recorded(tracking)
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    states = tracking_state(program, configs, knowledge)
    for state in states:
        yield from _used(state)
    if any(state.uses for state in states):
        # Which entry points lack it, or have it switched off, is asked by the other checks of this pillar.
        return
    doubts = [(title, place) for state in states for title, place in state.imported]
    for title, place in doubts:
        yield CannotTell(text("{tracker} is imported, but how it is used is not seen.", tracker=title), place)
    if not doubts:
        yield _finding(states)


def _finding(states: Sequence[EntryTracking]) -> Finding:
    """One cause for the whole project; the fix begins with the entry point that is called for training."""
    chosen = min(states, key=lambda state: ("train" not in state.entry.path, state.entry.path)).entry
    what = text("{entry} trains, and no experiment tracker records it.", entry=chosen.path)
    if len(states) > 1:
        what = text("{count} programs train, and no experiment tracker records them.", count=len(states))
    return Finding(
        what,
        Location(chosen.path),
        expression="no-tracker",
        cause="no-tracker",
        places=tuple(
            Place(
                text("{entry} trains", entry=state.entry.path),
                state.entry.because_location or Location(state.entry.path),
            )
            for state in states[:_MOST_PLACES]
        ),
        values={"entry": chosen.path, "entry_symbol": chosen.symbol, "programs": len(states)},
    )


def _used(state: EntryTracking) -> Iterator[Evidence]:
    told: set[str] = set()
    for use in state.uses:
        if len(told) >= _MOST_PLACES or str(use.location) in told:
            continue
        told.add(str(use.location))
        template = {
            Happens.YES: "{tracker}: {call}",
            Happens.UNKNOWN: "{tracker}: {call}; whether it runs by default is not known",
            Happens.NO: "{tracker}: {call}, not by default",
        }[use.happens]
        yield Evidence(
            text(template, tracker=use.title, call=use.call),
            use.location,
            {"tracker": use.tracker, "parameters": use.logs_parameters, "by_default": use.happens is Happens.YES},
        )


def _recorded(tracking: Tracking | Unavailable) -> Iterator[Evidence]:
    if isinstance(tracking, Unavailable):
        return
    for store in tracking.stores:
        if store.run_count is None:
            what = text("{path}: a store of {tracker}.", path=store.path, tracker=store.tracker)
        else:
            what = text(
                "{path}: {count} runs recorded by {tracker}.",
                path=store.path,
                count=store.run_count,
                tracker=store.tracker,
            )
        yield Evidence(what, Location(store.path), {"store": store.kind.value, "runs": store.run_count})


def needs(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[Lookup]:
    entry = find_entry(program, finding.values["entry"], finding.values["entry_symbol"])
    if entry is not None:
        try:
            yield FileContent(find_parameters(program, entry, knowledge).location.path)
        except CannotPlan:
            # Said again, and to the person, when the fix is planned.
            return


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    entry = find_entry(program, finding.values["entry"], finding.values["entry_symbol"])
    if entry is None:
        raise CannotPlan(text("The entry point is not there any more."), text("Audit the project again."))
    change, place = plan_mlflow(program, entry, knowledge, answers.file)
    return ChangeSet(
        title=text("Log the hyperparameters of {entry} to MLflow", entry=entry.path),
        check_id=CHECK.id,
        files=(change,),
        effect=text("Each run leaves a record; results do not change."),
        notes=(
            text("Logged: {names}.", names=", ".join(one.name for one in place.parameters)),
            text("MLflow must be installed and belongs into the list of requirements."),
            text(
                "Runs go to MLflow's local store in the folder of the run, unless MLFLOW_TRACKING_URI names a server."
            ),
        ),
    )


_BAD = """from sklearn.linear_model import SGDClassifier

ALPHA = 0.001
SEED = 1


def main():
    model = SGDClassifier(alpha=ALPHA, random_state=SEED)
    model.fit([[0.0], [1.0]], [0, 1])


if __name__ == "__main__":
    main()
"""
_GOOD = """from sklearn.linear_model import SGDClassifier
import mlflow

ALPHA = 0.001
SEED = 1


def main():
    model = SGDClassifier(alpha=ALPHA, random_state=SEED)
    model.fit([[0.0], [1.0]], [0, 1])


if __name__ == "__main__":
    mlflow.log_params({"ALPHA": ALPHA, "SEED": SEED})
    main()
"""

CHECK = Check(
    id="no-tracker",
    pillar=Pillar.TRACKING,
    weight=Weight.MUST,
    title="An experiment tracker records the runs",
    failure_title="No experiment tracker records the runs",
    explanation=__doc__,
    find=find,
    fix=Fix("Log the hyperparameters to MLflow", plan_fix, effort=Effort.MINUTES, lookups=needs),
    examples=(Example(bad=_BAD, good=_GOOD),),
)
