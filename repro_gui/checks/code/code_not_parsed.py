"""Some sources could not be read as Python, so what they do is not known here.

## Why it matters
The audit follows the program through its sources. One in another encoding, in Python 2, in a newer syntax or cut off is a gap:
what it seeds, reads or imports is unknown, and answers that lead through it are "cannot tell".

## How to fix it
Save the file as UTF-8; run `2to3` or rewrite `print` statements; finish what is half written. A cell of a notebook in another
language gets the magic of that language (`%%bash`).

## When to leave it
When nothing that makes results uses the file: a template, an exercise to be completed, an example of what not to write.

## References
- [PEP 263](https://peps.python.org/pep-0263/): the encoding of Python sources
- [Porting Python 2 code](https://docs.python.org/3/howto/pyporting.html)
"""

from __future__ import annotations

from collections.abc import Iterator

from repro_gui.checks.check import (
    Check,
    Evidence,
    Example,
    Finding,
    NotApplicable,
    Observation,
    Pillar,
    Sketch,
    Weight,
)
from repro_gui.facts.notebooks import Notebooks
from repro_gui.facts.program import Program
from repro_gui.facts.sources import ModuleSummary, NotParsed, PythonSources
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location
from repro_gui.text import Text, text


def find(sources: PythonSources, notebooks: Notebooks, program: Program | Unavailable) -> Iterator[Observation]:
    """One finding for each source, notebook or cell that was not read, with the reason and the line."""
    count = 0
    for module in sources.modules:
        if module.not_parsed is None:
            count += 1
        elif "{{" in module.path:
            yield Evidence(text("{path} is a template, not a source.", path=module.path), Location(module.path))
        else:
            yield _gap(module, module.not_parsed, program)
    for notebook in notebooks.notebooks:
        if notebook.not_read is not None:
            yield _finding(Location(notebook.path), notebook.not_read, program, picked=False)
        elif notebook.module is None:
            wording = "{path} runs in a kernel for {language}, which is not followed."
            yield Evidence(text(wording, path=notebook.path, language=notebook.language), Location(notebook.path))
        elif notebook.module.not_parsed is not None:
            yield _gap(notebook.module, notebook.module.not_parsed, program)
        else:
            count += 1
            for cell, why in notebook.module.broken_cells:
                place = Location(notebook.path, why.line, cell=cell)
                yield _finding(place, why.reason, program, picked=False)
    if not sources.modules and not notebooks.notebooks:
        yield NotApplicable(text("There is no Python source in the project."))
    else:
        yield Evidence(
            text("{count} {count:source or notebook was|sources and notebooks were} read.", count=count),
            values={"sources": count},
        )


def _gap(module: ModuleSummary, why: NotParsed, program: Program | Unavailable) -> Finding:
    return _finding(Location(module.path, why.line), why.reason, program, picked=module.is_evidence_only)


def _finding(place: Location, reason: Text, program: Program | Unavailable, *, picked: bool) -> Finding:
    is_reached = isinstance(program, Program) and place.path in program.reached
    wording = "A cell of {path} was not read. {reason}" if place.cell >= 0 else "{path} was not read. {reason}"
    if picked:
        wording = "{path} was only picked through for imports and calls. {reason}"
    return Finding(
        text(wording, path=place.path, reason=str(reason)),
        place,
        expression=f"cell {place.cell}" if place.cell >= 0 else "source",
        cause=place.path,
        values={"reason": str(reason), "is_reached": is_reached, "is_picked_through": picked},
    )


CHECK = Check(
    id="code-not-parsed",
    pillar=Pillar.CODE,
    weight=Weight.ADVICE,
    title="Every source could be read",
    failure_title="Sources could not be read",
    explanation=__doc__ or "",
    find=find,
    examples=(
        Example(bad="print 'training'\n", good="print('training')\n"),
        Example(
            bad=Sketch({"a.py": "x = 1\n", "b.py": "def f(:\n"}), good=Sketch({"a.py": "x = 1\n", "b.py": "y = 2\n"})
        ),
    ),
)
