"""The GPU's driver, CUDA and cuDNN are recorded.

## Why it matters
The same program on the same GPU gives other bits under another driver, CUDA or cuDNN: they hold and choose the kernels. A list of
Python packages says nothing of the driver, and a CUDA image does not bring one: it stays the host's own.

## How to fix it
Run the determinism probe on the machine that makes the results, then let Repro GUI write what it saw into `gpu-stack.json`, and
commit that file.

## When to leave it
When the program runs on the processor only, or when the paper or the README says the same in words.

## References
- NVIDIA, “CUDA Compatibility”; NVIDIA cuDNN documentation, “Reproducibility (determinism)”.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repro_gui.changes.change_set import ChangeSet, FileChange
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
from repro_gui.errors import CannotPlan
from repro_gui.facts.configs import Configs
from repro_gui.facts.determinism import Determinism
from repro_gui.facts.environment import Environment
from repro_gui.facts.gpu_stack import RECORD, pinned_cuda, probed_stack, recorded_stack, stack_record
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import random_uses
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text


def find(
    program: Program,
    environment: Environment,
    configs: Configs,
    determinism: Determinism | Unavailable,
    knowledge: Knowledge,
) -> Iterator[Observation]:
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    sites = [use.gpu_site for use in random_uses(program, knowledge) if use.gpu_site is not None]
    if not sites:
        if program.unread:
            yield CannotTell(text("{path} could not be read whole.", path=program.unread[0].path))
        yield NotApplicable(text("Nothing on the way of the programs moves to a GPU."))
        return
    written = recorded_stack(configs, Determinism())
    if written is not None:
        values: dict[str, str | int | float | bool | None] = {
            "driver": written.driver,
            "cuda": written.cuda,
            "cudnn": written.cudnn,
        }
        yield Evidence(written.why, written.location, values)
        return
    probed = probed_stack(determinism)
    if probed is not None:
        yield Evidence(probed.why, None, {"driver": probed.driver, "cuda": probed.cuda, "cudnn": probed.cudnn})
    pinned = pinned_cuda(environment)
    what = text("The programs run on a GPU, and no file names its driver, CUDA and cuDNN.")
    if pinned is not None:
        what = text("{pin} fixes CUDA; no file names the driver, which stays the host's own.", pin=pinned[0])
        yield Evidence(text("{pin} fixes CUDA.", pin=pinned[0]), pinned[1])
    places = list(dict.fromkeys(site.location for site in sites))
    yield Finding(
        what,
        places[0],
        symbol=sites[0].symbol,
        expression="gpu-stack",
        weight=Weight.ADVICE if pinned is not None else None,
        places=tuple(Place(text("a GPU is used here"), place) for place in places[1:6]),
        values={"has_probe": probed is not None},
    )


def needs(finding: Finding) -> Iterable[Lookup]:
    del finding
    return (FileContent(RECORD),)


def plan_fix(finding: Finding, determinism: Determinism, answers: Answers) -> ChangeSet:
    del finding
    if not determinism.when:
        raise CannotPlan(
            text("No probe was kept that knows the GPU."),
            text("Run the determinism probe on the machine that makes the results, then come back."),
        )
    if probed_stack(determinism) is None:
        raise CannotPlan(
            text("The probe that was kept saw no GPU driver."),
            text("Run it on a machine with the GPU that makes the results."),
        )
    before = answers.file_or_none(RECORD)
    return ChangeSet(
        text("Record the GPU's driver and libraries"),
        CHECK.id,
        files=(FileChange(RECORD, before, stack_record(determinism)),),
        notes=(text("As the probe saw them on {date}.", date=determinism.when),),
    )


_PROGRAM = 'import torch\n\nmodel = torch.nn.Linear(3, 1).to("cuda")\nmodel(torch.rand(1, 3, device="cuda")).sum().backward()\n'
_PROBED = Determinism(
    when="2026-01-01T12:00:00Z",
    fingerprint={
        "gpu_driver": "550.54.15",
        "cuda_driver": "12.4",
        "gpus": [{"model": "NVIDIA A100"}],
        "torch": {"torch": "2.3.1", "cuda": "12.1", "cudnn": 8902},
    },
)

CHECK = Check(
    id="gpu-stack-not-recorded",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.SHOULD,
    title="Driver, CUDA and cuDNN are recorded",
    failure_title="Driver, CUDA and cuDNN are recorded nowhere",
    explanation=__doc__,
    find=find,
    fix=Fix("Write what the probe saw", plan_fix, Safety.SAFE, Effort.SECONDS, lookups=needs),
    examples=(
        Example(
            bad=Sketch({"train.py": _PROGRAM}, determinism=_PROBED),
            good=Sketch({"train.py": _PROGRAM, RECORD: stack_record(_PROBED).decode()}, determinism=_PROBED),
        ),
    ),
)
