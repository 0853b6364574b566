"""A Gym environment is reset and never seeded.

An environment of `gym` or `gymnasium` has a generator of its own. Nothing seeds it but `env.reset(seed=…)` (or `env.seed(…)` in old
Gym); `random.seed`, `numpy.random.seed` and `torch.manual_seed` do not reach it. Its action space has one more generator, which
`env.reset(seed=…)` does not reach: `env.action_space.sample()` needs `env.action_space.seed(…)`.

## Why it matters
The environment starts every run elsewhere, so an agent sees other states, learns something else and scores something else,
however well its network is seeded.

## How to fix it
Seed the environment once, at its first reset; later resets go on from there:

```python
env = gym.make("CartPole-v1")
observation, info = env.reset(seed=42)
```

The fix does so at the first reset, or right after the environment is made where that reset stands in a loop: the same seed in each
episode would start all episodes alike.

## When to leave it
When the environment is deterministic, or when the seeds are set by a trainer outside the project.

## References
- Gymnasium documentation, `Env.reset`: the parameter `seed`
- Gymnasium documentation, migration guide from Gym 0.21: environment seeding
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
from repro_gui.facts.gym_environments import GymEnvironment, gym_environments, is_in_loop
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import RandomUse, random_uses
from repro_gui.facts.seed_arguments import seed_in_scope
from repro_gui.facts.source_edits import edited, set_keyword
from repro_gui.facts.source_places import SourceOutline
from repro_gui.facts.source_text import SourceText
from repro_gui.facts.steps import CallSite
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each environment, and each action space, that never gets a seed; seeded environments are evidence."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[Location] = set()
    for use in random_uses(program, knowledge):
        for environment in gym_environments(use, knowledge):
            observation = _judge(use, environment)
            location = observation.location or environment.made.location
            if location not in told:
                told.add(location)
                yield observation
            for site in environment.samples[:1]:
                if site.location not in told:
                    told.add(site.location)
                    yield _unseeded_space(use, environment, site)
    if not told:
        yield NotApplicable(text("No Gym environment is made on the way of the programs."))


def _judge(use: RandomUse, environment: GymEnvironment) -> Finding | Evidence | CannotTell:
    made = environment.made.location
    if environment.seedings:
        site, value_is_given = environment.seedings[0]
        if value_is_given is not None and use.way.happens(site) is not Happens.NO:
            return Evidence(text("The environment gets a seed."), site.location)
    if environment.maybe_seeded is not None:
        return CannotTell(
            text("Whether this seeds the environment that is made in {path} is not seen.", path=made.path),
            environment.maybe_seeded.location,
        )
    if not environment.resets:
        return CannotTell(text("Where this environment is reset, and whether with a seed, is not seen."), made)
    first = environment.resets[0]
    when_asked = bool(environment.seedings)
    if (
        not when_asked
        and use.way.happens(first) is Happens.UNKNOWN
        and not use.way.chain(first.module.path, first.symbol)
    ):
        return CannotTell(text("Whether this environment is reset is not known: something outside calls it."), made)
    chain = use.way.chain(first.module.path, first.symbol)
    return Finding(
        text("The environment gets a seed only when asked.")
        if when_asked
        else text("The environment is never seeded."),
        first.location,
        symbol=first.symbol,
        expression=f"{environment.maker}: reset",
        places=(
            Place(text("reset here"), first.location),
            Place(text("made here: {call}", call=environment.maker), made),
            *[Place(text("reached from here"), site.location) for site in reversed(chain)],
        ),
        values={"call": environment.maker, "entry": use.entry.path, "when_asked": when_asked},
    )


def _unseeded_space(use: RandomUse, environment: GymEnvironment, site: CallSite) -> Finding:
    chain = use.way.chain(site.module.path, site.symbol)
    return Finding(
        text("The action space of the environment is never seeded."),
        site.location,
        symbol=site.symbol,
        expression=f"{environment.maker}: sample",
        places=(
            Place(text("drawn here"), site.location),
            Place(text("made here: {call}", call=environment.maker), environment.made.location),
            *[Place(text("reached from here"), one.location) for one in reversed(chain)],
        ),
        values={"call": environment.maker, "entry": use.entry.path, "is_space": True},
    )


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Seed the environment at its first reset, or after it is made."""
    assert finding.location is not None
    if finding.values.get("when_asked"):
        raise CannotPlan(
            text("The seed is an option without a value."), text("Give the option a number as its default.")
        )
    for use in random_uses(program, knowledge):
        for environment in gym_environments(use, knowledge):
            if environment.samples and environment.samples[0].location == finding.location:
                return _plan_space(program, use, environment, answers)
            if environment.resets and environment.resets[0].location == finding.location:
                return _plan(program, use, environment, answers)
    path = finding.location.path
    raise CannotPlan(
        text("{path} does not reset that environment any more.", path=path), text("Audit the project again.")
    )


def _plan(program: Program, use: RandomUse, environment: GymEnvironment, answers: Answers) -> ChangeSet:
    first = environment.resets[0]
    path = first.location.path
    content = answers.file(path)
    source = SourceText(content, path, first.location.cell)
    seed = seed_in_scope(program, use, first)
    if environment.takes_seed_in_reset is None:
        raise CannotPlan(
            text("Which version of Gym this is is not known; before 0.22 reset takes no seed."),
            text("Write env.reset(seed={seed}), or env.seed({seed}) with an old Gym.", seed=seed),
        )
    if environment.takes_seed_in_reset and not is_in_loop(use, first):
        after = edited(source, set_keyword(source, first.location, "seed", seed))
    else:
        after = _after_making(environment, source, seed)
    return ChangeSet(
        text("Seed the environment in {path}", path=path),
        CHECK.id,
        (FileChange(path, content, after),),
        effect=text("The environment starts from one state once and for all."),
    )


def _plan_space(program: Program, use: RandomUse, environment: GymEnvironment, answers: Answers) -> ChangeSet:
    """Seed the action space right after the environment is made, or after its reset in the code that draws."""
    site = environment.samples[0]
    path = site.location.path
    content = answers.file(path)
    source = SourceText(content, path, site.location.cell)
    outline = SourceOutline(source)
    start, end = source.segment(site.module.location(site.call.target))
    space = source.text[start:end].removesuffix(".sample")
    bound = environment.bound
    near = [one for one in environment.resets if one.symbol == site.symbol and not one.is_in_loop]
    if bound is not None and (bound.location.path, bound.location.cell) == (path, site.location.cell):
        at, space = bound.location, f"{bound.name}.{space.rpartition('.')[2]}"
    elif near and near[0].location.path == path and near[0].location.cell == site.location.cell:
        at = near[0].location
    else:
        raise CannotPlan(
            text("The environment is made elsewhere than its actions are drawn."),
            text("Seed its action space once, right after it is made: env.action_space.seed(…)."),
        )
    line = f"{space}.seed({seed_in_scope(program, use, site)})"
    after = edited(source, outline.insert_after_statement(outline.statement_at(at.line, at.column), [line]))
    return ChangeSet(
        text("Seed an action space in {path}", path=path),
        CHECK.id,
        (FileChange(path, content, after),),
        effect=text("The actions are drawn from one state once and for all."),
    )


def _after_making(environment: GymEnvironment, source: SourceText, seed: str) -> bytes:
    bound = environment.bound
    if bound is None or (bound.location.path, bound.location.cell) != (
        environment.resets[0].location.path,
        environment.resets[0].location.cell,
    ):
        raise CannotPlan(
            text("The reset stands in a loop, and the environment is made elsewhere."),
            text("Seed the environment once, right after it is made: env.reset(seed={seed}).", seed=seed),
        )
    line = f"{bound.name}.reset(seed={seed})" if environment.takes_seed_in_reset else f"{bound.name}.seed({seed})"
    outline = SourceOutline(source)
    statement = outline.statement_at(bound.location.line, bound.location.column)
    return edited(source, outline.insert_after_statement(statement, [line]))


CHECK = Check(
    id="unseeded-environment",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.SHOULD,
    title="Every Gym environment is seeded",
    failure_title="A Gym environment is never seeded",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Seed the environment", plan_fix, Safety.CHANGES_RESULTS),
    examples=(
        Example(
            bad="""\
import gymnasium as gym
import numpy as np

env = gym.make("CartPole-v1")
observation, info = env.reset()
np.save("start.npy", observation)
""",
            good="""\
import gymnasium as gym
import numpy as np

env = gym.make("CartPole-v1")
observation, info = env.reset(seed=42)
np.save("start.npy", observation)
""",
        ),
        Example(
            bad="""\
import gymnasium as gym
import numpy as np

SEED = 3
env = gym.make("CartPole-v1")
env = gym.wrappers.RecordEpisodeStatistics(env)
starts = []
for episode in range(10):
    observation, info = env.reset()
    starts.append(observation)
np.save("starts.npy", starts)
""",
            good="""\
import gymnasium as gym
import numpy as np

SEED = 3
env = gym.make("CartPole-v1")
env = gym.wrappers.RecordEpisodeStatistics(env)
env.reset(seed=SEED)
starts = []
for episode in range(10):
    observation, info = env.reset()
    starts.append(observation)
np.save("starts.npy", starts)
""",
        ),
        Example(
            bad="""\
import gymnasium as gym
import numpy as np

env = gym.make("Pendulum-v1")
observation, info = env.reset(seed=42)
actions = [env.action_space.sample() for step in range(10)]
np.save("actions.npy", actions)
""",
            good="""\
import gymnasium as gym
import numpy as np

env = gym.make("Pendulum-v1")
env.action_space.seed(42)
observation, info = env.reset(seed=42)
actions = [env.action_space.sample() for step in range(10)]
np.save("actions.npy", actions)
""",
        ),
        Example(
            bad="""\
import gym
import numpy as np

env = gym.make("CartPole-v1")
observation = env.reset()
np.save("start.npy", observation)
""",
            good="""\
import gym
import numpy as np

env = gym.make("CartPole-v1")
env.seed(42)
observation = env.reset()
np.save("start.npy", observation)
""",
        ),
    ),
)
