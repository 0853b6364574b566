"""A seed is set, but to another value in each run: from the clock, the process number, fresh entropy, or another draw.

`np.random.seed()` without a value, `torch.seed()` and `torch.manual_seed(int(time.time()))` all look like seeding and undo it.

## Why it matters
The seed call is there, so people and tools take the run for repeatable. The generators start somewhere else every time.

## How to fix it
Use a constant, or an option with a constant as its default, and log it:

```python
torch.manual_seed(42)
```

To try several seeds, pass them in and keep each with its results. The fix replaces the moving value by the project's own seed
where one is known there, else by 42.

## When to leave it
When fresh numbers are the point (nonces, names of temporary files) and nothing of a result depends on them.

## References
- NumPy reference, `numpy.random.seed`; Python documentation, `random.seed`
- PyTorch documentation, `torch.seed`
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

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
from repro_gui.facts.call_arguments import argument_of
from repro_gui.facts.default_values import Computed, is_default_value
from repro_gui.facts.gym_environments import gym_environments
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_randomness import MissingSeed
from repro_gui.facts.literal_mappings import Given
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import (
    RandomUse,
    Seeding,
    SeedKind,
    Source,
    moving_source,
    random_uses,
)
from repro_gui.facts.seed_arguments import place_of_value, plan_constant_seed
from repro_gui.facts.seed_causes import cause_of_moving_value, given_to
from repro_gui.facts.seeding import SeedState, library_seeding
from repro_gui.facts.steps import CallSite
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text

# PyTorch's generator objects are seeded from entropy by this, and start from one fixed number without it.
_SEEDS_A_GENERATOR = "torch.Generator.seed"
# These give a generator object the number they get, their first argument.
_SEEDS_WITH_A_NUMBER = {
    "torch.Generator.manual_seed": "seed",
    "random.Random.seed": "a",
    "numpy.random.RandomState.seed": "seed",
}


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each value on the way of a result entry point that differs from run to run and seeds something."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    seen = False
    # By the place of the value: several libraries may get the same one.
    moving: dict[Location, dict[Location, _Moving]] = {}
    for use in random_uses(program, knowledge):
        for seeding in use.seedings:
            seen = True
            if _moves(program, knowledge, use, seeding):
                _add(moving, use, seeding.site, seeding.name, seeding.moving or "fresh entropy", given_to(use, seeding))
        for one in _own_seeds(use, knowledge):
            seen = True
            what = one.moving(use, knowledge)
            if what:
                _add(moving, use, one.site, one.name, what, one.given)
    for together in moving.values():
        first, *others = together.values()
        yield _finding(first, others)
    if not seen:
        yield NotApplicable(text("Nothing on the way of the programs is seeded."))
    elif not moving:
        yield Evidence(text("No seed on the way of the programs comes from a moving source."))


class _Moving(msgspec.Struct, frozen=True):
    """A call that gets another seed in each run, and from what."""

    use: RandomUse
    site: CallSite
    name: str
    what: str
    given: Given


def _add(
    moving: dict[Location, dict[Location, _Moving]], use: RandomUse, site: CallSite, name: str, what: str, given: Given
) -> None:
    together = moving.setdefault(place_of_value(use, site, given), {})
    together.setdefault(site.location, _Moving(use, site, name, what, given))


def _moves(program: Program, knowledge: Knowledge, use: RandomUse, seeding: Seeding) -> bool:
    """Whether a seeding undoes itself: with a steady one beside it, what counts is the state of the library."""
    if seeding.happens is Happens.NO:
        return False
    if seeding.kind is SeedKind.NOTHING:
        # A seed that is None unless somebody asks is the fault that optional-seed finds.
        if is_default_value(seeding.value) or seeding.what.missing is not MissingSeed.ENTROPY:
            return False
    elif seeding.kind is not SeedKind.MOVING:
        return False
    generators = [knowledge.randomness.generator(one) for one in seeding.generators]
    states = {library_seeding(program, knowledge, use, one).state for one in generators}
    return SeedState.MOVING in states


class _OwnSeed(msgspec.Struct, frozen=True):
    """A call that seeds no global generator: it has numbers of its own, or seeds a generator or an environment.

    `given` is its seed; a call that `takes_value` not seeds from entropy.
    """

    site: CallSite
    name: str
    given: Given
    takes_value: bool = True

    def moving(self, use: RandomUse, knowledge: Knowledge) -> str:
        if not self.takes_value:
            return "fresh entropy"
        if self.given.value is None or self.given.scope is None:
            return ""
        settled = use.way.values.value(self.given.scope, self.given.value)
        source = moving_source(use.way, knowledge, settled) if isinstance(settled, Computed) else None
        return source.what if source is not None else ""


def _own_seeds(use: RandomUse, knowledge: Knowledge) -> Iterator[_OwnSeed]:
    for draw in use.draws:
        if draw.source is Source.OWN_SEED and draw.happens is not Happens.NO:
            yield _OwnSeed(draw.site, draw.name, draw.given if draw.seed is not None else Given())
    for site in use.way.calls_that(_seeds_a_generator, knowledge):
        if use.way.happens(site) is not Happens.NO:
            yield _OwnSeed(site, _SEEDS_A_GENERATOR, Given(), takes_value=False)
    yield from _seeded_later(use, knowledge)
    for environment in gym_environments(use, knowledge):
        for site, value in environment.seedings:
            if value is not None and value is not site.call and use.way.happens(site) is not Happens.NO:
                yield _OwnSeed(
                    site, f"{environment.maker}: {site.target.method}", Given(value, use.way.values.scope(site))
                )


def _seeded_later(use: RandomUse, knowledge: Knowledge) -> Iterator[_OwnSeed]:
    """Calls that give a generator object a number."""
    for site in use.way.calls_that(_seeds_with_a_number, knowledge):
        name = knowledge.randomness.canonical(site.name)
        given = argument_of(use.way, site, _SEEDS_WITH_A_NUMBER[name], 0)
        if use.way.happens(site) is Happens.NO or given.value is None or given.scope is None:
            continue
        yield _OwnSeed(site, name, given)


def _finding(one: _Moving, others: list[_Moving]) -> Finding:
    site = one.site
    chain = one.use.way.chain(site.module.path, site.symbol)
    return Finding(
        text("{call} gets its seed from {source}: another one in each run.", call=one.name, source=one.what),
        site.location,
        symbol=site.symbol,
        expression=f"{one.name}({one.what})",
        cause=cause_of_moving_value(place_of_value(one.use, site, one.given)),
        places=(
            Place(text("seeded here: {call}", call=one.name), site.location),
            *[Place(text("seeded here: {call}", call=other.name), other.site.location) for other in others],
            *[Place(text("reached from here"), step.location) for step in reversed(chain)],
        ),
        values={"call": one.name, "source": one.what, "entry": one.use.entry.path},
    )


def _seeds_a_generator(site: CallSite, knowledge: Knowledge) -> bool:
    return site.name.endswith("seed") and knowledge.randomness.canonical(site.name) == _SEEDS_A_GENERATOR


def _seeds_with_a_number(site: CallSite, knowledge: Knowledge) -> bool:
    return site.name.endswith("seed") and knowledge.randomness.canonical(site.name) in _SEEDS_WITH_A_NUMBER


def _found_again(finding: Finding, program: Program, knowledge: Knowledge) -> tuple[RandomUse, _OwnSeed]:
    for use in random_uses(program, knowledge):
        for seeding in use.seedings:
            if seeding.site.location == finding.location:
                takes_value = bool(seeding.what.parameter)
                return use, _OwnSeed(seeding.site, seeding.name, given_to(use, seeding), takes_value=takes_value)
        for one in _own_seeds(use, knowledge):
            if one.site.location == finding.location and one.moving(use, knowledge):
                return use, one
    path = finding.location.path if finding.location is not None else ""
    raise CannotPlan(text("{path} does not seed there any more.", path=path), text("Audit the project again."))


def lookups(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[FileContent]:
    """The file where the value is made."""
    use, one = _found_again(finding, program, knowledge)
    yield FileContent(place_of_value(use, one.site, one.given).path)


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Replace the moving value, where it is made, by a constant."""
    use, one = _found_again(finding, program, knowledge)
    path = place_of_value(use, one.site, one.given).path
    content = answers.file(path)
    after = plan_constant_seed(program, use, one.site, one.given, content, takes_value=one.takes_value)
    return ChangeSet(
        text("Seed with a constant in {path}", path=path),
        CHECK.id,
        (FileChange(path, content, after),),
        effect=text("Results change once and are then the same in every run with this seed."),
    )


CHECK = Check(
    id="moving-seed",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.MUST,
    title="No seed comes from a moving source",
    failure_title="A seed is another one in each run",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Use a constant seed", plan_fix, Safety.CHANGES_RESULTS, lookups=lookups),
    examples=(
        Example(
            bad="""\
import time

import numpy as np

seed = int(time.time()) % 1000
np.random.seed(seed)
np.save("order.npy", np.random.permutation(10))
""",
            good="""\
import time

import numpy as np

seed = 42
np.random.seed(seed)
np.save("order.npy", np.random.permutation(10))
""",
        ),
        Example(
            bad="""\
import numpy as np

np.random.seed()
np.save("order.npy", np.random.permutation(10))
""",
            good="""\
import numpy as np

np.random.seed(42)
np.save("order.npy", np.random.permutation(10))
""",
        ),
        Example(
            bad="""\
import os
import time

import gymnasium as gym
import lightgbm as lgb
import numpy as np
import torch

generator = torch.Generator()
generator.seed()
torch.save(torch.rand(3, generator=generator), "noise.pt")
env = gym.make("CartPole-v1")
observation, info = env.reset(seed=os.getpid())
np.save("start.npy", observation)
parameters = {"objective": "regression", "seed": time.time_ns() % 1000}
lgb.train(parameters, lgb.Dataset("rows.bin")).save_model("model.txt")
""",
            good="""\
import os
import time

import gymnasium as gym
import lightgbm as lgb
import numpy as np
import torch

generator = torch.Generator()
generator.manual_seed(42)
torch.save(torch.rand(3, generator=generator), "noise.pt")
env = gym.make("CartPole-v1")
observation, info = env.reset(seed=42)
np.save("start.npy", observation)
parameters = {"objective": "regression", "seed": 42}
lgb.train(parameters, lgb.Dataset("rows.bin")).save_model("model.txt")
""",
        ),
    ),
)
