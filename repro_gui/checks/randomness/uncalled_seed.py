"""The project has a function that seeds random number generators, and nothing calls it where results are made.

## Why it matters
A helper named `set_seed` looks like care, and a search for `manual_seed` finds it. If no program that makes results calls
it, every run still starts somewhere else.

## How to fix it
Call it where the program starts, before anything draws:

```python
if __name__ == "__main__":
    set_seed(42)
    main()
```

The fix adds the import and the call to each entry point that needs it. Results change once and then stay.

## When to leave it
When the function is a left-over: delete it. When it is offered to users of a library, and the project's own programs seed in
another way.

## References
- PyTorch documentation, notes on reproducibility
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
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent
from repro_gui.facts.program import EntryPoint, Program
from repro_gui.facts.random_use import random_use
from repro_gui.facts.seed_causes import cause_of_function
from repro_gui.facts.seed_edits import plan_call
from repro_gui.facts.seed_functions import SeedFunction, seed_functions
from repro_gui.facts.seeding import SeedState, seeding_state
from repro_gui.facts.steps import CallSite
from repro_gui.facts.ways import Happens
from repro_gui.text import text


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each seed function that no result entry point reaches, while something that it seeds is drawn from unseeded."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    functions = seed_functions(program, knowledge)
    if not functions:
        yield NotApplicable(text("The project has no function that seeds random number generators."))
        return
    # In a process of its own, which starts afresh, a call where the program starts would seed nothing.
    unseeded = [
        one for one in seeding_state(program, knowledge) if one.state is SeedState.UNSEEDED and one.child is None
    ]
    for function in functions:
        callers = [entry for entry in program.result_entry_points if _reaches(program, knowledge, entry, function)]
        if callers:
            yield Evidence(
                text("{entry} calls {name}.", entry=callers[0].path, name=function.symbol),
                function.location,
                values={"function": function.symbol, "seeds": ", ".join(sorted(function.generators))},
            )
            continue
        lacking = [one for one in unseeded if one.generator.id in function.generators]
        if not lacking:
            yield Evidence(
                text("Nothing calls {name}, and nothing needs it.", name=function.symbol),
                function.location,
                values={"function": function.symbol, "seeds": ", ".join(sorted(function.generators))},
            )
            continue
        if _is_handed_over(program, function):
            yield Evidence(
                text("{name} is handed to what calls it.", name=function.symbol),
                function.location,
                values={"function": function.symbol, "seeds": ", ".join(sorted(function.generators))},
            )
            continue
        entries = list({one.entry.start: one.entry for one in lacking}.values())
        yield Finding(
            text(
                "Nothing calls {name} on the way from {entry}, which draws from {libraries}.",
                name=function.symbol,
                entry=entries[0].path,
                libraries=", ".join(dict.fromkeys(one.generator.title for one in lacking)),
            ),
            function.location,
            symbol=function.symbol,
            expression=f"def {function.symbol}",
            cause=cause_of_function(function),
            places=tuple(
                Place(text("drawn here, unseeded: {call}", call=one.draws[0].name), one.draws[0].site.location)
                for one in lacking
            ),
            values={"function": function.symbol, "entry": entries[0].path, "entries": len(entries)},
        )


def _reaches(program: Program, knowledge: Knowledge, entry: EntryPoint, function: SeedFunction) -> bool:
    use = random_use(program, entry, knowledge)
    return (
        any(
            (seeding.site.module.path, seeding.site.symbol) == (function.path, function.symbol)
            for seeding in use.seedings
        )
        and use.way.unit_happens(function.path, function.symbol) is not Happens.NO
    )


def _is_handed_over(program: Program, function: SeedFunction) -> bool:
    """Whether some code of the project names the function without calling it: a loader's `worker_init_fn`, a callback."""
    key = function.path, function.symbol
    names = program.with_other_names([function.symbol])
    for path, module in program.modules.items():
        for symbol in program.code.symbols(path) if module.may_name(names) else ():
            unit = program.code.unit(path, symbol)
            calls = any(
                isinstance(step, CallSite) and (step.target.path, step.target.symbol) == key for step in unit.steps
            )
            if key in unit.refers and not calls:
                return True
    return False


def lookups(finding: Finding, program: Program, knowledge: Knowledge) -> Iterator[FileContent]:
    """The entry points that need the call."""
    for entry in _entries(finding, program, knowledge):
        yield FileContent(entry.path)


def plan_fix(finding: Finding, program: Program, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    """Call the function where each entry point that needs it starts."""
    function = _function(finding, program, knowledge)
    changes = [
        change
        for entry in _entries(finding, program, knowledge)
        for change in plan_call(program, random_use(program, entry, knowledge), function, answers.file)
    ]
    return ChangeSet(
        text("Call {name}", name=function.symbol),
        CHECK.id,
        tuple(changes),
        effect=text("Results change once and are then the same in every run with this seed."),
    )


def _function(finding: Finding, program: Program, knowledge: Knowledge) -> SeedFunction:
    for function in seed_functions(program, knowledge):
        if finding.location is not None and (function.path, function.symbol) == (finding.location.path, finding.symbol):
            if not function.takes_only_a_seed:
                raise CannotPlan(
                    text("{name} needs more than a seed.", name=function.symbol),
                    text("Call it by hand where the program starts."),
                )
            return function
    raise CannotPlan(text("{name} is not there any more.", name=finding.symbol), text("Audit the project again."))


def _entries(finding: Finding, program: Program, knowledge: Knowledge) -> list[EntryPoint]:
    """The entry points that draw unseeded from something that the function seeds; one for each file."""
    function = _function(finding, program, knowledge)
    entries: dict[str, EntryPoint] = {}
    for one in seeding_state(program, knowledge):
        if one.state is SeedState.UNSEEDED and one.child is None and one.generator.id in function.generators:
            entries.setdefault(one.entry.path, one.entry)
    return list(entries.values())


_UTIL = """\
import random

import numpy as np


def seed_everything(seed=42):
    random.seed(seed)
    np.random.seed(seed)
"""

CHECK = Check(
    id="uncalled-seed",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.MUST,
    title="Seed functions are called",
    failure_title="A seed function exists and nothing calls it",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Call the seed function", plan_fix, Safety.CHANGES_RESULTS, lookups=lookups),
    examples=(
        Example(
            bad=Sketch(
                {
                    "util.py": _UTIL,
                    "train.py": """\
import numpy as np

from util import seed_everything


def main():
    np.save("order.npy", np.random.permutation(10))


if __name__ == "__main__":
    main()
""",
                }
            ),
            good=Sketch(
                {
                    "util.py": _UTIL,
                    "train.py": """\
import numpy as np

from util import seed_everything


def main():
    np.save("order.npy", np.random.permutation(10))


if __name__ == "__main__":
    seed_everything()
    main()
""",
                }
            ),
        ),
    ),
)
