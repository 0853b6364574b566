"""A library that the program draws random numbers from is never seeded on the way from where the program starts.

## Why it matters
Libraries draw from generators of their own: `random`, NumPy, PyTorch and TensorFlow each keep one for the whole process, and
each starts somewhere else in every run until it is seeded. Initial weights, shuffles, dropout and augmentation then differ, and
so do the numbers in the paper. A seed function that another script calls, or that nobody calls, changes nothing here: what counts
is the way from each entry point that makes results.

## How to fix it
Seed each library that is drawn from, once, before anything draws:

```python
def set_seed(seed: int = 42) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)  # every CUDA device too


set_seed(42)
```

The fix seeds exactly the libraries in use. A seed function that the project has is completed and called; a new one is written only
where there is none. Results change once and then stay.

## When to leave it
When the variation between runs is the result (several runs with their spread reported), or when every call gets a generator
of its own that is seeded.

## References
- Python documentation, `random.seed`; NumPy reference, `numpy.random.seed`
- PyTorch documentation, notes on reproducibility
- scikit-learn user guide, controlling randomness: `random_state=None` uses NumPy's global generator
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.child_processes import Child
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import Draw, RandomUse, Seeding, SeedKind, random_use
from repro_gui.facts.seed_causes import cause_of_library, library_draws, library_told_by, name_of_child
from repro_gui.facts.seed_edits import choose_plan, plan_child_seed, plan_seed_edits
from repro_gui.facts.seeding import LibrarySeeding, SeedState, library_seeding, seeding_state
from repro_gui.facts.ways import Happens
from repro_gui.text import Text, text


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each library of each result entry point; seedings and first draws are evidence."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    drawn = seeding_state(program, knowledge)
    states = [each for one in drawn for each in one.by_process if library_draws(each)]
    if not states:
        wording = "Nothing on the way of the programs draws random numbers from a global generator."
        if any(one.draws for one in drawn):
            wording = "Only splits and estimators draw random numbers here, and each has a check of its own."
        yield NotApplicable(text(wording))
        return
    told: set[str] = set()
    for seeding in (seeding for one in drawn if any(map(library_draws, one.by_process)) for seeding in one.seedings):
        yield _seeding_evidence(seeding)
    for one in states:
        yield _draw_evidence(one)
        match one.state:
            case SeedState.UNSEEDED:
                yield _finding(program, knowledge, one)
            case SeedState.UNKNOWN if one.reason is not None and _without_entry(one.reason) not in told:
                # Once for all programs of which the same is not known.
                told.add(_without_entry(one.reason))
                yield CannotTell(one.reason, one.draws[0].site.location)
            case _:
                pass


def _without_entry(reason: Text) -> str:
    return str(msgspec.structs.replace(reason, values={**reason.values, "entry": ""}))


def _finding(program: Program, knowledge: Knowledge, one: LibrarySeeding) -> Finding:
    draw = library_draws(one)[0]
    use = random_use(program, one.entry, knowledge)
    wording = text(
        "{entry} draws from {library} ({call}), which nothing on its way seeds.",
        entry=one.entry.path,
        library=one.generator.title,
        call=draw.name,
    )
    child = "" if one.child is None else one.child.unit[1]
    places = way_to(use, draw, one.draws)
    if one.child is not None:
        wording = text(
            "{function} draws from {library} ({call}) in a process of its own, which starts afresh: nothing seeds it there.",
            function=child,
            library=one.generator.title,
            call=draw.name,
        )
        started = text("started here as a process of its own")
        places = (*places, *[Place(started, start.site.location) for start in one.starts])
    return Finding(
        wording,
        draw.site.location,
        symbol=draw.site.symbol,
        expression=f"{one.entry.path}:{one.entry.symbol}: {one.generator.id}{f' in {name_of_child(one)}' if child else ''}",
        cause=cause_of_library(one),
        places=places,
        values={
            "child": child,
            "child_path": "" if one.child is None else one.child.unit[0],
            "entry": one.entry.path,
            "entry_symbol": one.entry.symbol,
            "library": one.generator.id,
            "call": draw.name,
            "draws": len(library_draws(one)),
        },
        told_by=library_told_by(program, knowledge, use, one),
    )


def way_to(use: RandomUse, draw: Draw, draws: Sequence[Draw]) -> tuple[Place, ...]:
    """The steps from a draw back to the entry point: drawn here, reached from there, seeded nowhere; some of the other `draws`."""
    places = [Place(text("drawn here: {call}", call=draw.name), draw.site.location)]
    places += [
        Place(text("reached from here"), site.location)
        for site in reversed(use.way.chain(draw.site.module.path, draw.site.symbol))
    ]
    others = [other for other in draws if other is not draw][:4]
    places += [Place(text("also drawn here: {call}", call=other.name), other.site.location) for other in others]
    return tuple(places)


_KINDS: dict[SeedKind, str] = {
    SeedKind.CONSTANT: "constant",
    SeedKind.DEFAULT: "constant by default",
    SeedKind.VARIABLE: "variable",
    SeedKind.NOTHING: "none",
    SeedKind.MOVING: "another value in each run",
    SeedKind.RESTORED: "a saved state",
}


def _seeding_evidence(seeding: Seeding) -> Evidence:
    kind = _KINDS[seeding.kind]
    if seeding.happens is Happens.YES:
        wording = text("{call} is called with a seed ({kind}).", call=seeding.name, kind=kind)
    else:
        wording = text("{call} is called with a seed ({kind}), only under a condition.", call=seeding.name, kind=kind)
    return Evidence(
        wording,
        seeding.site.location,
        values={
            "library": ", ".join(seeding.generators),
            "call": seeding.name,
            "seed": seeding.kind.value,
            "conditional": seeding.happens is not Happens.YES,
        },
    )


def _draw_evidence(one: LibrarySeeding) -> Evidence:
    return Evidence(
        text(
            "{entry} draws from {library}: {call}.",
            entry=one.entry.path,
            library=one.generator.title,
            call=one.draws[0].name,
        ),
        one.draws[0].site.location,
        values={
            "library": one.generator.id,
            "state": one.state.value,
            "draws": len(one.draws),
            "entry": one.entry.path,
        },
    )


def use_of(finding: Finding, program: Program, knowledge: Knowledge) -> RandomUse:
    """The use of random numbers by the entry point that a finding names; raises `CannotPlan` when it is gone."""
    start = (str(finding.values.get("entry", "")), str(finding.values.get("entry_symbol", "")))
    for entry in program.result_entry_points:
        if entry.start == start:
            return random_use(program, entry, knowledge)
    raise CannotPlan(text("{path} is no entry point any more.", path=start[0]), text("Audit the project again."))


def lookups(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[FileContent]:
    """The files that the fix edits."""
    use = use_of(finding, program, knowledge)
    if finding.values.get("child"):
        yield FileContent(str(finding.values["child_path"]))
        return
    for path in choose_plan(program, knowledge, use, _missing(program, knowledge, use)).paths(use.entry.path):
        yield FileContent(path)


def _missing(program: Program, knowledge: Knowledge, use: RandomUse) -> list[str]:
    return [
        generator.id
        for generator in knowledge.randomness.generators
        if (one := library_seeding(program, knowledge, use, generator)).state is SeedState.UNSEEDED
        and not one.starts
        and library_draws(one)
    ]


def _missing_in(
    program: Program, knowledge: Knowledge, use: RandomUse, unit: tuple[str, str]
) -> list[tuple[str, tuple[Child, ...]]]:
    states = [library_seeding(program, knowledge, use, one) for one in knowledge.randomness.generators]
    return [
        (one.generator.id, one.starts)
        for state in states
        for one in state.by_process
        if one.state is SeedState.UNSEEDED and one.child is not None and one.child.unit == unit and library_draws(one)
    ]


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Seed every library that this entry point draws from unseeded, in one place."""
    use = use_of(finding, program, knowledge)
    if finding.values.get("child"):
        return _plan_in_child(finding, program, knowledge, use, answers)
    missing = _missing(program, knowledge, use)
    files = plan_seed_edits(program, knowledge, use, missing, answers.file)
    return ChangeSet(
        text("Seed {libraries} in {entry}", libraries=", ".join(_titles(knowledge, missing)), entry=use.entry.path),
        CHECK.id,
        files,
        effect=_EFFECT,
    )


def _plan_in_child(
    finding: Finding, program: Program, knowledge: Knowledge, use: RandomUse, answers: Answers
) -> ChangeSet:
    unit = (str(finding.values["child_path"]), str(finding.values["child"]))
    found = _missing_in(program, knowledge, use, unit)
    if not found:
        raise CannotPlan(text("{path} seeds there now.", path=unit[0]), text("Audit the project again."))
    missing = [generator for generator, _ in found]
    content = answers.file(unit[0])
    after = plan_child_seed(program, knowledge, found[0][1], missing, content)
    return ChangeSet(
        text("Seed {libraries} in {entry}", libraries=", ".join(_titles(knowledge, missing)), entry=unit[1]),
        CHECK.id,
        (FileChange(unit[0], content, after),),
        effect=_EFFECT,
    )


_EFFECT: Text = text("Results change once and are then the same in every run with this seed.")


def _titles(knowledge: Knowledge, generators: list[str]) -> list[str]:
    return [knowledge.randomness.generator(one).title for one in generators]


CHECK = Check(
    id="unseeded-library",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.MUST,
    title="Every library that is drawn from is seeded",
    failure_title="A library that is drawn from is never seeded",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Insert or complete a seed function and call it", plan_fix, Safety.CHANGES_RESULTS, lookups=lookups),
    told_by=("uncalled-seed", "unseeded-loader"),
    examples=(
        Example(
            bad="""\
import numpy as np
import torch

model = torch.nn.Linear(4, 1)
data = torch.from_numpy(np.random.randn(8, 4)).float()
model(data).sum().backward()
torch.save(model.state_dict(), "model.pt")
""",
            good="""\
import numpy as np
import torch


def set_seed(seed: int = 42) -> None:
    \"\"\"Start every random number generator from the same place, so that a run can be repeated.\"\"\"
    np.random.seed(seed)
    torch.manual_seed(seed)


set_seed(42)

model = torch.nn.Linear(4, 1)
data = torch.from_numpy(np.random.randn(8, 4)).float()
model(data).sum().backward()
torch.save(model.state_dict(), "model.pt")
""",
        ),
        Example(
            bad=Sketch(
                {
                    "seeding.py": "import random\n\n\ndef fix_seeds(seed):\n    random.seed(seed)\n",
                    "train.py": """\
import random

import numpy as np

from seeding import fix_seeds

if __name__ == "__main__":
    fix_seeds(7)
    order = np.random.permutation(10)
    np.save("order.npy", order + random.random())
""",
                }
            ),
            good=Sketch(
                {
                    "seeding.py": (
                        "import random\nimport numpy as np\n\n\ndef fix_seeds(seed):\n"
                        "    random.seed(seed)\n    np.random.seed(seed)\n"
                    ),
                    "train.py": """\
import random

import numpy as np

from seeding import fix_seeds

if __name__ == "__main__":
    fix_seeds(7)
    order = np.random.permutation(10)
    np.save("order.npy", order + random.random())
""",
                }
            ),
        ),
    ),
)
