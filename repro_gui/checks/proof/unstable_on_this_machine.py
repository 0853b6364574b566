"""The determinism probe saw operations vary on this machine, and the program uses some of them.

## Why it matters
The probe ran each operation several times with the same input and compared every bit. What varied here will vary in
training too, whatever the seeds. What was steady here was steady in so many repeats, on this machine, with these
libraries: no promise for another one.

## How to fix it
Each finding names the flag that steadied the operation here, with its price: the time with the flag divided by the
time without.

## When to leave it
When the operation does not reach a result, or results are compared within a tolerance that is stated.

## References
- The probe itself: `repro-gui probe`; its cases are in `repro_gui/probe/battery/`
- PyTorch, notes on reproducibility: <https://docs.pytorch.org/docs/stable/notes/randomness.html>
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
from repro_gui.facts.determinism import Determinism, ProbedCase, Verdict
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.operations_used import operations_used
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import random_uses
from repro_gui.text import text


def find(determinism: Determinism, program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding per used operation that varied in the last probe; the rest of what varied is evidence."""
    if not determinism.cases:
        yield NotApplicable(text("The operations of this machine were not probed."))
        return
    if not determinism.controls_held:
        yield CannotTell(text("A control of the probe came out wrong, so its verdicts do not count."))
        return
    unsteady: dict[str, list[ProbedCase]] = {}
    for case in determinism.unsteady:
        unsteady.setdefault(case.name, []).append(case)
    used: set[str] = set()
    told: set[tuple[str, object]] = set()
    for use in random_uses(program, knowledge):
        for operation in operations_used(use, knowledge):
            key = (operation.case, operation.site.location)
            if operation.case not in unsteady or key in told:
                continue
            told.add(key)
            used.add(operation.case)
            case = unsteady[operation.case][0]
            yield Finding(
                text(
                    "{name} gave {distinct} results in {repeats} repeats on this machine; {remedy}",
                    name=operation.site.name or f".{operation.site.target.method}",
                    distinct=case.distinct,
                    repeats=case.repeats,
                    remedy=_remedy(case),
                ),
                operation.site.location,
                symbol=operation.site.symbol,
                expression=operation.case,
                values={"case": case.name, "device": case.device, "price": case.price},
            )
    for name, cases in unsteady.items():
        if name not in used:
            yield Evidence(text("{name} varied here; no call of the program is known to use it.", name=cases[0].name))


def _remedy(case: ProbedCase) -> str:
    if case.verdict is Verdict.STABLE_UNDER_FLAG and case.price is not None:
        return f"torch.use_deterministic_algorithms(True) steadied it at {case.price:g} times the time."
    if case.verdict is Verdict.STABLE_UNDER_FLAG:
        return "torch.use_deterministic_algorithms(True) steadied it."
    if case.verdict is Verdict.RAISES:
        return "it raises under torch.use_deterministic_algorithms(True)."
    return "nothing that was tried steadied it."


_PROGRAM = """\
import torch

torch.manual_seed(0)
torch.use_deterministic_algorithms(False)
model = torch.nn.Linear(4, 4)
counts = torch.bincount(torch.arange(4), weights=model(torch.rand(4)).detach())
model(counts).sum().backward()
"""


def _probe(distinct: int) -> Determinism:
    verdict = Verdict.STABLE_UNDER_FLAG if distinct > 1 else Verdict.STABLE
    case = ProbedCase("bincount.weights", "cpu", "float32", verdict, {}, repeats=20, distinct=distinct, price=1.5)
    return Determinism(cases=(case,))


CHECK = Check(
    id="unstable-on-this-machine",
    pillar=Pillar.PROOF,
    weight=Weight.SHOULD,
    title="No operation of the program varies on this machine",
    failure_title="Operations of the program vary on this machine",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Switch on the flag that steadies it", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad=Sketch({"train.py": _PROGRAM}, determinism=_probe(distinct=3)),
            good=Sketch({"train.py": _PROGRAM}, determinism=_probe(distinct=1)),
            fixes=False,
        ),
    ),
)
