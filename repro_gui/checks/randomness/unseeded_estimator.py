"""An estimator that uses chance has no `random_state`, and nothing seeds the generator that it falls back on.

scikit-learn's `random_state=None` means NumPy's global generator. Forests, k-means, networks, solvers that sample: all draw
from it when they are fitted.

## Why it matters
The same data and the same parameters give another model in every run. Whether an estimator uses chance depends on its
parameters: `LogisticRegression` does with `solver="saga"` and does not with the default; that is taken into account.

## How to fix it
Give it a seed of its own:

```python
model = RandomForestClassifier(n_estimators=200, random_state=42)
```

A global `np.random.seed` that comes first also counts, but then every further draw moves the model. The fix uses the project's
own seed where one is known there, else 42. XGBoost, LightGBM and CatBoost start from fixed seeds of their own.

## When to leave it
When the spread over several seeds is what is reported.

## References
- scikit-learn user guide, controlling randomness
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
    own_place,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_randomness import Role
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import Draw, RandomUse, Source, draws_at, random_uses
from repro_gui.facts.seed_arguments import place_of_own_seed, plan_own_seed
from repro_gui.facts.seeding import SeedState, library_seeding
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each stochastic estimator without any seed on the way of a result entry point."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[Location] = set()
    for use in random_uses(program, knowledge):
        for draw in use.draws:
            location = draw.site.location
            if draw.what.role is not Role.ESTIMATOR or draw.happens is Happens.NO or location in told:
                continue
            told.add(location)
            yield _judge(program, knowledge, use, draw)
    if not told:
        yield NotApplicable(text("No estimator that uses chance is on the way of the programs."))


def _judge(program: Program, knowledge: Knowledge, use: RandomUse, draw: Draw) -> Observation:
    location = draw.site.location
    values: dict[str, str | int | float | bool | None] = {"call": draw.name, "entry": use.entry.path}
    if draw.source is Source.OWN_SEED:
        return Evidence(text("{call} has a seed of its own.", call=draw.name), location, values)
    if draw.source is Source.FIXED:
        return Evidence(text("{call} starts from a fixed seed when it gets none.", call=draw.name), location, values)
    state = library_seeding(program, knowledge, use, knowledge.randomness.generator(draw.what.generator))
    if state.state is SeedState.SEEDED:
        return Evidence(
            text(
                "{call} draws from {library}, which {seed} seeds.",
                call=draw.name,
                library=state.generator.title,
                seed=state.seedings[0].name,
            ),
            location,
            values,
        )
    if state.state in {SeedState.OFF_BY_DEFAULT, SeedState.MOVING}:
        # What is wrong is the seed; optional-seed and moving-seed say so.
        return Evidence(
            text(
                "{call} draws from {library}, whose seed is not the same in every run.",
                call=draw.name,
                library=state.generator.title,
            ),
            location,
            values,
        )
    if draw.site.choice == "open":
        return CannotTell(
            text("Whether {call} is made depends on a name that is not known here.", call=draw.name), location
        )
    if not draw.is_certain:
        return CannotTell(
            text("Whether {call} uses chance depends on its arguments or its data.", call=draw.name), location
        )
    if state.state is SeedState.UNKNOWN and state.reason is not None and any(one.is_certain for one in state.draws):
        return CannotTell(state.reason, location)
    chain = use.way.chain(draw.site.module.path, draw.site.symbol)
    return Finding(
        text(
            "{call} has no {parameter}, and nothing seeds {library}.",
            call=draw.name,
            parameter=draw.what.seed_parameter,
            library=state.generator.title,
        ),
        location,
        symbol=draw.site.symbol,
        expression=draw.name,
        places=(
            Place(text("made here: {call}", call=draw.name), location),
            *[Place(text("reached from here"), site.location) for site in reversed(chain)],
        ),
        values={**values, "parameter": draw.what.seed_parameter, "library": draw.what.generator},
    )


def _found_again(finding: Finding, program: Program, knowledge: Knowledge) -> tuple[RandomUse, Draw]:
    for use, draw in draws_at(program, knowledge, finding.location):
        if draw.what.role is Role.ESTIMATOR:
            return use, draw
    path = finding.location.path if finding.location is not None else ""
    raise CannotPlan(text("{path} does not make that estimator any more.", path=path), text("Audit the project again."))


def lookups(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[FileContent]:
    """The file in which the seed is to be written."""
    use, draw = _found_again(finding, program, knowledge)
    yield FileContent(place_of_own_seed(program, use, knowledge, draw.site, draw.what).location.path)


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Give the estimator its own seed."""
    use, draw = _found_again(finding, program, knowledge)
    change = plan_own_seed(program, use, knowledge, draw.site, draw.what, answers.file)
    return ChangeSet(
        text("Seed {call} in {path}", call=draw.name.rpartition(".")[2], path=change.path),
        CHECK.id,
        (change,),
        effect=text("The model changes once and is then the same in every run."),
    )


CHECK = Check(
    id="unseeded-estimator",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.MUST,
    title="Every estimator that uses chance is seeded",
    failure_title="An estimator uses chance and has no seed",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Give the estimator a seed", plan_fix, Safety.CHANGES_RESULTS, lookups=lookups, settles=own_place),
    examples=(
        Example(
            bad="""\
from sklearn.ensemble import RandomForestClassifier

model = RandomForestClassifier(n_estimators=200).fit(X, y)
print(model.score(X, y))
""",
            good="""\
from sklearn.ensemble import RandomForestClassifier

model = RandomForestClassifier(n_estimators=200, random_state=42).fit(X, y)
print(model.score(X, y))
""",
        ),
        Example(
            bad="""\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

model = make_pipeline(StandardScaler(), LogisticRegression(solver="saga"))
model.fit(X, y)
""",
            good="""\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

model = make_pipeline(StandardScaler(), LogisticRegression(solver="saga", random_state=42))
model.fit(X, y)
""",
        ),
    ),
)
