"""The program may run on a GPU, and the framework is not told to use deterministic algorithms.

Many GPU operations add with atomics, in whatever order the threads arrive. `torch.use_deterministic_algorithms(True)` takes another
algorithm where there is one and raises where there is none; `tf.config.experimental.enable_op_determinism()` does the same
for TensorFlow.

## Why it matters
With all seeds set, two runs on one GPU still part in the last bits, and training carries that far.

## How to fix it
```python
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # before the first product on a GPU
torch.use_deterministic_algorithms(True)
```

For TensorFlow 2.8 and later, below the seed (random operations raise without one):

```python
tf.config.experimental.enable_op_determinism()
```

`TF_DETERMINISTIC_OPS=1` in the environment does the same from TensorFlow 2.1 on. Programs with the sessions of TensorFlow 1 may still vary.

`warn_only=True` is no substitute: the backward pass of attention, for one, stays as it was. Operations without a
deterministic algorithm raise; the fix is not made in a program that is seen to use one. Results change once and training may
become slower.

## When to leave it
When runs that agree to a tolerance are enough, and the report says so; when the program runs on a CPU only.

## References
- PyTorch documentation, `torch.use_deterministic_algorithms`
- NVIDIA cuBLAS documentation, results reproducibility
- TensorFlow documentation, `tf.config.experimental.enable_op_determinism`
"""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

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
from repro_gui.facts.default_values import Known
from repro_gui.facts.environment import Environment
from repro_gui.facts.flag_edits import (
    place_of_flags,
    place_of_op_determinism,
    plan_op_determinism,
    plan_strict_algorithms,
    replace_flag_value,
)
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_determinism import Documented
from repro_gui.facts.known_versions import known_version
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.operations_used import UsedOperation, operations_used
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import FlagSetting, RandomUse, SeedKind, Source, random_uses
from repro_gui.facts.seeding import last_setting
from repro_gui.facts.source_edits import edited, remove_keyword
from repro_gui.facts.source_text import SourceText
from repro_gui.facts.steps import CallSite
from repro_gui.facts.tensorflow_determinism import (
    GRAPH_MODE,
    OP_DETERMINISM,
    hides_gpus,
    is_for_version_1,
    switched_on_by_variable,
)
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text

_STRICT = "torch.use_deterministic_algorithms"
_SESSIONS = (
    "tensorflow.compat.v1.Session",
    "tensorflow.compat.v1.InteractiveSession",
    *GRAPH_MODE,
)
_OP_DETERMINISM_SINCE = Version("2.8")


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each result entry point on a GPU whose framework may take algorithms that vary."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    uses = random_uses(program, knowledge)
    on_torch = [use for use in uses if use.computes_with_torch and use.uses_gpu]
    # TensorFlow takes a GPU by itself when there is one.
    on_tensorflow = [use for use in uses if use.computes_with_tensorflow and use.trains]
    for use in on_tensorflow:
        hidden = hides_gpus(use)
        if hidden is not None:
            yield Evidence(text("{entry} hides all GPUs from TensorFlow.", entry=use.entry.path), hidden.location)
    on_tensorflow = [use for use in on_tensorflow if hides_gpus(use) is None]
    if not on_torch and not on_tensorflow:
        yield NotApplicable(text("Nothing on the way of the programs moves to a GPU."))
        return
    for use in on_torch:
        yield _judge(use, _STRICT, "PyTorch")
    for use in on_tensorflow:
        variable = switched_on_by_variable(use)
        if variable is not None:
            yield Evidence(text("{flag} is switched on.", flag="TF_DETERMINISTIC_OPS"), variable.location)
        else:
            yield _judge(use, OP_DETERMINISM, "TensorFlow")


def _judge(use: RandomUse, flag: str, library: str) -> Observation:
    setting = last_setting([one for one in use.flags if one.flag == flag])
    values: dict[str, str | int | float | bool | None] = {"flag": flag, "entry": use.entry.path, "library": library}
    if setting is None:
        found = use.gpu_site.location if use.gpu_site is not None else Location(use.entry.path)
        # Many programs may share the place that chooses the device; each is told where it is mended.
        place = found if found.path == use.entry.path else Location(use.entry.path)
        places = [] if place == found else [Place(text("runs on a GPU from here"), found)]
        others = [one.site.location for one in use.flags if one.flag == flag and one.value == "True"]
        places += [Place(text("called here, which does not run by default"), other) for other in others]
        wording = (
            text("{library} may run on a GPU, and {flag} is not called by default.", library=library, flag=flag)
            if others
            else text("{library} may run on a GPU, and {flag} is never called.", library=library, flag=flag)
        )
        return Finding(
            wording,
            place,
            expression=f"{use.entry.path}:{use.entry.symbol}: {flag}",
            cause=f"vary:{flag}",
            places=tuple(places),
            values={**values, "value": None},
        )
    location = setting.site.location
    if not setting.value:
        return CannotTell(text("With which value {flag} is called is not known here.", flag=flag), location)
    if setting.value == "False":
        return Finding(
            text("{flag} is switched off.", flag=flag),
            location,
            symbol=setting.site.symbol,
            expression=f"{flag}(False)",
            values={**values, "value": "False"},
        )
    if _only_warns(use, setting):
        return Finding(
            text("{flag} only warns: operations that vary stay as they are.", flag=flag),
            location,
            symbol=setting.site.symbol,
            expression=f"{flag}(warn_only)",
            values={**values, "value": "warn"},
        )
    return Evidence(text("{flag} is switched on.", flag=flag), location, values)


def _only_warns(use: RandomUse, setting: FlagSetting) -> bool:
    site = setting.site
    if setting.value == "'warn'":
        return True
    if not isinstance(site, CallSite):
        return False
    given = site.call.argument("warn_only")
    settled = use.way.values.value(use.way.values.scope(site), given) if given is not None else None
    return isinstance(settled, Known) and bool(settled.value)


def raising(use: RandomUse, knowledge: Knowledge) -> list[UsedOperation]:
    """Operations on the way of an entry point that raise once the flag is on."""
    found = []
    for operation in operations_used(use, knowledge):
        documented = knowledge.determinism.about(operation.case, "cuda", "")
        if documented is not None and documented.strict is Documented.RAISES:
            found.append(operation)
    return found


def lookups(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[FileContent]:
    """The file where the flag is or will be set."""
    if finding.values["value"] is not None and finding.location is not None:
        yield FileContent(finding.location.path)
        return
    use = _use_of(finding, program, knowledge)
    yield FileContent(place_of_flags(use) if finding.values["library"] == "PyTorch" else place_of_op_determinism(use))


def _use_of(finding: Finding, program: Program, knowledge: Knowledge) -> RandomUse:
    for use in random_uses(program, knowledge):
        if use.entry.path == finding.values["entry"]:
            return use
    raise CannotPlan(
        text("{path} is no entry point any more.", path=str(finding.values["entry"])), text("Audit the project again.")
    )


def _plan_for_tensorflow(
    use: RandomUse, knowledge: Knowledge, environment: Environment | Unavailable, answers: Answers
) -> ChangeSet:
    path = place_of_op_determinism(use)
    version = known_version(environment, "tensorflow")
    if is_for_version_1(use, knowledge) or any(use.way.calls_of(*_SESSIONS)):
        raise CannotPlan(
            text(
                "{path} runs in a session of TensorFlow 1, which nothing makes fully deterministic.",
                path=use.entry.path,
            ),
            text(
                "Set TF_DETERMINISTIC_OPS=1 where the program is started (TensorFlow 2.1 and later), or say how results vary."
            ),
        )
    if version is not None and version < _OP_DETERMINISM_SINCE:
        raise CannotPlan(
            text("TensorFlow {version} has no enable_op_determinism.", version=str(version)),
            text("Set TF_DETERMINISTIC_OPS=1 where the program is started, or move to TensorFlow 2.8 or later."),
        )
    steady = {SeedKind.CONSTANT, SeedKind.DEFAULT, SeedKind.VARIABLE}
    is_seeded = any(one.happens is Happens.YES and one.kind in steady for one in use.seedings_of("tensorflow"))
    # Keras shuffles in `fit` from TensorFlow's generator.
    draws = use.draws_from("tensorflow") or use.draws_from("keras") or any(use.way.calls_that(_is_of_keras))
    if draws and not is_seeded:
        raise CannotPlan(
            text("TensorFlow is not seeded in {path}, and its random operations would raise.", path=use.entry.path),
            text("Seed it first: tf.keras.utils.set_random_seed(42)."),
        )
    unseeded = [one for one in use.draws if one.name.startswith("tensorflow.") and one.source is Source.ENTROPY]
    if unseeded:
        raise CannotPlan(
            text(
                "{call} at {place} has no seed, and would raise.",
                call=unseeded[0].name,
                place=str(unseeded[0].site.location),
            ),
            text("Give it one first."),
        )
    content = answers.file(path)
    return ChangeSet(
        text("Use deterministic operations of TensorFlow in {path}", path=path),
        CHECK.id,
        (FileChange(path, content, plan_op_determinism(use, content)),),
        effect=text(
            "Results change once; operations without a deterministic algorithm raise; data sets and training may become slower."
        ),
    )


def _is_of_keras(site: CallSite) -> bool:
    return site.name.startswith(("keras.", "tensorflow.keras."))


def plan_fix(
    finding: Finding,
    program: Program,
    knowledge: Knowledge,
    environment: Environment | Unavailable,
    answers: Answers,
) -> ChangeSet:
    """Switch deterministic algorithms on, unless the program is seen to use an operation that has none."""
    use = _use_of(finding, program, knowledge)
    if finding.values["library"] != "PyTorch":
        return _plan_for_tensorflow(use, knowledge, environment, answers)
    without = raising(use, knowledge)
    if without:
        places = ", ".join(dict.fromkeys(f"{one.case} at {one.site.location}" for one in without[:5]))
        raise CannotPlan(
            text("The program uses operations that have no deterministic algorithm: {places}.", places=places),
            text("Set the cuDNN flags and the seeds instead, or replace these operations first."),
        )
    if finding.values["value"] == "False":
        assert finding.location is not None
        path = finding.location.path
        content = answers.file(path)
        after = replace_flag_value(program, knowledge, finding.location, "True", content)
    elif finding.values["value"] == "warn":
        assert finding.location is not None
        path = finding.location.path
        content = answers.file(path)
        source = SourceText(content, path, finding.location.cell)
        after = edited(source, remove_keyword(source, finding.location, "warn_only"))
    else:
        path = place_of_flags(use)
        content = answers.file(path)
        after = plan_strict_algorithms(use, content)
    return ChangeSet(
        text("Use deterministic algorithms in {path}", path=path),
        CHECK.id,
        (FileChange(path, content, after),),
        effect=text(
            "Results change once; operations without a deterministic algorithm raise; training may become slower."
        ),
    )


CHECK = Check(
    id="nondeterministic-algorithms",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.MUST,
    title="Deterministic algorithms are switched on",
    failure_title="Algorithms that vary are allowed on the GPU",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Switch on deterministic algorithms", plan_fix, Safety.CHANGES_RESULTS, lookups=lookups),
    examples=(
        Example(
            bad="""\
import torch

torch.manual_seed(1)

model = torch.nn.Linear(3, 1).cuda()
model(torch.rand(8, 3).cuda()).sum().backward()
""",
            good="""\
import os
import torch

torch.manual_seed(1)
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
torch.use_deterministic_algorithms(True)

model = torch.nn.Linear(3, 1).cuda()
model(torch.rand(8, 3).cuda()).sum().backward()
""",
        ),
        Example(
            bad="""\
import torch

torch.use_deterministic_algorithms(True, warn_only=True)
model = torch.nn.Linear(3, 1).to("cuda")
model(torch.ones(8, 3, device="cuda")).sum().backward()
""",
            good="""\
import torch

torch.use_deterministic_algorithms(True)
model = torch.nn.Linear(3, 1).to("cuda")
model(torch.ones(8, 3, device="cuda")).sum().backward()
""",
        ),
        Example(
            bad="""\
import tensorflow as tf

tf.random.set_seed(1)

weight = tf.Variable(tf.random.normal([3]))
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(weight)
weight.assign_sub(tape.gradient(loss, weight))
""",
            good="""\
import tensorflow as tf

tf.random.set_seed(1)
tf.config.experimental.enable_op_determinism()

weight = tf.Variable(tf.random.normal([3]))
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(weight)
weight.assign_sub(tape.gradient(loss, weight))
""",
        ),
    ),
)
