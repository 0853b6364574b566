"""An operation is used whose result can differ from run to run, although every seed is set.

## Why it matters
Some operations add numbers in the order in which threads happen to finish, and floating-point sums depend on their
order. The difference starts in the last bit and grows with every step of training. PyTorch documents these operations;
`torch.use_deterministic_algorithms(True)` steadies some of them and refuses others.

## How to fix it
Each finding names what steadies its operation: the flag, or another operation. Probe this machine to see whether the
operation varies here, and what the flag costs.

## When to leave it
When the operation stands outside training and evaluation, or the differences are within what the paper reports as
variation over seeds.

## References
- PyTorch, `torch.use_deterministic_algorithms`: the operations that are steadied, and those that raise
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
    Place,
    Safety,
    Weight,
)
from repro_gui.facts.environment import Environment
from repro_gui.facts.installed import InstalledEnvironment
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_determinism import Documented, DocumentedOperation
from repro_gui.facts.operations_used import UsedOperation, operations_used
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import RandomUse, random_uses
from repro_gui.facts.seeding import last_setting
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

_STRICT = "torch.use_deterministic_algorithms"


def find(program: Program, knowledge: Knowledge, environment: Environment | Unavailable) -> Iterator[Observation]:
    """One finding per call that the table says may vary on the device the program uses."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    uses = [use for use in random_uses(program, knowledge) if "torch" in use.uses_packages]
    if not uses:
        yield NotApplicable(text("Nothing on the way of the programs uses PyTorch."))
        return
    version = _torch_version(environment)
    told: set[tuple[str, object]] = set()
    for use in uses:
        is_strict = _is_strict(use)
        for operation in operations_used(use, knowledge):
            key = (operation.case, operation.site.location)
            entry = knowledge.determinism.about(operation.case, "cuda" if use.uses_gpu else "cpu", version)
            if key not in told and entry is not None and entry.default is Documented.MAY_VARY:
                told.add(key)
                yield _judge(use, operation, entry, is_strict=is_strict)


def _judge(use: RandomUse, operation: UsedOperation, entry: DocumentedOperation, *, is_strict: bool) -> Observation:
    site = operation.site
    name = site.name or f".{site.target.method}"
    device = "a GPU" if use.uses_gpu else "the CPU"
    if not operation.is_certain:
        return CannotTell(
            text("Whether {name} varies depends on arguments that are not known.", name=name), site.location
        )
    if operation.is_chosen:
        return CannotTell(
            text("Whether {name} runs depends on a parameter that is not known.", name=name), site.location
        )
    if is_strict and entry.strict is Documented.STEADY:
        return Evidence(text("{name} is steadied by {flag}.", name=name, flag=f"{_STRICT}(True)"), site.location)
    template = (
        "{name} can differ from run to run on {device}, and raises under the flag; instead: {instead}."
        if entry.strict is Documented.RAISES
        else "{name} can differ from run to run on {device}; what steadies it: {instead}."
    )
    return Finding(
        text(template, name=name, device=device, instead=entry.replacement),
        site.location,
        symbol=site.symbol,
        expression=f"{name}: {operation.case}",
        places=(Place(text("{entry} reaches it", entry=use.entry.path), site.location),),
        values={"case": operation.case, "device": device, "replacement": entry.replacement},
    )


def _is_strict(use: RandomUse) -> bool:
    setting = last_setting([one for one in use.flags if one.flag == _STRICT and not one.is_idle])
    return setting is not None and setting.value == "True"


def _torch_version(environment: Environment | Unavailable) -> str:
    """The installed version, else the one that a list pins, else empty: nobody knows."""
    if isinstance(environment, Unavailable):
        return ""
    if isinstance(environment.installed, InstalledEnvironment):
        installed = environment.installed.by_name.get("torch")
        if installed is not None:
            return installed.version
    return next((entry.version for entry in environment.declared.get("torch", ()) if entry.version), "")


CHECK = Check(
    id="nondeterministic-operation",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.SHOULD,
    title="No operation is used that is known to vary",
    failure_title="An operation is used that can vary from run to run",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Steady the operation", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad="""\
import torch

torch.manual_seed(0)
model = torch.nn.Linear(4, 4).to("cuda")
loss = torch.nn.CTCLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss(model(torch.rand(9, 2, 4, device="cuda")).log_softmax(2), torch.ones(2, 3), (9, 9), (3, 3)).backward()
optimizer.step()
""",
            good="""\
import torch

torch.manual_seed(0)
model = torch.nn.Linear(4, 4).to("cuda")
loss = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss(model(torch.rand(9, 4, device="cuda")), torch.ones(9, dtype=torch.long, device="cuda")).backward()
optimizer.step()
""",
            fixes=False,
        ),
    ),
)
