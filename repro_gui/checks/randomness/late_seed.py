"""The seed is set after something was drawn already.

Weights are made when a layer is made, splits are drawn when data is prepared, and importing a module runs its top level: a seed
that comes later does not reach back.

## Why it matters
The training loop repeats from there on, but it starts from other weights or on other rows in every run.

## How to fix it
Seed first, in the first lines of the program, before data is prepared and models are made:

```python
if __name__ == "__main__":
    set_seed(42)
    model = Net()
```

The fix moves the call up, above the statement that draws first, when it stands on its own and needs nothing that is made in between;
else it adds a call where the program starts.

## When to leave it
When what is drawn before is thrown away, for example weights that are loaded over.

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
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.draw_order import Trail, comes_before, trail
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import Draw, RandomUse, Seeding, random_uses
from repro_gui.facts.seed_edits import plan_new_seed
from repro_gui.facts.seed_moves import plan_move
from repro_gui.facts.seeding import SeedState, library_seeding
from repro_gui.facts.ways import Happens
from repro_gui.text import text


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each library of each result entry point whose first draw certainly comes before its seed."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    seen = False
    for use in random_uses(program, knowledge):
        told: set[tuple[str, str, int]] = set()
        for generator in knowledge.randomness.generators:
            one = library_seeding(program, knowledge, use, generator)
            if one.state is not SeedState.SEEDED:
                continue
            seen = True
            found = first_drawn_too_early(program, use, list(one.draws), list(one.seedings))
            if found is None:
                maybe = first_drawn_too_early(program, use, list(one.draws), list(one.seedings), Happens.UNKNOWN)
                if maybe is not None:
                    yield CannotTell(
                        text(
                            "Whether {call} draws from {library} before {seed} seeds it is not known: a run decides it.",
                            call=maybe[0].name,
                            library=generator.title,
                            seed=maybe[1].name,
                        ),
                        maybe[0].site.location,
                    )
                    continue
                yield Evidence(
                    text(
                        "{call} seeds {library} before anything is seen to draw from it.",
                        call=one.seedings[0].name,
                        library=generator.title,
                    ),
                    one.seedings[0].site.location,
                    {"library": generator.id, "entry": use.entry.path},
                )
                continue
            draw, seeding = found
            place = (use.entry.path, draw.site.module.path, draw.site.call.line)
            if place not in told:
                told.add(place)
                yield _finding(use, draw, seeding, generator.title)
    if not seen:
        yield NotApplicable(text("Nothing that is drawn from is seeded on the way of the programs."))


def first_drawn_too_early(
    program: Program, use: RandomUse, draws: list[Draw], seedings: list[Seeding], happens: Happens = Happens.YES
) -> tuple[Draw, Seeding] | None:
    """The first draw that certainly comes before every seeding, if it happens so surely, and the first seeding; else None."""
    seeded = [
        (one, found)
        for one in seedings
        if one.happens is Happens.YES and (found := trail(program, use, one.site)) is not None
    ]
    if len(seeded) < len([one for one in seedings if one.happens is not Happens.NO]):
        return None
    early: list[tuple[Draw, Trail]] = []
    for draw in draws:
        # What only draws when it is used is not too early by being made.
        if draw.what.later or (Happens.UNKNOWN if not draw.is_certain else draw.happens) is not happens:
            continue
        here = trail(program, use, draw.site)
        if here is not None and seeded and all(comes_before(here, there) is True for _, there in seeded):
            early.append((draw, here))
    if not early:
        return None
    first = early[0]
    for other in early[1:]:
        if comes_before(other[1], first[1]) is True:
            first = other
    earliest = seeded[0]
    for candidate in seeded[1:]:
        if comes_before(candidate[1], earliest[1]) is True:
            earliest = candidate
    return first[0], earliest[0]


def _finding(use: RandomUse, draw: Draw, seeding: Seeding, library: str) -> Finding:
    site = draw.site
    chain = use.way.chain(site.module.path, site.symbol)
    return Finding(
        text("{call} draws from {library} before {seed} seeds it.", call=draw.name, library=library, seed=seeding.name),
        site.location,
        symbol=site.symbol,
        expression=f"{use.entry.path}: {draw.name} before {seeding.name}",
        cause=f"late:{use.entry.path}:{seeding.site.location}",
        places=(
            Place(text("drawn here: {call}", call=draw.name), site.location),
            *[Place(text("reached from here"), one.location) for one in reversed(chain)],
            Place(text("seeded only here: {call}", call=seeding.name), seeding.site.location),
        ),
        values={"call": draw.name, "seed": seeding.name, "library": library, "entry": use.entry.path},
    )


def _found_again(finding: Finding, program: Program, knowledge: Knowledge) -> tuple[RandomUse, Draw, Seeding]:
    for use in random_uses(program, knowledge):
        if use.entry.path != finding.values["entry"]:
            continue
        for generator in knowledge.randomness.generators:
            one = library_seeding(program, knowledge, use, generator)
            if one.state is SeedState.SEEDED and generator.title == finding.values["library"]:
                found = first_drawn_too_early(program, use, list(one.draws), list(one.seedings))
                if found is not None:
                    return use, *found
    raise CannotPlan(
        text("{path} seeds in time now.", path=str(finding.values["entry"])), text("Audit the project again.")
    )


def lookups(finding: Finding) -> Iterator[FileContent]:
    """The entry point's file."""
    yield FileContent(str(finding.values["entry"]))


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Move the seeding above what draws first."""
    use, draw, seeding = _found_again(finding, program, knowledge)
    path = use.entry.path
    content = answers.file(path)
    try:
        # What seeds in passing (a trainer that is made) stays where it is.
        after = plan_move(program, use, draw.site, seeding.site, content) if seeding.what.parameter else None
    except CannotPlan:
        # What makes the seed's value stands below the draw, in another cell or in another file.
        after = None
    if after is None:
        after = plan_new_seed(program, knowledge, use, [draw.generator], content)
    return ChangeSet(
        text("Seed first in {path}", path=path),
        CHECK.id,
        (FileChange(path, content, after),),
        effect=text("Results change once and are then the same in every run with this seed."),
    )


CHECK = Check(
    id="late-seed",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.MUST,
    title="Everything is seeded before it is drawn from",
    failure_title="A seed comes after the first draw",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Move the seed above the first draw", plan_fix, Safety.CHANGES_RESULTS, lookups=lookups),
    examples=(
        Example(
            bad="""\
import torch


def main():
    model = torch.nn.Linear(4, 1)
    torch.manual_seed(0)  # for the noise
    loss = model(torch.randn(8, 4)).sum()
    loss.backward()


if __name__ == "__main__":
    main()
""",
            good="""\
import torch


def main():
    torch.manual_seed(0)  # for the noise
    model = torch.nn.Linear(4, 1)
    loss = model(torch.randn(8, 4)).sum()
    loss.backward()


if __name__ == "__main__":
    main()
""",
        ),
    ),
)
