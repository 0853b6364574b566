"""Results of parallel work are used in the order in which they happen to come.

`as_completed`, `imap_unordered` and their like hand over what is ready first. Which that is depends on the machine and its load.

## Why it matters
Rows that are appended as they come stand in another order in each run: a shuffle with the same seed gives other batches, a split by
position gives other parts, and a sum of floats has other last bits.

## How to fix it
Keep each result with its place, and bring them back in order before they are used:

```python
with ProcessPoolExecutor() as pool:
    rows = list(pool.map(read_row, paths))  # in the order of `paths`
```

With `as_completed`, store under a key (`rows[futures[future]] = future.result()`) and go through the keys in a fixed order. With a
pool use `imap` in place of `imap_unordered`.

## When to leave it
When the results are stored by name, counted, or sorted where the audit does not see it.

## References
- Python documentation, `concurrent.futures.as_completed`
- Python documentation, `multiprocessing.pool.Pool.imap_unordered`
- joblib documentation, `Parallel`: `return_as="generator_unordered"`
"""

from __future__ import annotations

from collections.abc import Iterator

from repro_gui.checks.check import (
    CannotTell,
    Check,
    Effort,
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
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import RandomUse, draws_when, random_uses
from repro_gui.facts.result_order import Order, order_of_results
from repro_gui.facts.steps import CallSite
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import text


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each place on the way of a result entry point where the order of parallel results enters the run."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[Location] = set()
    for use in random_uses(program, knowledge):
        for site in use.way.calls:
            if site.location in told or use.way.happens(site) is Happens.NO:
                continue
            name, is_unordered = _unordered(use, site, knowledge)
            if is_unordered is False:
                continue
            told.add(site.location)
            yield _judge(use, site, name, knowledge, is_certain=is_unordered is True)
    if not told:
        yield NotApplicable(text("Nothing on the way of the programs gives parallel results as they come."))


def _unordered(use: RandomUse, site: CallSite, knowledge: Knowledge) -> tuple[str, bool | None]:
    """The name of a call, and whether it gives results as they come; None where that depends on its arguments."""
    name = knowledge.randomness.canonical(site.name) if site.name else f".{site.target.method}"
    found = knowledge.randomness.unordered_call(name)
    if found is None and site.name:
        # A method of a pool whose type is known.
        found = knowledge.randomness.unordered_call(f".{name.rpartition('.')[2]}") if "()" in site.name else None
    if found is None or found.kind != "results":
        return name, False
    return name, draws_when(use.way, site, found)


def _judge(use: RandomUse, site: CallSite, name: str, knowledge: Knowledge, *, is_certain: bool) -> Observation:
    order = order_of_results(use.way, site, knowledge)
    if order is Order.LOST:
        return Evidence(text("{call} is used without regard to its order.", call=name.lstrip(".")), site.location)
    if order is Order.UNKNOWN or not is_certain:
        return CannotTell(
            text("Whether the order of {call} reaches a result is not seen.", call=name.lstrip(".")), site.location
        )
    chain = use.way.chain(site.module.path, site.symbol)
    return Finding(
        text("{call} gives results in the order in which they are ready.", call=name.lstrip(".")),
        site.location,
        symbol=site.symbol,
        expression=name,
        places=(
            Place(text("comes out here: {call}", call=name.lstrip(".")), site.location),
            *[Place(text("reached from here"), one.location) for one in reversed(chain)],
        ),
        values={"call": name, "entry": use.entry.path},
    )


CHECK = Check(
    id="unordered-results",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.SHOULD,
    title="Parallel results are used in a fixed order",
    failure_title="Parallel results are used in the order in which they come",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Bring the results back into order", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad="""\
from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np

rows = []
with ProcessPoolExecutor() as pool:
    futures = [pool.submit(np.load, f"{number}.npy") for number in range(8)]
    for future in as_completed(futures):
        rows.append(future.result())
np.save("rows.npy", np.stack(rows))
""",
            good="""\
from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np

rows = {}
with ProcessPoolExecutor() as pool:
    futures = {pool.submit(np.load, f"{number}.npy"): number for number in range(8)}
    for future in as_completed(futures):
        rows[futures[future]] = future.result()
np.save("rows.npy", np.stack([rows[number] for number in range(8)]))
""",
            fixes=False,
        ),
        Example(
            bad="""\
from multiprocessing import Pool

import numpy as np

with Pool(4) as pool:
    rows = list(pool.imap_unordered(np.load, ["a.npy", "b.npy"]))
np.save("rows.npy", np.stack(rows))
""",
            good="""\
from multiprocessing import Pool

import numpy as np

with Pool(4) as pool:
    rows = sorted(pool.imap_unordered(np.load, ["a.npy", "b.npy"]), key=len)
np.save("rows.npy", np.stack(rows))
""",
            fixes=False,
        ),
    ),
)
