"""cuDNN may pick its convolution kernels by timing them, or use kernels whose result varies.

With `torch.backends.cudnn.benchmark = True` several kernels are timed and the fastest of the moment is taken; without
`torch.backends.cudnn.deterministic = True` a kernel may be taken that adds in no fixed order.

## Why it matters
Both change the last bits of every convolution from run to run on one and the same GPU, and training carries small differences
far. Seeds do not help: the generators are not involved.

## How to fix it
```python
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False
```

`benchmark` is off by default, so only switching it on is a fault. The price is some speed, most of all with inputs of changing size.
Attributes such as `torch.cuda.deterministic` do nothing: only those of `torch.backends.cudnn` count.

## When to leave it
When the program never runs on a GPU, or when small differences between runs are accepted and said so.

## References
- PyTorch documentation, notes on reproducibility: CUDA convolution benchmarking and determinism
- PyTorch documentation, `torch.backends.cudnn`
"""

from __future__ import annotations

from collections.abc import Iterator

from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.checks.check import (
    CannotTell,
    Check,
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
from repro_gui.errors import CannotPlan
from repro_gui.facts.flag_edits import plan_flag, replace_flag_value, site_to_set_flags
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import FlagSetting, RandomUse, random_uses
from repro_gui.facts.seeding import last_setting
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text

_BENCHMARK = "torch.backends.cudnn.benchmark"
_DETERMINISTIC = "torch.backends.cudnn.deterministic"
_STRICT = "torch.use_deterministic_algorithms"

_PROGRAM = text("in the program that starts here")


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each place that switches autotuning on, and one for each entry point that leaves `deterministic` off."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    uses = [use for use in random_uses(program, knowledge) if use.computes_with_torch]
    if not uses:
        yield NotApplicable(text("Nothing on the way of the programs uses PyTorch."))
        return
    told: set[Location] = set()
    for use in uses:
        for setting in use.flags:
            if setting.site.location not in told and setting.flag in {_BENCHMARK, _DETERMINISTIC, _STRICT}:
                told.add(setting.site.location)
                yield from _judge_setting(setting)
    if not any(use.uses_gpu for use in uses):
        if not told:
            yield NotApplicable(text("Nothing on the way of the programs moves to a GPU."))
        return
    for use in uses:
        if not use.uses_gpu:
            continue
        steady = _is_steady(use)
        if steady is None:
            strict = last_setting([one for one in use.flags if one.flag == _STRICT])
            assert strict is not None
            yield CannotTell(text("The value of {flag} is not known here.", flag=_STRICT), strict.site.location)
        elif not steady:
            yield _unset(use)


def _judge_setting(setting: FlagSetting) -> Iterator[Observation]:
    location = setting.site.location
    values: dict[str, str | int | float | bool | None] = {"flag": setting.flag, "value": setting.value}
    if setting.is_idle:
        name = setting.site.name
        yield Evidence(text("{name} does nothing; {flag} was meant.", name=name, flag=setting.flag), location, values)
        return
    yield Evidence(
        text("{flag} is set to {value}.", flag=setting.flag, value=setting.value or "a value that is not known"),
        location,
        values,
    )
    if setting.happens is Happens.NO:
        return
    if setting.flag == _BENCHMARK and setting.value == "True":
        yield Finding(
            text("{flag} = True picks kernels by timing them.", flag=_BENCHMARK),
            location,
            symbol=setting.site.symbol,
            expression=f"{_BENCHMARK} = True",
            values={"flag": _BENCHMARK, "value": "True"},
        )
    elif setting.flag == _DETERMINISTIC and setting.value == "False":
        yield Finding(
            text("{flag} = False allows kernels whose result varies.", flag=_DETERMINISTIC),
            location,
            symbol=setting.site.symbol,
            expression=f"{_DETERMINISTIC} = False",
            values={"flag": _DETERMINISTIC, "value": "False"},
        )
    elif not setting.value and setting.flag in {_BENCHMARK, _DETERMINISTIC}:
        yield CannotTell(text("The value of {flag} is not known here.", flag=setting.flag), location)


def _is_steady(use: RandomUse) -> bool | None:
    """Whether something on the way sets `deterministic`, to whatever value: a wrong one is a finding of its own."""
    if last_setting([one for one in use.flags if one.flag == _DETERMINISTIC and not one.is_idle]) is not None:
        return True
    strict = last_setting([one for one in use.flags if one.flag == _STRICT and not one.is_idle])
    if strict is None or strict.value == "False":
        return False
    return True if strict.value else None


def _unset(use: RandomUse) -> Finding:
    site = site_to_set_flags(use)
    place = Location(use.entry.path)
    if site is not None:
        place = site.location
    elif use.gpu_site is not None and use.gpu_site.module.path == use.entry.path:
        place = use.gpu_site.location
    places = [] if place.path == use.entry.path else [Place(_PROGRAM, Location(use.entry.path))]
    asked = [one for one in use.flags if one.flag == _DETERMINISTIC and one.value == "True" and not one.is_idle]
    others = [one.site.location for one in asked]
    places += [Place(text("set here, which does not run by default"), other) for other in others]
    wording = (
        text("PyTorch may run on a GPU, and {flag} is not set by default.", flag=_DETERMINISTIC)
        if others
        else text("PyTorch may run on a GPU, and {flag} is never set.", flag=_DETERMINISTIC)
    )
    return Finding(
        wording,
        place,
        expression=f"{use.entry.path}:{use.entry.symbol}: {_DETERMINISTIC}",
        cause=f"unset:{_DETERMINISTIC}",
        places=tuple(places),
        values={"flag": _DETERMINISTIC, "value": None, "entry": use.entry.path},
    )


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Turn the value round where the flag is set, or set both flags beside the seed."""
    assert finding.location is not None
    path = finding.location.path
    content = answers.file(path)
    flag = str(finding.values["flag"])
    if finding.values["value"] is None:
        use = next((one for one in random_uses(program, knowledge) if one.entry.path == finding.values["entry"]), None)
        if use is None:
            raise CannotPlan(text("{path} is no entry point any more.", path=path), text("Audit the project again."))
        flags = [(_DETERMINISTIC, "True")]
        if not any(one.flag == _BENCHMARK and not one.is_idle for one in use.flags):
            flags.append((_BENCHMARK, "False"))
        after = plan_flag(use, flags, content)
    else:
        steady = "False" if flag == _BENCHMARK else "True"
        after = replace_flag_value(program, knowledge, finding.location, steady, content)
    return ChangeSet(
        text("Keep cuDNN from choosing kernels by timing in {path}", path=path),
        CHECK.id,
        (FileChange(path, content, after),),
        effect=text("Convolutions may become slower; on one GPU their results stay the same from run to run."),
    )


CHECK = Check(
    id="autotuned-kernels",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.MUST,
    title="The cuDNN kernels are steady",
    failure_title="The cuDNN kernels vary from run to run",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Switch off autotuning and ask for deterministic kernels", plan_fix, Safety.CHANGES_RESULTS),
    examples=(
        Example(
            bad="""\
import torch

torch.manual_seed(1)
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = True  # faster

model = torch.nn.Conv2d(3, 8, 3).to("cuda")
model(torch.rand(1, 3, 8, 8, device="cuda")).sum().backward()
""",
            good="""\
import torch

torch.manual_seed(1)
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False  # faster

model = torch.nn.Conv2d(3, 8, 3).to("cuda")
model(torch.rand(1, 3, 8, 8, device="cuda")).sum().backward()
""",
        ),
        Example(
            bad="""\
import torch

torch.manual_seed(1)

model = torch.nn.Conv2d(3, 8, 3).cuda()
model(torch.rand(1, 3, 8, 8).cuda()).sum().backward()
""",
            good="""\
import torch

torch.manual_seed(1)
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False

model = torch.nn.Conv2d(3, 8, 3).cuda()
model(torch.rand(1, 3, 8, 8).cuda()).sum().backward()
""",
        ),
    ),
)
