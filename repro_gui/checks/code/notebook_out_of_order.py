"""The cells of each notebook were run from top to bottom.

Jupyter numbers the runs of cells. Where these numbers fall on the way down, what a cell shows came from another order than the
one in which anybody else will run it.

## Why it matters
Run from top to bottom the notebook gives other numbers, or stops at a name that only a later cell defines. A study of a million
notebooks found that only one in four ran through, and one in twenty-five gave the same results.

## How to fix it
*Restart kernel and run all cells*, then save. The button clears outputs and counts instead: the code stays, and nothing is shown any
more that this order did not give. Everything else in the file stays byte for byte.

## When to leave it
When the notebook is a note and no result is taken from it.

## References
- Pimentel and others, "A large-scale study about quality and reproducibility of Jupyter notebooks", MSR 2019
"""

from __future__ import annotations

import json
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
    Sketch,
    Weight,
)
from repro_gui.facts.lookup import Answers
from repro_gui.facts.notebook_edits import without_outputs
from repro_gui.facts.notebooks import Notebook, Notebooks
from repro_gui.location import Location
from repro_gui.text import text


def find(notebooks: Notebooks) -> Iterator[Observation]:
    """One finding for each notebook whose counts do not rise, with the cells at which they fall."""
    if not notebooks.notebooks:
        yield NotApplicable(text("The project has no notebooks."))
    for notebook in notebooks.notebooks:
        if notebook.not_read is not None:
            wording = "{path} cannot be read. {reason}"
            yield CannotTell(text(wording, path=notebook.path, reason=str(notebook.not_read)), Location(notebook.path))
        else:
            yield _observed(notebook)


def _observed(notebook: Notebook) -> Observation:
    path, place = notebook.path, Location(notebook.path)
    code = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.kind == "code" and not cell.is_empty]
    run = [(index, cell.execution_count) for index, cell in code if cell.execution_count]
    if not run:
        if any(cell.has_outputs for _, cell in code):
            wording = "{path} has outputs, but no counts that tell in which order its cells were run."
            return CannotTell(text(wording, path=path), place)
        return Evidence(text("{path} holds no outputs of a run.", path=path), place)
    falls: list[Place] = []
    highest = 0
    for index, count in run:
        if count <= highest:
            wording = "run as number {count}, below a cell that was run as number {highest}"
            falls.append(Place(text(wording, count=count, highest=highest), Location(path, cell=index)))
        highest = max(highest, count)
    values: dict[str, str | int | float | bool | None] = {
        "run": len(run),
        "not_run": len(code) - len(run),
        "falls": len(falls),
    }
    if falls:
        wording = "{count} {count:cell|cells} of {path} {count:was|were} not run in the order of the page."
        what = text(wording, count=len(falls), path=path)
        return Finding(what, falls[0].location, expression="order", cause=path, places=tuple(falls), values=values)
    if [count for _, count in run] != list(range(1, len(run) + 1)):
        wording = "{path} was run from top to bottom, but numbers are missing: cells were run again or taken out."
        return Evidence(text(wording, path=path), place, values)
    return Evidence(text("{path} was run from top to bottom.", path=path), place, values)


def plan_fix(finding: Finding, answers: Answers) -> ChangeSet:
    """Clear the outputs and counts of the notebook."""
    assert finding.location is not None
    path = finding.location.path
    before = answers.file(path)
    after = without_outputs(before, path)
    return ChangeSet(
        text("Clear outputs and counts of {path}", path=path),
        CHECK.id,
        (FileChange(path, before, after),),
        notes=(text("Figures and tables that only this notebook shows are gone from it until it is run again."),),
    )


def _notebook(*counts: int | None) -> str:
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": count,
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["1\n"]}] if count else [],
            "source": ["print(1)"],
        }
        for count in counts
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


CHECK = Check(
    id="notebook-out-of-order",
    pillar=Pillar.CODE,
    weight=Weight.SHOULD,
    title="Notebooks were run from top to bottom",
    failure_title="Notebooks were run in another order than they stand",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Clear outputs and counts", plan_fix),
    examples=(
        Example(
            bad=Sketch({"look.ipynb": _notebook(3, 1, None, 2)}),
            good=Sketch({"look.ipynb": _notebook(None, None, None, None)}),
        ),
    ),
)
