"""Builds of their own index name that index.

## Why it matters
`torch==2.3.1+cu121` is not on the Python Package Index: only torch's own index serves it. Without that address the
installation fails everywhere but here.

## How to fix it
Add the index as a line of its own: `--extra-index-url https://download.pytorch.org/whl/cu121`. Repro GUI knows the public
indexes of torch and of PyTorch Geometric.

## When to leave it
Where an index of your organisation serves the build, name it in the installation guide: it does not belong into the file.

## References
- PEP 440, “Local version identifiers”.
- PyTorch documentation, “Previous versions”.
"""

from __future__ import annotations

from collections.abc import Iterator

from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.checks.check import (
    Check,
    Effort,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.config_edits import add_index
from repro_gui.facts.dependencies import FileFormat, Pin, Requirement
from repro_gui.facts.environment import Environment
from repro_gui.facts.freeze import public_index_of
from repro_gui.facts.lookup import Answers
from repro_gui.text import text


def find(environment: Environment) -> Iterator[Observation]:
    entries = [
        entry
        for entry in (*environment.requirements, *environment.container_requirements)
        if entry.pin is Pin.EXACT and "+" in entry.version and not entry.is_conda
    ]
    if not entries:
        yield NotApplicable(text("No entry names a build of an index of its own."))
    for entry in entries:
        if _has_index(entry, environment):
            yield Evidence(text("{entry} has its index.", entry=entry.written), entry.location)
        else:
            yield Finding(
                text("`{entry}` is a build that the Python Package Index does not have.", entry=entry.written),
                entry.location,
                symbol=entry.group,
                expression=entry.written,
                values={"name": entry.name, "version": entry.version},
            )


def _has_index(entry: Requirement, environment: Environment) -> bool:
    """True when the same file, or one that includes it, names an index beside PyPI."""
    paths = {entry.location.path}
    while True:
        more = {file.path for file in environment.files if any(item.path in paths for item in file.includes)} - paths
        if not more:
            break
        paths |= more
    known = public_index_of(entry.name, entry.version).partition(" ")[2]
    for path in paths:
        for option in environment.by_path[path].indexes if path in environment.by_path else ():
            # An index that is somebody's own may well have it; torch's index has only the build in its address.
            if not option.is_public or not known or option.public_url.rstrip("/") == known.rstrip("/"):
                return True
    return False


def plan_fix(finding: Finding, environment: Environment, answers: Answers) -> ChangeSet:
    assert finding.location is not None
    path = finding.location.path
    name, version = str(finding.values["name"]), str(finding.values["version"])
    option = public_index_of(name, version)
    if not option:
        raise CannotPlan(
            text("No public index is known here for {name} {version}.", name=name, version=version),
            text("Add the address it came from by hand, if others may know it."),
        )
    file = environment.by_path.get(path)
    if file is None or file.format is not FileFormat.REQUIREMENTS:
        raise CannotPlan(
            text("{path} has its own way to name an index.", path=path),
            text("Add {option} in the way of this file's tool.", option=option.partition(" ")[2]),
        )
    before = answers.file(path)
    after = add_index(before, path, option, f"{name} {version}")
    return ChangeSet(text("Name the index of {name}", name=name), CHECK.id, files=(FileChange(path, before, after),))


CHECK = Check(
    id="local-version-without-index",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.SHOULD,
    title="Builds of their own index name that index",
    failure_title="A build is pinned without the index that serves it",
    explanation=__doc__,
    find=find,
    fix=Fix("Add the public index", plan_fix, Safety.SAFE, Effort.SECONDS),
    examples=(
        Example(
            bad=Sketch({"requirements.txt": "torch==2.3.1+cu121\n"}),
            good=Sketch(
                {
                    "requirements.txt": "# Only this public index has torch 2.3.1+cu121.\n"
                    "--extra-index-url https://download.pytorch.org/whl/cu121\ntorch==2.3.1+cu121\n"
                }
            ),
        ),
    ),
)
