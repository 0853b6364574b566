"""Files are read in the order in which the file system happens to list them.

`os.listdir`, `os.scandir`, `glob` and `Path.iterdir` promise no order: it depends on the file system, on how the files
were copied, and on what was deleted before.

## Why it matters
On one machine the order often stays, so nothing seems wrong; in a fresh copy, in a container or on the cluster the rows stand in
another order, shuffles with the same seed give other batches, and splits by position give other parts.

## How to fix it
Sort the listing where it is made:

```python
for path in sorted(folder.glob("*.png")):
```

The fix puts `sorted(…)` round the call, and `iter(sorted(…))` where `next` takes one file after the other. `os.walk` lists folders
and files separately; for it the places are shown.

## When to leave it
When the order cannot matter: files are counted, looked up by name, or deleted.

## References
- Python documentation, `os.listdir`, `glob` and `pathlib`: the order is arbitrary
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
    own_place,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.events import (
    Attribute,
    Call,
    Name,
    Operation,
    Subscript,
    Value,
    With,
)
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.listing_order import is_order_lost
from repro_gui.facts.lookup import Answers
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import random_uses
from repro_gui.facts.scopes import Scope
from repro_gui.facts.source_edits import edited
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.facts.steps import CallSite
from repro_gui.facts.value_paths import place_in
from repro_gui.facts.ways import Happens, Way
from repro_gui.location import Location
from repro_gui.text import text


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each listing on the way of a result entry point that is used in the order in which it comes."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[Location] = set()
    for use in random_uses(program, knowledge):
        for site in use.way.calls_that(_may_list, knowledge):
            name = _listing(use.way, site, knowledge)
            if not name or site.location in told or use.way.happens(site) is Happens.NO:
                continue
            told.add(site.location)
            if is_order_lost(use.way, site, knowledge):
                yield Evidence(text("{call} is sorted, or its order is not used.", call=name), site.location)
                continue
            chain = use.way.chain(site.module.path, site.symbol)
            yield Finding(
                text("{call} gives files in no promised order.", call=name),
                site.location,
                symbol=site.symbol,
                expression=name,
                places=(
                    Place(text("listed here: {call}", call=name), site.location),
                    *[Place(text("reached from here"), one.location) for one in reversed(chain)],
                ),
                values={
                    "call": name,
                    "entry": use.entry.path,
                    "is_context": _is_context(use.way, site),
                    "is_advanced": _is_advanced(use.way, site),
                },
            )
    if not told:
        yield NotApplicable(text("No folder is listed on the way of the programs."))


def _may_list(site: CallSite, knowledge: Knowledge) -> bool:
    """Whether a call may be one that lists files, going by its name alone."""
    method = site.target.method
    name = knowledge.randomness.canonical(site.name) if site.name else f".{method}"
    return knowledge.randomness.unordered_call(name) is not None or (not site.name and method == "glob")


def _listing(way: Way, site: CallSite, knowledge: Knowledge) -> str:
    randomness = knowledge.randomness
    if site.name:
        canonical = randomness.canonical(site.name)
        found = randomness.unordered_call(canonical)
        if found is None or found.kind != "files":
            return ""
        return f"pathlib.Path.{site.target.method}" if canonical.startswith("pathlib.") else canonical
    method = f".{site.target.method}"
    found = randomness.unordered_call(method) if site.target.method else None
    if found is None and site.target.method == "glob" and _is_path(way, way.values.scope(site), site.call.target):
        method = "pathlib.Path.glob"
        found = randomness.unordered_call(method)
    return method if found is not None and found.kind == "files" else ""


def _is_path(way: Way, scope: Scope, target: Value) -> bool:
    """Whether what a method is called on is a path: what `/` gives, one of `.parents`, or made by `Path` under the same name."""
    if isinstance(target, Attribute):
        of = target.of
    elif isinstance(target, Name) and "." in target.dotted:
        owner = target.dotted.rpartition(".")[0]
        of = Name(target.line, target.column, target.end_line, target.end_column, owner)
    else:
        return False
    scope, value = way.values.origin(scope, of)
    if isinstance(value, Subscript):
        inner = value.of
        return (inner.dotted if isinstance(inner, Name) else getattr(inner, "name", "")).endswith("parents")
    if isinstance(value, Operation):
        return value.operator == "/"
    home = scope.home_of(value.dotted) if isinstance(value, Name) and "." not in value.dotted else None
    makers = [one.value for one in home.bindings[value.dotted]] if home is not None and isinstance(value, Name) else []
    resolver = way.program.code.resolver
    return any(isinstance(one, Call) and resolver.resolve(scope, one.target).name == "pathlib.Path" for one in makers)


def _is_context(way: Way, site: CallSite) -> bool:
    """Whether the call is entered by `with`, which a sorted list cannot be."""
    place = place_in(way.program.code.scope(site.module.path, site.symbol).body, site.call)
    return place is not None and isinstance(place[0], With) and not place[1]


def _is_advanced(way: Way, site: CallSite) -> bool:
    """Whether `next` takes single files from the listing, which it does not from a list."""
    place = place_in(way.program.code.scope(site.module.path, site.symbol).body, site.call)
    if place is None:
        return False
    event, above = place
    names = {target.dotted for target in getattr(event, "targets", ()) if isinstance(target, Name) and not above}
    for step in way.program.code.unit(site.module.path, site.symbol).steps:
        if not isinstance(step, CallSite) or step.name != "builtins.next" or not step.call.positional:
            continue
        first = step.call.positional[0]
        if first is site.call or (isinstance(first, Name) and first.dotted in names):
            return True
    return False


def plan_fix(finding: Finding, answers: Answers) -> ChangeSet:
    """Sort the listing where it is made."""
    assert finding.location is not None
    path, name = finding.location.path, str(finding.values["call"])
    if name in {"os.walk", "os.fwalk", "pathlib.Path.walk"}:
        raise CannotPlan(
            text("{call} lists folders and files separately.", call=name),
            text("Sort both at the top of the loop: dirs.sort(); files.sort()."),
        )
    if finding.values.get("is_context"):
        raise CannotPlan(
            text("{call} is entered by a with statement.", call=name),
            text("Sort what is gone through inside of it."),
        )
    content = answers.file(path)
    source = SourceText(content, path, finding.location.cell)
    start, end = source.segment(finding.location)
    # Entries of scandir cannot be compared, their names can.
    key = ", key=lambda entry: entry.name" if name == "os.scandir" else ""
    opening, closing = ("iter(sorted(", "))") if finding.values.get("is_advanced") else ("sorted(", ")")
    splices = [Splice(start, start, opening), Splice(end, end, f"{key}{closing}")]
    return ChangeSet(
        text("Sort the files in {path}", path=path),
        CHECK.id,
        (FileChange(path, content, edited(source, splices)),),
        effect=text("Where the order was another one, results change once and then stay."),
    )


CHECK = Check(
    id="unordered-files",
    pillar=Pillar.DATA,
    weight=Weight.SHOULD,
    title="Files are listed in a fixed order",
    failure_title="Files are used in the order of the file system",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Sort the listing", plan_fix, Safety.CHANGES_RESULTS, settles=own_place),
    examples=(
        Example(
            bad="""\
import os
from pathlib import Path

import numpy as np

rows = [np.load(os.path.join("data", name)) for name in os.listdir("data")]
count = len(os.listdir("data"))
for path in Path("extra").glob("*.npy"):
    rows.append(np.load(path))
np.save("all.npy", np.stack(rows))
""",
            good="""\
import os
from pathlib import Path

import numpy as np

rows = [np.load(os.path.join("data", name)) for name in sorted(os.listdir("data"))]
count = len(os.listdir("data"))
for path in sorted(Path("extra").glob("*.npy")):
    rows.append(np.load(path))
np.save("all.npy", np.stack(rows))
""",
        ),
        Example(
            bad="""\
import os

import numpy as np


def files(folder):
    names = os.listdir(folder)
    names.sort()
    return names + [entry.path for entry in os.scandir(folder)]


np.save("names.npy", files("data"))
""",
            good="""\
import os

import numpy as np


def files(folder):
    names = os.listdir(folder)
    names.sort()
    return names + [entry.path for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)]


np.save("names.npy", files("data"))
""",
        ),
        Example(
            bad="""\
import glob
from pathlib import Path

import numpy as np

first = np.load(next(Path("data").glob("*.npy")))
others = glob.iglob("more/*.npy")
second = np.load(next(others))
here = Path(__file__).resolve().parent
rows = [np.load(path) for path in here.glob("*.npy")]
rows += [np.load(path) for path in (here.parents[0] / "more").glob("*.npy")]
np.save("sum.npy", first + second + sum(rows))
""",
            good="""\
import glob
from pathlib import Path

import numpy as np

first = np.load(next(iter(sorted(Path("data").glob("*.npy")))))
others = iter(sorted(glob.iglob("more/*.npy")))
second = np.load(next(others))
here = Path(__file__).resolve().parent
rows = [np.load(path) for path in sorted(here.glob("*.npy"))]
rows += [np.load(path) for path in sorted((here.parents[0] / "more").glob("*.npy"))]
np.save("sum.npy", first + second + sum(rows))
""",
        ),
    ),
)
