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

from repro_gui.checks.check import (
    CannotTell,
    Check,
    Evidence,
    Example,
    Finding,
    NotApplicable,
    Observation,
    Pillar,
    Place,
    Weight,
)
from repro_gui.facts.configs import Configs
from repro_gui.facts.knowledge import Knowledge
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
    what = text("{entry} trains, and nothing of it reaches a tracker.", entry=entry.path)
    if first is not None:
        what = text("{tracker} is used, but gets no hyperparameters of {entry}.", tracker=first.title, entry=entry.path)
    yield Finding(
        what,
        first.location if first else entry.because_location or Location(entry.path, 1),
        symbol=first.symbol if first else "",
        expression=f"{entry.path}:{entry.symbol}",
        cause=f"parameters:{entry.path}:{entry.symbol}",
        places=tuple(Place(text("{call} is called here", call=use.call), use.location) for use in state.uses[:5]),
        values={
            "entry": entry.path,
            "entry_symbol": entry.symbol,
            "tracker": first.tracker if first else "",
        },
    )


_BAD = """from sklearn.linear_model import SGDClassifier
import mlflow

with mlflow.start_run():
    model = SGDClassifier(alpha=0.001, random_state=1).fit([[0.0], [1.0]], [0, 1])
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
    examples=(
        Example(
            bad=_BAD,
            good=_BAD.replace("    model =", '    mlflow.log_params({"alpha": 0.001, "seed": 1})\n    model ='),
            fixes=False,
        ),
    ),
)
