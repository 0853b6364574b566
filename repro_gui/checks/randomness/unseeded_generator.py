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

from repro_gui.changes.change_set import ChangeSet
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
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import Draw, RandomUse, Source, random_uses
from repro_gui.facts.seed_arguments import place_of_own_seed, plan_own_seed
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
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
            yield _judge(use, draw)
    if not told:
        yield NotApplicable(text("No generator is made on the way of the programs."))


def has_own_generator(draw: Draw) -> bool:
    """Whether a call makes a generator that no global seed reaches."""
    return draw.what.without_seed.value == "entropy" and not draw.what.later


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
    chain = use.way.chain(draw.site.module.path, draw.site.symbol)
    return Finding(
        text("{call} is made without a seed.", call=draw.name),
        location,
        symbol=draw.site.symbol,
        expression=f"{draw.name}()",
        places=(
            Place(text("made here: {call}", call=draw.name), location),
            *[Place(text("reached from here"), site.location) for site in reversed(chain)],
        ),
        values=values,
    )


def _found_again(finding: Finding, program: Program, knowledge: Knowledge) -> tuple[RandomUse, Draw]:
    for use in random_uses(program, knowledge):
        for draw in use.draws:
            if draw.site.location == finding.location and has_own_generator(draw):
                return use, draw
    path = finding.location.path if finding.location is not None else ""
    raise CannotPlan(text("{path} does not make that generator any more.", path=path), text("Audit the project again."))


def lookups(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[FileContent]:
    """The file in which the seed is to be written."""
    use, draw = _found_again(finding, program, knowledge)
    yield FileContent(place_of_own_seed(program, use, knowledge, draw.site, draw.what).location.path)


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Pass a seed where the generator is made."""
    use, draw = _found_again(finding, program, knowledge)
    change = plan_own_seed(program, use, knowledge, draw.site, draw.what, answers.file)
    return ChangeSet(
        text("Seed {call} in {path}", call=draw.name, path=change.path),
        CHECK.id,
        (change,),
        effect=text("What is drawn changes once and is then the same in every run."),
    )


CHECK = Check(
    id="unseeded-generator",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.MUST,
    title="Every generator is made with a seed",
    failure_title="A generator is made without a seed",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Pass a seed to the generator", plan_fix, Safety.CHANGES_RESULTS, lookups=lookups),
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
    ),
)
