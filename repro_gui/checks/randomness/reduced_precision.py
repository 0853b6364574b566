"""A shorter number format for products and sums is switched on: results depend on the GPU model more than they need to.

TF32 keeps 10 of the 23 bits of a float32's fraction in matrix products and convolutions, on GPUs that have it (Ampere and later).
Reduced-precision reductions add float16 and bfloat16 products in their own short format.

## Why it matters
The same program on a GPU without TF32, or on a CPU, computes other numbers, in the third or fourth digit. On one GPU model results
still repeat: this is advice for those whose results shall hold on other machines.

## How to fix it
Leave these switches at full precision where results are compared:

```python
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
```

The price is speed. Or say in the README which GPU the results were made on, and that TF32 was on.

## When to leave it
When the results are meant to be made on one GPU model, and that model is written down.

## References
- PyTorch documentation, notes on numerical accuracy and on CUDA semantics: TensorFloat-32
- TensorFlow documentation, `tf.config.experimental.enable_tensor_float_32_execution`
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
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import FlagSetting, random_uses
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text

_REDUCED = {
    "torch.backends.cuda.matmul.allow_tf32": frozenset({"True"}),
    "torch.backends.cudnn.allow_tf32": frozenset({"True"}),
    "torch.set_float32_matmul_precision": frozenset({"'high'", "'medium'"}),
    "torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction": frozenset({"True"}),
    "torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction": frozenset({"True"}),
    "tensorflow.config.experimental.enable_tensor_float_32_execution": frozenset({"True"}),
}


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each place that switches a shorter format on, with one cause in one function; where one is off is evidence."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[Location] = set()
    for use in random_uses(program, knowledge):
        for setting in use.flags:
            if setting.flag in _REDUCED and setting.happens is not Happens.NO and setting.site.location not in told:
                told.add(setting.site.location)
                yield _judge(setting)
    if not told:
        yield NotApplicable(
            text("Nothing on the way of the programs chooses a precision; that of the framework stays.")
        )


def _judge(setting: FlagSetting) -> Observation:
    location = setting.site.location
    values: dict[str, str | int | float | bool | None] = {"flag": setting.flag, "value": setting.value}
    if not setting.value:
        return CannotTell(text("The value of {flag} is not known here.", flag=setting.flag), location)
    if setting.value not in _REDUCED[setting.flag]:
        return Evidence(text("{flag} is set to {value}.", flag=setting.flag, value=setting.value), location, values)
    return Finding(
        text("{flag} is set to {value}: a shorter format is used.", flag=setting.flag, value=setting.value),
        location,
        symbol=setting.site.symbol,
        expression=f"{setting.flag} = {setting.value}",
        # People switch them on together; where and why is one decision.
        cause=f"reduced:{setting.site.module.path}:{setting.site.symbol}",
        values=values,
    )


CHECK = Check(
    id="reduced-precision",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.ADVICE,
    title="Products and sums keep full precision",
    failure_title="A shorter number format is switched on",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Keep full precision, or write the GPU model down", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad="""\
import torch

torch.manual_seed(0)
torch.backends.cuda.matmul.allow_tf32 = True
model = torch.nn.Linear(4, 1).cuda()
torch.save(model(torch.ones(1, 4).cuda()), "out.pt")
""",
            good="""\
import torch

torch.manual_seed(0)
torch.backends.cuda.matmul.allow_tf32 = False
model = torch.nn.Linear(4, 1).cuda()
torch.save(model(torch.ones(1, 4).cuda()), "out.pt")
""",
            fixes=False,
        ),
        Example(
            bad="""\
import torch

torch.manual_seed(0)
torch.set_float32_matmul_precision("high")
torch.save(torch.nn.Linear(4, 1).cuda().state_dict(), "model.pt")
""",
            good="""\
import torch

torch.manual_seed(0)
torch.set_float32_matmul_precision("highest")
torch.save(torch.nn.Linear(4, 1).cuda().state_dict(), "model.pt")
""",
            fixes=False,
        ),
    ),
)
