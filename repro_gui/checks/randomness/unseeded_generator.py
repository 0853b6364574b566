"""A generator object is made without a seed and starts from the system's entropy.

`numpy.random.default_rng()`, `RandomState()`, `random.Random()` and samplers such as Optuna's take fresh entropy in every run when
they are given no seed. Global seeds do not reach them.

## Why it matters
Code with generators of its own is the better style, but the generator must be started: everything drawn from it differs from run to
run, whatever `np.random.seed` was called with.

## How to fix it
Pass the seed where the generator is made:

```python
rng = np.random.default_rng(42)
```

The fix uses the project's own seed where one is known there, else 42.

## When to leave it
When the generator serves something that never reaches a result (file names, jitter between retries).

## References
- NumPy reference, `numpy.random.default_rng`
- Python documentation, `random.Random`
- Optuna documentation, how to obtain reproducible results
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
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
    own_place,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.data_pipelines import runs_in_pipeline
from repro_gui.facts.environment import Environment
from repro_gui.facts.events import Value
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_randomness import Role, WithoutSeed
from repro_gui.facts.known_versions import known_version
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import Draw, RandomUse, Source, draws_at, known_random_call, random_uses
from repro_gui.facts.seed_arguments import place_of_own_seed, plan_own_seed, seed_in_scope
from repro_gui.facts.seed_causes import cause_of_moving_value
from repro_gui.facts.source_edits import edited, replace_expression
from repro_gui.facts.source_text import SourceText
from repro_gui.facts.steps import CallSite
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.walk import evaluated
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text

# What takes a seed, beside what takes none.
_SEEDED_INSTEAD = {"SystemRandom": "Random", "from_non_deterministic_state": "from_seed"}
_FIELDS = frozenset({"dataclasses.field", "attrs.field", "attr.ib", "attr.field"})


def find(program: Program, knowledge: Knowledge, environment: Environment | Unavailable) -> Iterator[Observation]:
    """One finding for each generator made without a seed on the way of a result entry point; seeded ones are evidence."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[Location] = set()
    for use in random_uses(program, knowledge):
        for draw in use.draws:
            location = draw.site.location
            if location in told or draw.happens is Happens.NO or not has_own_generator(draw):
                continue
            told.add(location)
            if _may_not_run(use, knowledge, draw):
                wording = text("Whether {call} runs is not known: something outside calls it.", call=draw.name)
                yield CannotTell(wording, location)
            elif draw.what.since and draw.source is not Source.OWN_SEED:
                yield from _judge_by_version(use, draw, environment)
            else:
                yield _judge(use, draw)
        for site, factory, name in _factories(use, knowledge):
            location = site.module.location(factory)
            if location not in told:
                told.add(location)
                yield _finding(use, site, location, name)
    if not told:
        yield NotApplicable(text("No generator is made on the way of the programs."))


def has_own_generator(draw: Draw) -> bool:
    """Whether a call makes a generator, or an augmentation with one of its own, that no global seed reaches."""
    return draw.what.without_seed.value == "entropy" and (not draw.what.later or draw.what.role is Role.AUGMENTATION)


def _may_not_run(use: RandomUse, knowledge: Knowledge, draw: Draw) -> bool:
    """Whether an operation stands in a function to which no way is seen; what is only made there is asked about all the same."""
    return (
        draw.what.role is Role.AUGMENTATION
        and not draw.what.later
        and not use.is_seen(draw)
        and not runs_in_pipeline(use, knowledge, draw.site)
    )


def _judge_by_version(use: RandomUse, draw: Draw, environment: Environment | Unavailable) -> Iterator[Observation]:
    """Judge what has had numbers of its own only since a version; an older one draws from global generators."""
    if any(_holds(other, draw) for other in use.draws if has_own_generator(other)):
        # The outermost one hands its numbers on.
        return
    package = draw.name.partition(".")[0]
    version = known_version(environment, package)
    if version is None:
        yield CannotTell(
            text(
                "Whether {call} has numbers of its own depends on the version of {package}.",
                call=draw.name,
                package=package,
            ),
            draw.site.location,
        )
    elif version >= Version(draw.what.since):
        yield _judge(use, draw)


def _holds(outer: Draw, inner: Draw) -> bool:
    return outer.site.module is inner.site.module and any(
        value is inner.site.call
        for argument in (*outer.site.call.positional, *[one.value for one in outer.site.call.keywords])
        for value in evaluated(argument)
    )


def _judge(use: RandomUse, draw: Draw) -> Observation:
    location = draw.site.location
    values: dict[str, str | int | float | bool | None] = {"call": draw.name, "entry": use.entry.path}
    if draw.source is Source.OWN_SEED:
        return Evidence(text("{call} gets a seed.", call=draw.name), location, values)
    if draw.seed is not None:
        return Evidence(text("{call} gets a seed only when asked.", call=draw.name), location, values)
    if not draw.is_certain:
        return CannotTell(
            text("Whether {call} gets a seed depends on arguments that are not known here.", call=draw.name), location
        )
    if not draw.what.seed_parameter:
        return _without_any_seed(_finding(use, draw.site, location, draw.name), draw)
    finding = _finding(use, draw.site, location, draw.name)
    if draw.what.role is Role.AUGMENTATION and not draw.what.later:
        wording = text("{call} gets no seed of its own, and no global seed reaches it.", call=draw.name)
        return msgspec.structs.replace(finding, text=wording)
    return finding


def _without_any_seed(finding: Finding, draw: Draw) -> Finding:
    """A finding for numbers of the operating system, which no seed reaches; one that is a seed itself is told as such."""
    return msgspec.structs.replace(
        finding,
        text=text("{call} takes the numbers of the operating system, which no seed reaches.", call=draw.name),
        # What is made of a single number may well be a name or a password.
        weight=None if draw.what.role is Role.GENERATOR else Weight.SHOULD,
        values={**finding.values, "takes_seed": False},
        told_by=(("moving-seed", cause_of_moving_value(draw.site.location)),),
    )


def _finding(use: RandomUse, site: CallSite, location: Location, name: str) -> Finding:
    chain = use.way.chain(site.module.path, site.symbol)
    return Finding(
        text("{call} is made without a seed.", call=name),
        location,
        symbol=site.symbol,
        expression=f"{name}()",
        places=(
            Place(text("made here: {call}", call=name), location),
            *[Place(text("reached from here"), one.location) for one in reversed(chain)],
        ),
        values={"call": name, "entry": use.entry.path},
    )


def _factories(use: RandomUse, knowledge: Knowledge) -> Iterator[tuple[CallSite, Value, str]]:
    """Fields of dataclasses that call what makes a generator, without arguments, for each new object."""
    for site in use.way.calls_of(*_FIELDS):
        factory = site.call.keyword("default_factory")
        if factory is None or use.way.happens(site) is Happens.NO:
            continue
        target = use.way.program.code.resolver.resolve(use.way.values.scope(site), factory.value)
        known = known_random_call(knowledge, target)
        if known is None or not known[1].seed_parameter or known[1].later:
            continue
        if known[1].without_seed is WithoutSeed.ENTROPY:
            yield site, factory.value, known[0]


def _found_again(finding: Finding, program: Program, knowledge: Knowledge) -> tuple[RandomUse, Draw]:
    for use, draw in draws_at(program, knowledge, finding.location):
        if has_own_generator(draw):
            return use, draw
    path = finding.location.path if finding.location is not None else ""
    raise CannotPlan(text("{path} does not make that generator any more.", path=path), text("Audit the project again."))


def _factory_again(finding: Finding, program: Program, knowledge: Knowledge) -> tuple[RandomUse, CallSite] | None:
    for use in random_uses(program, knowledge):
        for site, factory, _ in _factories(use, knowledge):
            if site.module.location(factory) == finding.location:
                return use, site
    return None


def lookups(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[FileContent]:
    """The file in which the seed is to be written."""
    factory = _factory_again(finding, program, knowledge)
    if factory is not None:
        yield FileContent(factory[1].location.path)
        return
    use, draw = _found_again(finding, program, knowledge)
    if not draw.what.seed_parameter:
        yield FileContent(draw.site.location.path)
        return
    yield FileContent(place_of_own_seed(program, use, knowledge, draw.site, draw.what).location.path)


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Pass a seed where the generator is made."""
    factory = _factory_again(finding, program, knowledge)
    if factory is not None:
        change = _plan_factory(program, *factory, finding, answers)
        name = str(finding.values["call"])
    else:
        use, draw = _found_again(finding, program, knowledge)
        name = draw.name
        if draw.what.seed_parameter:
            change = plan_own_seed(program, use, knowledge, draw.site, draw.what, answers.file)
        else:
            change = _plan_other_generator(program, use, draw, answers)
    return ChangeSet(
        text("Seed {call} in {path}", call=name, path=change.path),
        CHECK.id,
        (change,),
        effect=text("What is drawn changes once and is then the same in every run."),
    )


def _plan_other_generator(program: Program, use: RandomUse, draw: Draw, answers: Answers) -> FileChange:
    """`random.Random(seed)` in the place of `random.SystemRandom()`, `from_seed(seed)` in that of a state that nobody chose."""
    location = draw.site.location
    content = answers.file(location.path)
    source = SourceText(content, location.path, location.cell)
    start, end = source.segment(location)
    written = source.text[start:end].partition("(")[0]
    owner, dot, last = written.rpartition(".")
    seeded_name = _SEEDED_INSTEAD.get(last)
    # The name must be written with its owner, so that the other one has it too.
    if seeded_name is None or not dot or (last == "SystemRandom" and owner != "random"):
        raise CannotPlan(
            text("{call} takes no seed.", call=draw.name),
            text("Take the numbers from a generator that is made with one: random.Random(42)."),
        )
    seeded = f"{owner}.{seeded_name}({seed_in_scope(program, use, draw.site)})"
    return FileChange(location.path, content, edited(source, replace_expression(source, location, seeded)))


def _plan_factory(program: Program, use: RandomUse, site: CallSite, finding: Finding, answers: Answers) -> FileChange:
    assert finding.location is not None
    path = finding.location.path
    content = answers.file(path)
    source = SourceText(content, path, finding.location.cell)
    start, end = source.segment(finding.location)
    seeded = f"lambda: {source.text[start:end]}({seed_in_scope(program, use, site)})"
    return FileChange(path, content, edited(source, replace_expression(source, finding.location, seeded)))


CHECK = Check(
    id="unseeded-generator",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.MUST,
    title="Every generator is made with a seed",
    failure_title="A generator is made without a seed",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Pass a seed to the generator", plan_fix, Safety.CHANGES_RESULTS, lookups=lookups, settles=own_place),
    told_by=("moving-seed",),
    examples=(
        Example(
            bad="""\
import numpy as np

rng = np.random.default_rng()
np.save("order.npy", rng.permutation(10))
""",
            good="""\
import numpy as np

rng = np.random.default_rng(42)
np.save("order.npy", rng.permutation(10))
""",
        ),
        Example(
            bad="""\
import json
import random

SEED = 3


class Sampler:
    def __init__(self):
        self.rng = random.Random()


json.dump(Sampler().rng.random(), open("metrics.json", "w"))
""",
            good="""\
import json
import random

SEED = 3


class Sampler:
    def __init__(self):
        self.rng = random.Random(SEED)


json.dump(Sampler().rng.random(), open("metrics.json", "w"))
""",
        ),
        Example(
            bad="""\
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Sampler:
    rng: np.random.Generator = field(default_factory=np.random.default_rng)


np.save("order.npy", Sampler().rng.permutation(10))
""",
            good="""\
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Sampler:
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(42))


np.save("order.npy", Sampler().rng.permutation(10))
""",
        ),
    ),
)
