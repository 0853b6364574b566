"""The order of a set reaches the run while the hashes of strings differ from process to process.

Python starts every process with another secret for the hashes of strings (`PYTHONHASHSEED` unset), so a set of strings is gone
through in another order each time. Lists, dictionaries and sets of small numbers keep their order.

## Why it matters
Vocabularies numbered in the order of a set, classes mapped to indices, files listed through a set: the same data gets other numbers in
every run, and a saved model no longer fits its own vocabulary.

## How to fix it
Sort where the order begins to matter:

```python
numbers = {word: number for number, word in enumerate(sorted(words))}
```

Setting `PYTHONHASHSEED` inside the program does nothing: it is read when Python starts. The fix puts `sorted(…)` round sets that are
known to hold strings; for others the place is shown, since what is in them may not be comparable.

## When to leave it
When the order cannot reach a result: sums of integers, membership tests, sets of integers.

## References
- Python documentation, `PYTHONHASHSEED` and `object.__hash__`
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
    Observation,
    Pillar,
    Safety,
    Weight,
    own_place,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers
from repro_gui.facts.program import Program
from repro_gui.facts.random_use import random_uses
from repro_gui.facts.set_order import Elements, SetUse, uses_of_sets
from repro_gui.facts.source_edits import edited, wrap_expression
from repro_gui.facts.source_text import SourceText
from repro_gui.location import Location
from repro_gui.text import text


def find(program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    """One finding for each place on the way of a result entry point where the order of a set comes out."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    told: set[Location] = set()
    for use in random_uses(program, knowledge):
        for found in uses_of_sets(use.way):
            if found.location in told:
                continue
            told.add(found.location)
            if found.is_sorted:
                yield Evidence(text("A set is sorted before its order matters."), found.location)
            else:
                yield _finding(found)


def _finding(found: SetUse) -> Finding:
    if found.elements is Elements.STRINGS:
        wording = text("{how} goes through a set of strings in another order in each run.", how=found.how)
    else:
        wording = text("{how} goes through a set; with strings in it the order differs from run to run.", how=found.how)
    return Finding(
        wording,
        found.location,
        symbol=found.symbol,
        expression=f"{found.how}:{found.expression}",
        weight=None if found.elements is Elements.STRINGS else Weight.ADVICE,
        values={"how": found.how, "holds": found.elements.value},
    )


def plan_fix(finding: Finding, answers: Answers) -> ChangeSet:
    """Sort the set where its order comes out."""
    assert finding.location is not None
    path = finding.location.path
    if finding.values.get("holds") != Elements.STRINGS.value:
        raise CannotPlan(
            text("What the set holds is not known, and may not be comparable."),
            text("Put sorted(…) round it by hand, with a key where one is needed."),
        )
    content = answers.file(path)
    source = SourceText(content, path, finding.location.cell)
    after = edited(source, wrap_expression(source, finding.location, "sorted"))
    return ChangeSet(
        text("Sort a set in {path}", path=path),
        CHECK.id,
        (FileChange(path, content, after),),
        effect=text("The order changes once and is then the same in every run."),
    )


CHECK = Check(
    id="unordered-set",
    pillar=Pillar.RANDOMNESS,
    weight=Weight.SHOULD,
    title="No order of a set reaches the run",
    failure_title="The order of a set reaches the run",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Sort the set", plan_fix, Safety.CHANGES_RESULTS, settles=own_place),
    examples=(
        Example(
            bad="""\
import json

words = set(open("text.txt").read().split())
json.dump({word: number for number, word in enumerate(words)}, open("vocabulary.json", "w"))
""",
            good="""\
import json

words = set(open("text.txt").read().split())
json.dump({word: number for number, word in enumerate(sorted(words))}, open("vocabulary.json", "w"))
""",
        ),
        Example(
            bad="""\
import json

labels = list({"cat", "dog"})
json.dump(labels, open("labels.json", "w"))
""",
            good="""\
import json

labels = list(sorted({"cat", "dog"}))
json.dump(labels, open("labels.json", "w"))
""",
        ),
    ),
)
