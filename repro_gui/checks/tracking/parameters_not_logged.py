"""A tracker is used, and the hyperparameters do not reach it.

## Why it matters
A curve without the settings that made it cannot be repeated. Metrics alone go to a tracker easily: `SummaryWriter`,
`wandb.log`; the parameters have to be given to it, once at the start.

## How to fix it
`mlflow.log_params({...})` or `mlflow.autolog()`; `wandb.init(config=...)`; `writer.add_hparams(...)`;
`self.save_hyperparameters()` in a module of Lightning; `accelerator.init_trackers(..., config=...)`. Log the values
that the run really had, the seed among them.

## When to leave it
When the launcher (a sweep, a workflow system) hands the parameters to the tracker itself.

## References
- MLflow, `log_params`: <https://mlflow.org/docs/latest/ml/tracking/tracking-api/>
- Weights & Biases, "Configure experiments": <https://docs.wandb.ai/guides/track/config/>
"""

from __future__ import annotations

from collections.abc import Iterator

from repro_gui.changes.change_set import ChangeSet
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
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.configs import Configs
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.mlflow_edits import find_entry, find_parameters, plan_mlflow, plan_wandb
from repro_gui.facts.program import Program
from repro_gui.facts.tracker_use import EntryTracking, tracking_state
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text


def find(program: Program, configs: Configs | Unavailable, knowledge: Knowledge) -> Iterator[Observation]:
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    states = tracking_state(program, configs, knowledge)
    if not any(state.uses for state in states):
        imported = [one for state in states for one in state.imported]
        if imported:
            title, place = imported[0]
            yield CannotTell(text("{tracker} is imported, but how it is used is not seen.", tracker=title), place)
        else:
            yield NotApplicable(text("No experiment tracker is used."))
        return
    for state in states:
        yield from _judged(state)


def _judged(state: EntryTracking) -> Iterator[Observation]:
    entry = state.entry
    giving = [use for use in state.uses if use.logs_parameters]
    # Given under a flag is given: that the flag is off by default is another check's finding.
    if giving:
        for use in giving:
            yield Evidence(
                text("{tracker} gets parameters: {call}", tracker=use.title, call=use.call),
                use.location,
                {"tracker": use.tracker, "by_default": use.happens is Happens.YES},
            )
        return
    if state.unread is not None:
        what = text("How parameters reach {tracker} is not read yet.", tracker=state.unread.title)
        yield CannotTell(what, state.unread.location)
        return
    if not state.uses and state.imported:
        title, place = state.imported[0]
        yield CannotTell(text("{tracker} is imported, but how it is used is not seen.", tracker=title), place)
        return
    first = state.uses[0] if state.uses else None
    if first is None and state.may_train:
        what = text("Whether {entry} trains is not known; nothing of it reaches a tracker.", entry=entry.path)
        yield CannotTell(what, Location(entry.path))
        return
    what = text("{entry} trains, and nothing of it reaches a tracker.", entry=entry.path)
    if first is not None:
        what = text("{tracker} is used, but gets no hyperparameters of {entry}.", tracker=first.title, entry=entry.path)
    yield Finding(
        what,
        first.location if first else Location(entry.path),
        symbol=first.symbol if first else "",
        expression=f"{entry.path}:{entry.symbol}",
        # One call that several programs reach is one cause; so are all the programs that reach none.
        cause=f"parameters:{first.location}" if first else "parameters:no-tracker",
        places=tuple(Place(text("{call} is called here", call=use.call), use.location) for use in state.uses[:5]),
        values={
            "entry": entry.path,
            "entry_symbol": entry.symbol,
            "tracker": first.tracker if first else "",
        },
    )


def needs(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[Lookup]:
    entry = find_entry(program, finding.values["entry"], finding.values["entry_symbol"])
    if entry is not None:
        try:
            place = find_parameters(program, entry, knowledge)
        except CannotPlan:
            # Said again, and to the person, when the fix is planned.
            return
        paths = dict.fromkeys((place.location.path, finding.location.path if finding.location else ""))
        yield from (FileContent(path) for path in paths if path)


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    entry = find_entry(program, finding.values["entry"], finding.values["entry_symbol"])
    if entry is None:
        raise CannotPlan(text("The entry point is not there any more."), text("Audit the project again."))
    tracker = finding.values["tracker"]
    if tracker not in {"", "mlflow", "wandb"}:
        raise CannotPlan(
            text("The change for this tracker is not made by us yet."),
            text("Give it the hyperparameters as its reference says; the explanation names the calls."),
        )
    plan = plan_wandb if tracker == "wandb" else plan_mlflow
    change, place = plan(program, entry, knowledge, answers.file)
    return ChangeSet(
        title=text("Log the hyperparameters of {entry}", entry=entry.path),
        check_id=CHECK.id,
        files=(change,),
        effect=text("Each run leaves a record; results do not change."),
        notes=(text("Logged: {names}.", names=", ".join(one.name for one in place.parameters)),),
    )


_BAD = """import mlflow
from sklearn.linear_model import SGDClassifier

ALPHA = 0.001
SEED = 1

with mlflow.start_run():
    model = SGDClassifier(alpha=ALPHA, random_state=SEED).fit([[0.0], [1.0]], [0, 1])
    mlflow.log_metric("score", model.score([[0.0], [1.0]], [0, 1]))
"""

CHECK = Check(
    id="parameters-not-logged",
    pillar=Pillar.TRACKING,
    weight=Weight.MUST,
    title="The hyperparameters reach the tracker",
    failure_title="Hyperparameters do not reach the tracker",
    explanation=__doc__,
    find=find,
    fix=Fix("Log the hyperparameters", plan_fix, effort=Effort.MINUTES, lookups=needs),
    examples=(
        Example(
            bad=_BAD,
            good=_BAD.replace("    model =", '    mlflow.log_params({"ALPHA": ALPHA, "SEED": SEED})\n    model ='),
        ),
    ),
)
