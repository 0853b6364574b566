"""Whether TensorFlow repeats its operations: told by a call, by an environment variable, or on a CPU alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.default_values import Known
from repro_gui.facts.events import Constant, Sequence, Subscript, Value
from repro_gui.facts.seeding import last_setting
from repro_gui.facts.steps import AssignSite, CallSite
from repro_gui.facts.ways import Happens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.random_use import RandomUse
    from repro_gui.facts.steps import Step, Unit

OP_DETERMINISM = "tensorflow.config.experimental.enable_op_determinism"
# From here on the seed of the graph counts, not the one set while operations ran at once: measured with 2.21.0.
GRAPH_MODE = ("tensorflow.compat.v1.disable_v2_behavior", "tensorflow.compat.v1.disable_eager_execution")
# Read by TensorFlow 2.1 and later, and by NVIDIA's builds of 1: measured with 2.21.0, before the import and after it.
_VARIABLE = "TF_DETERMINISTIC_OPS"
_TRUE = frozenset({"1", "true"})
_VISIBLE = "CUDA_VISIBLE_DEVICES"
_NO_GPU = frozenset({"", "-1"})
_HIDING_CALLS = ("tensorflow.config.set_visible_devices", "tensorflow.config.experimental.set_visible_devices")


def is_on(use: RandomUse, flag: str) -> bool:
    """Whether a flag is certainly switched on, by a call or by what stands for it in the environment."""
    setting = last_setting([one for one in use.flags if one.flag == flag])
    if setting is not None:
        return setting.happens is Happens.YES and setting.value == "True"
    return flag == OP_DETERMINISM and switched_on_by_variable(use) is not None


def switched_on_by_variable(use: RandomUse) -> Step | None:
    """The step that certainly sets the environment variable which makes operations repeat."""
    return _last(use, _VARIABLE, _TRUE)


def hides_gpus(use: RandomUse) -> Step | None:
    """The step that certainly takes all GPUs from the program, so that it runs on a CPU wherever it is."""
    for site in use.way.calls_of(*_HIDING_CALLS):
        devices, kind = site.call.argument("devices", 0), site.call.argument("device_type", 1)
        is_empty = isinstance(devices, Sequence) and not devices.elements
        is_gpu = isinstance(kind, Constant) and kind.value == "GPU"
        if is_empty and is_gpu and use.way.happens(site) is Happens.YES:
            return site
    return _last(use, _VISIBLE, _NO_GPU)


def is_for_version_1(use: RandomUse, knowledge: Knowledge) -> bool:
    """Whether a program calls what only TensorFlow 1 has."""
    names = knowledge.randomness.generator("tensorflow").older_calls
    exact, prefixes = frozenset(names), tuple(name.removesuffix("*") for name in names if name.endswith("*"))
    return any(use.way.calls_that(_is_one_of, exact, prefixes))


def _is_one_of(site: CallSite, exact: frozenset[str], prefixes: tuple[str, ...]) -> bool:
    return site.name in exact or site.name.startswith(prefixes)


def _last(use: RandomUse, variable: str, values: frozenset[str]) -> Step | None:
    """The last step that certainly sets a variable, where what it sets is one of some values."""
    found = None
    for step, value in use.way.told(_set_in_environment, variable):
        if use.way.happens(step) is Happens.YES:
            settled = use.way.values.value(use.way.program.code.scope(step.module.path, step.symbol), value)
            is_known = isinstance(settled, Known) and isinstance(settled.value, str)
            found = step if is_known and str(settled.value).lower() in values else None  # type: ignore[union-attr]
    return found


def _set_in_environment(unit: Unit, variable: str) -> Iterator[tuple[Step, Value]]:
    """The steps of a unit that set an environment variable of that name, with the value."""
    for step in unit.steps:
        if isinstance(step, AssignSite):
            to = step.to
            is_ours = isinstance(to, Subscript) and isinstance(to.index, Constant) and to.index.value == variable
            if is_ours and step.value is not None and getattr(to.of, "dotted", "").endswith("environ"):  # type: ignore[union-attr]
                yield step, step.value
        elif step.name in {"os.environ.setdefault", "os.putenv"} and len(step.call.positional) > 1:
            first, second = step.call.positional[:2]
            if isinstance(first, Constant) and first.value == variable:
                yield step, second
