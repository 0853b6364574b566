"""The hyperparameters reach a tracker only when somebody asks for it, by a flag or another configuration.

## Why it matters
The run that ends up in the paper is often not the one for which somebody remembered the flag.

## How to fix it
Let tracking be the default and offer `--no-tracking`, with a local store (MLflow's SQLite file, `WANDB_MODE=offline`)
so that nobody needs an account.

## When to leave it
When the documented command that makes the results passes the flag; then that command is what counts: choose it as the
entry point.

## References
- MLflow Tracking: <https://mlflow.org/docs/latest/ml/tracking/>
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
    Weight,
)
from repro_gui.facts.configs import Configs
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.program import Program
from repro_gui.facts.tracker_use import EntryTracking, tracking_state
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.ways import Happens
from repro_gui.text import text


def find(program: Program, configs: Configs | Unavailable, knowledge: Knowledge) -> Iterator[Observation]:
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    states = [state for state in tracking_state(program, configs, knowledge) if state.uses]
    if not states:
        yield NotApplicable(text("No experiment tracker is used."))
    for state in states:
        yield from _judged(state)


def _judged(state: EntryTracking) -> Iterator[Observation]:
    # Without parameters anywhere, tracking itself is what may be off.
    giving = [use for use in state.uses if use.logs_parameters] or [use for use in state.uses if use.starts]
    best = state.parameters if any(use.logs_parameters for use in state.uses) else state.tracked
    chosen = max(giving or state.uses, key=lambda use: use.happens)
    values: dict[str, str | int | float | bool | None] = {"tracker": chosen.tracker, "entry": state.entry.path}
    if best is Happens.YES:
        what = text("{tracker} is on by default: {call}", tracker=chosen.title, call=chosen.call)
        yield Evidence(what, chosen.location, values)
    elif best is Happens.UNKNOWN:
        what = text("Whether {tracker} is on by default is not known.", tracker=chosen.title)
        yield CannotTell(what, chosen.location)
    else:
        yield Finding(
            text(
                "{entry} gives parameters to {tracker} only when asked.", entry=state.entry.path, tracker=chosen.title
            ),
            chosen.location,
            symbol=chosen.symbol,
            expression=f"{state.entry.path}:{chosen.call}",
            cause=f"off:{state.entry.path}",
            values=values,
        )


_BAD = """import argparse

import wandb
from sklearn.linear_model import SGDClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--wandb", action="store_true")
parser.add_argument("--alpha", type=float, default=0.001)
args = parser.parse_args()
if args.wandb:
    wandb.init(config=vars(args))
SGDClassifier(alpha=args.alpha, random_state=1).fit([[0.0], [1.0]], [0, 1])
"""

CHECK = Check(
    id="tracking-off-by-default",
    pillar=Pillar.TRACKING,
    weight=Weight.SHOULD,
    title="Tracking is on by default",
    failure_title="Tracking is off by default",
    explanation=__doc__,
    find=find,
    fix=Fix("Make tracking the default", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad=_BAD,
            good=_BAD.replace("if args.wandb:\n    wandb.init", "wandb.init"),
            fixes=False,
        ),
    ),
)
