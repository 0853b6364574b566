"""The program seeds only when it is asked to: without the option, nothing is seeded.

`--seed` with the default None, `seed=None` in a function, `seed: null` in a configuration: whoever runs the command as it stands
in the README gets other numbers each time.

## Why it matters
The seeding is there and works, and the results that were reported were made without it, or with a value that nobody wrote down.

## How to fix it
Give the option a number as its default:

```python
parser.add_argument("--seed", type=int, default=42)
```

Other seeds stay possible. The fix sets the default where the option, parameter, constant or setting is defined.

## When to leave it
When every published number names the seed it was made with, and the commands that make them pass it.

## References
- PyTorch documentation, notes on reproducibility
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
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.default_values import is_default_value
from repro_gui.facts.events import Value
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import Draw, RandomUse, SeedKind, Source, random_uses
from repro_gui.facts.seed_causes import cause_of_switch, value_of
from repro_gui.facts.seed_options import SeedSwitch, seed_switch
from repro_gui.facts.seeding import SeedState, library_seeding
from repro_gui.facts.setting_edits import set_setting
from repro_gui.facts.source_edits import edited, replace_expression, set_option_default
from repro_gui.facts.source_text import SourceText
from repro_gui.facts.steps import CallSite
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text

_SEED = "42"


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each switch that leaves something unseeded by default."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[tuple[Location, str]] = set()
    seen = False
    for use in random_uses(program, knowledge):
        seen = seen or bool(use.seedings) or any(draw.source is Source.OWN_SEED for draw in use.draws)
        for site, name, given, libraries in _switched_off(program, knowledge, use):
            seen = True
            switch = seed_switch(use, site, given)
            place = switch.location if switch is not None else site.location
            if (place, use.entry.path) in told:
                continue
            told.add((place, use.entry.path))
            yield _finding(use, site, name, switch, libraries)
    if not seen:
        yield NotApplicable(text("Nothing on the way of the programs is seeded."))
    elif not told:
        yield Evidence(text("Every seeding on the way of the programs happens by default."))


def _switched_off(
    program: Program, knowledge: Knowledge, use: RandomUse
) -> Iterator[tuple[CallSite, str, Value | None, str]]:
    for generator in knowledge.randomness.generators:
        one = library_seeding(program, knowledge, use, generator)
        if one.state is SeedState.OFF_BY_DEFAULT and one.seedings:
            seeding = one.seedings[0]
            yield seeding.site, seeding.name, value_of(seeding), generator.title
        elif one.state is SeedState.MOVING:
            for seeding in one.seedings:
                if seeding.kind is SeedKind.NOTHING and is_default_value(seeding.value):
                    yield seeding.site, seeding.name, value_of(seeding), generator.title
                    break
    for draw in use.draws:
        if is_off_by_default(draw) and draw.happens is not Happens.NO:
            yield draw.site, draw.name, draw.seed, ""


def is_off_by_default(draw: Draw) -> bool:
    """Whether a call that makes a generator is given a seed that is None unless somebody asks."""
    return draw.source is Source.ENTROPY and draw.seed is not None and not draw.what.later


def _finding(use: RandomUse, site: CallSite, name: str, switch: SeedSwitch | None, library: str) -> Finding:
    chain = use.way.chain(site.module.path, site.symbol)
    what = name if not library else f"{name} ({library})"
    if switch is None:
        wording = text("{call} gets a seed only when asked.", call=what)
    else:
        wording = text("{call} gets a seed only when {name} is given.", call=what, name=switch.name)
    places = [Place(text("seeded here: {call}", call=name), site.location)]
    places += [Place(text("reached from here"), one.location) for one in reversed(chain)]
    if switch is not None:
        places.append(Place(text("off by default here: {name}", name=switch.name), switch.location))
    return Finding(
        wording,
        switch.location if switch is not None else site.location,
        symbol=site.symbol,
        expression=f"{name}: {switch.name if switch is not None else ''}",
        cause=cause_of_switch(switch, site, name),
        places=tuple(places),
        values={
            "call": name,
            "entry": use.entry.path,
            "switch": switch.name if switch is not None else "",
            "kind": switch.kind if switch is not None else "",
            "takes_number": switch.is_number if switch is not None else False,
        },
    )


def plan_fix(finding: Finding, answers: Answers) -> ChangeSet:
    """Give the option, parameter, constant or setting a number."""
    name, kind = str(finding.values.get("switch", "")), str(finding.values.get("kind", ""))
    if not kind or not finding.values.get("takes_number") or finding.location is None:
        raise CannotPlan(
            text("What switches the seed on is no number that could get a default."),
            text("Seed by default by hand: call the seed function without a condition."),
        )
    location = finding.location
    content = answers.file(location.path)
    if kind == "setting":
        after = set_setting(content, location.path, name, _SEED)
    else:
        source = SourceText(content, location.path, location.cell)
        splices = (
            set_option_default(source, location, _SEED)
            if kind == "option"
            else replace_expression(source, location, _SEED)
        )
        after = edited(source, splices)
    return ChangeSet(
        text("Seed by default: {name} = {seed}", name=name, seed=_SEED),
        CHECK.id,
        (FileChange(location.path, content, after),),
        effect=text("Without the option, results change once and are then the same in every run."),
    )


CHECK = Check(
    id="optional-seed",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.SHOULD,
    title="Seeds are set by default",
    failure_title="The seed is set only when asked for",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Give the seed a default", plan_fix, Safety.CHANGES_RESULTS),
    examples=(
        Example(
            bad="""\
import argparse
import json
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, help="seed for all generators")
args = parser.parse_args()
if args.seed is not None:
    random.seed(args.seed)
json.dump(random.random(), open("metrics.json", "w"))
""",
            good="""\
import argparse
import json
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, help="seed for all generators", default=42)
args = parser.parse_args()
if args.seed is not None:
    random.seed(args.seed)
json.dump(random.random(), open("metrics.json", "w"))
""",
        ),
        Example(
            bad=Sketch(
                {
                    "train.py": """\
import numpy as np

from data import rows


def main(seed=None):
    rng = np.random.default_rng(seed)
    np.save("rows.npy", rows(rng))


if __name__ == "__main__":
    main()
""",
                    "data.py": "def rows(rng):\n    return rng.permutation(10)\n",
                }
            ),
            good=Sketch(
                {
                    "train.py": """\
import numpy as np

from data import rows


def main(seed=42):
    rng = np.random.default_rng(seed)
    np.save("rows.npy", rows(rng))


if __name__ == "__main__":
    main()
""",
                    "data.py": "def rows(rng):\n    return rng.permutation(10)\n",
                }
            ),
        ),
    ),
)
