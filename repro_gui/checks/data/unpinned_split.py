"""The data is divided into training and test parts anew on each run.

`train_test_split`, `random_split` and splitters with `shuffle=True` draw the parts at random. Without a seed that reaches them, every
run trains and tests on other rows.

## Why it matters
Two runs then measure different things: a better number may only be an easier test set, and rows that were tested on
yesterday are trained on today. Nobody else can rebuild the parts that the results were measured on.

## How to fix it
Give the split a seed of its own:

```python
X_train, X_test = train_test_split(X, test_size=0.2, random_state=42)
train, test = torch.utils.data.random_split(data, [800, 200], generator=torch.Generator().manual_seed(42))
```

A global seed that is set first pins the split too, but it moves as soon as something is drawn before it; a seed of its own does
not. The fix uses the project's own seed where one is known at the call, else 42. The parts change once and then stay.

## When to leave it
When the parts are stored in files and only read; when many splits are drawn on purpose (repeated cross-validation) and the spread
is reported.

## References
- scikit-learn user guide, controlling randomness
- PyTorch documentation, `torch.utils.data.random_split`
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
from repro_gui.facts.events import Constant
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_randomness import Role
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import Draw, RandomUse, Source, draws_at, random_uses
from repro_gui.facts.seed_arguments import place_of_own_seed, plan_own_seed
from repro_gui.facts.seed_causes import split_told_by
from repro_gui.facts.seeding import LibrarySeeding, SeedState, library_seeding
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each split on the way of a result entry point that neither a seed of its own nor a global one pins."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[Location] = set()
    seen = False
    for use in random_uses(program, knowledge):
        for draw in use.draws:
            if draw.what.role is not Role.SPLIT or draw.happens is Happens.NO or draw.site.location in told:
                continue
            seen = True
            found = _judge(program, knowledge, use, draw)
            if not isinstance(found, Evidence):
                told.add(draw.site.location)
            yield found
    if not seen:
        yield NotApplicable(text("No split that draws at random is on the way of the programs."))


def _judge(program: Program, knowledge: Knowledge, use: RandomUse, draw: Draw) -> Observation:
    location = draw.site.location
    values: dict[str, str | int | float | bool | None] = {"call": draw.name, "entry": use.entry.path}
    if draw.source is Source.OWN_SEED:
        return Evidence(
            text("{call} has a seed of its own ({parameter}).", call=draw.name, parameter=draw.what.seed_parameter),
            location,
            {**values, "pinned": "own"},
        )
    if not draw.is_certain:
        return CannotTell(
            text(
                "Whether {call} shuffles, or with which seed, depends on arguments that are not known here.",
                call=draw.name,
            ),
            location,
        )
    state = library_seeding(program, knowledge, use, knowledge.randomness.generator(draw.what.generator))
    match state.state:
        case SeedState.SEEDED:
            seeding = state.seedings[0]
            return Evidence(
                text(
                    "{call} is pinned by {seed}, for as long as nothing new is drawn before it.",
                    call=draw.name,
                    seed=seeding.name,
                ),
                location,
                {**values, "pinned": "global"},
            )
        case SeedState.UNKNOWN:
            return CannotTell(state.reason or text("Whether the seeding runs is not known."), location)
        case _:
            return _finding(use, draw, state)


_WORDINGS = {
    SeedState.OFF_BY_DEFAULT: "{call} has no {parameter}, and {library} is seeded only when asked.",
    SeedState.MOVING: "{call} has no {parameter}, and {library} gets another seed in each run.",
}


def _finding(use: RandomUse, draw: Draw, state: LibrarySeeding) -> Finding:
    template = _WORDINGS.get(state.state, "{call} has no {parameter}, and nothing seeds {library} before it.")
    given = draw.site.call.argument(draw.what.seed_parameter)
    if given is not None and not (isinstance(given, Constant) and given.value is None):
        # An option that nobody need give.
        template = template.replace("has no {parameter}", "gets no {parameter} by default")
    wording = text(template, call=draw.name, parameter=draw.what.seed_parameter, library=state.generator.title)
    chain = use.way.chain(draw.site.module.path, draw.site.symbol)
    return Finding(
        wording,
        draw.site.location,
        symbol=draw.site.symbol,
        expression=draw.name,
        places=(
            Place(text("split here: {call}", call=draw.name), draw.site.location),
            *[Place(text("reached from here"), site.location) for site in reversed(chain)],
        ),
        values={
            "call": draw.name,
            "entry": use.entry.path,
            "parameter": draw.what.seed_parameter,
            "library": draw.what.generator,
        },
        told_by=split_told_by(use, draw, state),
    )


def _found_again(finding: Finding, program: Program, knowledge: Knowledge) -> tuple[RandomUse, Draw]:
    for use, draw in draws_at(program, knowledge, finding.location):
        if draw.what.role is Role.SPLIT:
            return use, draw
    path = finding.location.path if finding.location is not None else ""
    raise CannotPlan(text("{path} does not split there any more.", path=path), text("Audit the project again."))


def lookups(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[FileContent]:
    """The file in which the seed is to be written."""
    use, draw = _found_again(finding, program, knowledge)
    yield FileContent(place_of_own_seed(program, use, knowledge, draw.site, draw.what).location.path)


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Give the split its own seed."""
    use, draw = _found_again(finding, program, knowledge)
    change = plan_own_seed(program, use, knowledge, draw.site, draw.what, answers.file)
    return ChangeSet(
        text("Pin the split in {path}", path=change.path),
        CHECK.id,
        (change,),
        effect=text("The parts change once and are then the same in every run."),
    )


CHECK = Check(
    id="unpinned-split",
    pillar=Pillar.DATA,
    weight=Weight.MUST,
    title="Every train/test split is pinned",
    failure_title="A train/test split differs from run to run",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Give the split a seed of its own", plan_fix, Safety.CHANGES_RESULTS, lookups=lookups, settles=own_place),
    told_by=("optional-seed", "moving-seed"),
    examples=(
        Example(
            bad="""\
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

X, y = load()
X_train, X_test, y_train, y_test = train_test_split(
    X,
    y,
    test_size=0.2,  # a fifth
)
LogisticRegression().fit(X_train, y_train)
""",
            good="""\
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

X, y = load()
X_train, X_test, y_train, y_test = train_test_split(
    X,
    y,
    test_size=0.2,  # a fifth
    random_state=42,
)
LogisticRegression().fit(X_train, y_train)
""",
        ),
        Example(
            bad="""\
from torch.utils.data import random_split

from model import train

SEED = 7
train_part, test_part = random_split(data, [80, 20])
train(train_part).backward()
""",
            good="""\
from torch.utils.data import random_split

from model import train
import torch

SEED = 7
train_part, test_part = random_split(data, [80, 20], generator=torch.Generator().manual_seed(SEED))
train(train_part).backward()
""",
        ),
        Example(
            bad="""\
from sklearn.model_selection import KFold
from sklearn.svm import SVC

for fold in KFold(5, shuffle=True).split(X):
    SVC().fit(X[fold[0]], y[fold[0]])
""",
            good="""\
from sklearn.model_selection import KFold
from sklearn.svm import SVC

for fold in KFold(5, shuffle=True, random_state=42).split(X):
    SVC().fit(X[fold[0]], y[fold[0]])
""",
        ),
    ),
)
