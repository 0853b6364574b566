"""Nothing says with how many threads the results were computed.

A sum or a product that is shared between threads is added up in parts, and how many parts there are depends on the number of threads.
Libraries take as many as the machine has cores, unless they are told.

## Why it matters
Floats added in another order have other last bits, and training carries small differences far: the same program with the same seeds
gives other numbers on a machine with more cores, or in a container that gets fewer.

## How to fix it
Set the number where the program starts, so that it is the same everywhere:

```python
torch.set_num_threads(4)
```

or in front of the command: `OMP_NUM_THREADS=4 python train.py`. To keep the speed of all cores, write the number down beside the
results.

## When to leave it
When the last bits do not matter, or when everything heavy runs on a GPU.

## References
- PyTorch documentation, CPU threading: tuning the number of threads
- threadpoolctl documentation, thread pools of BLAS and OpenMP
- OpenMP specification, `OMP_NUM_THREADS`
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
from repro_gui.facts.configs import Configs
from repro_gui.facts.environment import Environment
from repro_gui.facts.events import Constant, Subscript
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.launchers import Launchers
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import RandomUse, random_uses
from repro_gui.facts.steps import AssignSite, CallSite, Step, Unit
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text

_IN_THREADS = frozenset(
    {"torch", "tensorflow", "keras", "jax", "sklearn", "xgboost", "lightgbm", "catboost", "scipy", "numpy"}
)
_SETTERS = frozenset(
    {
        "torch.set_num_threads",
        "tensorflow.config.threading.set_intra_op_parallelism_threads",
        "threadpoolctl.threadpool_limits",
        "threadpoolctl.ThreadpoolController",
        "mkl.set_num_threads",
        "numexpr.set_num_threads",
    }
)
_VARIABLES = frozenset(
    {
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
    }
)
# Where a variable can be set in a way that is not read here.
_MAY_SET = frozenset({"shell", "docker", "makefile"})


def find(
    program: Program,
    knowledge: Knowledge,
    configs: Configs | Unavailable,
    launchers: Launchers | Unavailable,
    environment: Environment | Unavailable,
) -> Iterator[Observation]:
    """One finding where the programs compute in threads and no code, command or configuration says in how many."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    uses = [use for use in random_uses(program, knowledge) if use.uses_packages & _IN_THREADS]
    if not uses:
        yield NotApplicable(text("Nothing on the way of the programs computes in threads."))
        return
    where = (_in_code(uses, knowledge), _in_commands(launchers), _in_configs(configs), _in_images(environment))
    found = list(dict.fromkeys(one for places in where for one in places))
    if found:
        yield from (Evidence(text("The number of threads is set here."), location) for location in found)
        return
    unread = None if isinstance(launchers, Unavailable) else _may_be_set(launchers)
    if unread is not None:
        yield CannotTell(text("Nothing seen sets the number of threads; {path} may.", path=unread.path), unread)
        return
    entry = uses[0].entry
    yield Finding(
        text("The number of threads is as many as the machine has cores, and is written down nowhere."),
        Location(entry.path),
        expression="number of threads",
        cause="threads",
        values={"entry": entry.path},
    )


def _in_code(uses: list[RandomUse], knowledge: Knowledge) -> Iterator[Location]:
    for use in uses:
        for step in use.way.told(_setting_number, knowledge):
            if use.way.happens(step) is not Happens.NO:
                yield step.location


def _setting_number(unit: Unit, knowledge: Knowledge) -> Iterator[Step]:
    return (step for step in unit.steps if _sets_number(step, knowledge))


def _sets_number(step: Step, knowledge: Knowledge) -> bool:
    if isinstance(step, AssignSite):
        return _is_variable(step)
    name = knowledge.randomness.canonical(step.name) if step.name else ""
    return name in _SETTERS or (name.startswith("os.environ.") and _names_variable(step))


def _is_variable(step: AssignSite) -> bool:
    """`os.environ["OMP_NUM_THREADS"] = …`."""
    target = step.to
    return isinstance(target, Subscript) and isinstance(target.index, Constant) and target.index.value in _VARIABLES


def _names_variable(step: CallSite) -> bool:
    given = step.call.argument("key", 0)
    is_written = step.target.name in {"os.environ.setdefault", "os.environ.update"}
    return is_written and (
        (isinstance(given, Constant) and given.value in _VARIABLES)
        or any(keyword.name in _VARIABLES for keyword in step.call.keywords)
    )


def _in_commands(launchers: Launchers | Unavailable) -> Iterator[Location]:
    if isinstance(launchers, Unavailable):
        return
    for command in launchers.commands:
        if any(word.partition("=")[0] in _VARIABLES for word in command.argv if "=" in word):
            yield command.location


def _in_configs(configs: Configs | Unavailable) -> Iterator[Location]:
    if isinstance(configs, Unavailable):
        return
    for file in configs.files:
        for setting in file.settings:
            if setting.name in _VARIABLES:
                yield file.location(setting)


def _in_images(environment: Environment | Unavailable) -> Iterator[Location]:
    """`ENV OMP_NUM_THREADS=4` in a Dockerfile."""
    if isinstance(environment, Unavailable):
        return
    for file in environment.files:
        yield from (one.location for one in file.variables if one.name in _VARIABLES and one.value)


def _may_be_set(launchers: Launchers) -> Location | None:
    return next(
        (one.location for one in launchers.commands if one.kind in _MAY_SET and one.starts_python),
        None,
    )


CHECK = Check(
    id="threads-not-recorded",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.ADVICE,
    title="The number of threads is written down",
    failure_title="Nothing says how many threads the results were computed with",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Set the number of threads, or write it down", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad="""\
import torch

torch.manual_seed(0)
torch.save(torch.rand(64, 64) @ torch.rand(64, 64), "product.pt")
""",
            good="""\
import torch

torch.manual_seed(0)
torch.set_num_threads(4)
torch.save(torch.rand(64, 64) @ torch.rand(64, 64), "product.pt")
""",
            fixes=False,
        ),
        Example(
            bad=Sketch(
                files={
                    "README.md": "```\npython train.py\n```\n",
                    "train.py": 'import numpy as np\n\nnp.save("product.npy", np.ones((64, 64)) @ np.ones((64, 64)))\n',
                }
            ),
            good=Sketch(
                files={
                    "README.md": "```\nOMP_NUM_THREADS=4 python train.py\n```\n",
                    "train.py": 'import numpy as np\n\nnp.save("product.npy", np.ones((64, 64)) @ np.ones((64, 64)))\n',
                }
            ),
            fixes=False,
        ),
        Example(
            bad=Sketch(
                files={
                    "Dockerfile": "FROM python:3.11-slim AS build\nENV OMP_NUM_THREADS=4\nFROM python:3.11-slim\n",
                    "train.py": 'import numpy as np\n\nnp.save("product.npy", np.ones((64, 64)) @ np.ones((64, 64)))\n',
                }
            ),
            good=Sketch(
                files={
                    "Dockerfile": (
                        "FROM python:3.11-slim AS build\nENV LANG=C \\\n    OMP_NUM_THREADS=4\n"
                        'FROM build\nCMD ["python", "train.py"]\n'
                    ),
                    "train.py": 'import numpy as np\n\nnp.save("product.npy", np.ones((64, 64)) @ np.ones((64, 64)))\n',
                }
            ),
            fixes=False,
        ),
    ),
)
