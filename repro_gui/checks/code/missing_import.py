"""Every module that the project imports from itself is there.

## Why it matters
The import names a place in this project, a relative one or one below a package that is here, and nothing is there. The program
stops with an import error as soon as that line runs; usually a file was renamed, or never left the machine on which it was
written.

## How to fix it
Add the module, or change the import to where its code is now. When a tool makes the file, let the README or a stage of the
pipeline run that tool. `git log --all --diff-filter=D --name-only` finds files that were deleted.

## When to leave it
When the import stands in code that is never run any more; deleting that code is better still.

## References
- Python, [the import system](https://docs.python.org/3/reference/import.html)
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from repro_gui.checks.check import (
    CannotTell,
    Check,
    Evidence,
    Example,
    Finding,
    NotApplicable,
    Observation,
    Pillar,
    Place,
    Sketch,
    Weight,
)
from repro_gui.facts.git import GitFacts, GitState
from repro_gui.facts.program import ImportPlace, Program
from repro_gui.text import text


def find(program: Program, git: GitFacts) -> Iterator[Observation]:
    """One finding for each missing module; it weighs less where no program that makes results imports it."""
    if not program.modules:
        yield NotApplicable(text("There is no Python source in the project."))
        return
    for module in program.modules.values():
        if module.not_parsed is not None and not module.is_evidence_only and module.path in program.reached:
            reason = text("What {path} imports is not known: it could not be read.", path=module.path)
            yield CannotTell(reason, None)
    missing: dict[str, list[ImportPlace]] = {}
    for place in program.missing_imports:
        missing.setdefault(_whole_name(place), []).append(place)
    for name, places in sorted(missing.items()):
        submodule = _absent_submodule(name, git)
        if submodule:
            wording = "{module} may lie in the submodule {path}, which is not checked out."
            yield Evidence(text(wording, module=name, path=submodule), places[0].location)
            continue
        first = next((place for place in places if place.is_reached), places[0])
        yield Finding(
            text("{module} is imported and is nowhere in the project.", module=first.module),
            first.location,
            expression=name,
            cause=name,
            weight=Weight.MUST if first.is_reached else Weight.SHOULD,
            places=tuple(Place(text("imported here"), place.location) for place in places),
            values={"module": name, "is_reached": first.is_reached, "imports": len(places)},
        )
    yield Evidence(
        text("The imports of {count} {count:module|modules} were followed.", count=len(program.modules)),
        values={"modules": len(program.modules)},
    )


def _whole_name(place: ImportPlace) -> str:
    """The module as a path with dots from the project's folder, where the import is relative."""
    dotted = place.module.lstrip(".")
    level = len(place.module) - len(dotted)
    if not level:
        return dotted
    folder = posixpath.dirname(place.path)
    for _ in range(level - 1):
        folder = posixpath.dirname(folder)
    return ".".join(part for part in (folder.replace("/", "."), dotted) if part)


def _absent_submodule(name: str, git: GitFacts) -> str:
    for submodule in git.submodules if isinstance(git, GitState) else ():
        dotted = submodule.path.replace("/", ".")
        if not submodule.checked_out and f"{name}.".startswith(f"{dotted}."):
            return submodule.path
    return ""


_TRAIN = "from net.layers import Layer\nfrom sklearn.svm import SVC\n\nSVC(C=Layer.c).fit([[0], [1]], [0, 1])\n"

CHECK = Check(
    id="missing-import",
    pillar=Pillar.CODE,
    weight=Weight.MUST,
    title="Every imported module of the project is there",
    failure_title="Imported modules of the project are nowhere",
    explanation=__doc__ or "",
    find=find,
    examples=(
        Example(
            bad=Sketch({"train.py": _TRAIN, "net/__init__.py": ""}),
            good=Sketch({"train.py": _TRAIN, "net/__init__.py": "", "net/layers.py": "class Layer:\n    c = 1.0\n"}),
        ),
    ),
)
