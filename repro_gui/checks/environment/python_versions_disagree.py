"""All files mean the same Python.

## Why it matters
When `.python-version` says 3.10 and the Dockerfile says 3.12, some people run one and some the other, with other versions of
every package behind it.

## How to fix it
Decide which one made the results, and write it everywhere: `.python-version`, `requires-python`, the conda file, the base image,
the continuous integration.

## When to leave it
Several versions in a test matrix are meant: they are listed as evidence and never judged. Folders with programs and a list of
their own are projects of their own, and are not compared with each other.

## References
- PEP 621, `requires-python`; PEP 440, “Version specifiers”.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from repro_gui.checks.check import (
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
from repro_gui.facts.dependencies import PythonVersion
from repro_gui.facts.environment import Environment
from repro_gui.facts.program import Program
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text


def find(environment: Environment, program: Program | Unavailable) -> Iterator[Observation]:
    named = [
        version
        for version in environment.python_versions
        if version.version.count(".") and not version.is_tested and not version.is_range
    ]
    ranges = [version for version in environment.python_versions if version.is_range]
    if len(named) + len(ranges) < 2:
        yield NotApplicable(text("At most one file names a Python version."))
        return
    for version in (*named, *ranges):
        yield Evidence(text("{kind}: {written}", kind=version.kind, written=version.written), version.location)
    own = _own_projects(environment, program)
    for folder in dict.fromkeys(_project_of(version, own) for version in named):
        here = [version for version in named if _project_of(version, own) == folder]
        # The file that says most counts as what is meant; the others are compared with it.
        meant = max(
            here, key=lambda version: (version.kind == ".python-version", version.is_exact, version.kind != "ci")
        )
        for other in here:
            if not _agree(meant.version, other.version):
                yield _finding(meant, other)
        for limit in ranges:
            if _project_of(limit, own) == folder and not _is_admitted(meant.version, limit.written):
                yield _finding(meant, limit)


def _own_projects(environment: Environment, program: Program | Unavailable) -> frozenset[str]:
    """Folders with programs and a list or lock of their own: each runs in an environment of its own."""
    if isinstance(program, Unavailable):
        return frozenset()
    with_lists = {posixpath.dirname(file.path) for file in (*environment.lists, *environment.locks)}
    return frozenset(with_lists & {posixpath.dirname(path) for path in program.modules} - {""})


def _project_of(version: PythonVersion, own: frozenset[str]) -> str:
    folder = posixpath.dirname(version.location.path)
    while folder and folder not in own:
        folder = posixpath.dirname(folder)
    return folder


def _agree(one: str, other: str) -> bool:
    """3.11 and 3.11.4 agree, 3.11.4 and 3.11.9 do not."""
    first, second = one.split("."), other.split(".")
    shared = min(len(first), len(second))
    return first[:shared] == second[:shared]


def _is_admitted(version: str, written: str) -> bool:
    try:
        specifier = SpecifierSet(written)
    except InvalidSpecifier:
        # Poetry's `^3.10` and `~3.10`.
        lowest = written.lstrip("^~ ")
        return not written.startswith(("^", "~")) or _at_least(version, lowest)
    # A minor release is admitted when any of its patch releases is.
    candidates = [version] if version.count(".") >= 2 else [f"{version}.{patch}" for patch in range(40)]
    return any(specifier.contains(candidate, prereleases=True) for candidate in candidates)


def _at_least(version: str, lowest: str) -> bool:
    numbers = [[int(part) for part in item.split(".") if part.isdigit()] for item in (version, lowest)]
    shared = min(map(len, numbers))
    return numbers[0][:shared] >= numbers[1][:shared]


def _finding(meant: PythonVersion, other: PythonVersion) -> Finding:
    is_patch_only = other.version.split(".")[:2] == meant.version.split(".")[:2]
    weight = Weight.ADVICE if is_patch_only else Weight.SHOULD if other.kind == "ci" else None
    return Finding(
        text(
            "{kind} says {written}, but {other} says {meant}.",
            kind=other.kind,
            written=other.written,
            other=meant.kind,
            meant=meant.written,
        ),
        other.location,
        expression=other.kind,
        cause=meant.version,
        weight=weight,
        places=(Place(text("named here"), meant.location),),
        values={"version": other.version, "meant": meant.version},
    )


CHECK = Check(
    id="python-versions-disagree",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.MUST,
    title="All files mean the same Python",
    failure_title="Files name different Python versions",
    explanation=__doc__,
    find=find,
    examples=(
        Example(
            bad=Sketch({".python-version": "3.11.9\n", "Dockerfile": "FROM python:3.10.14-slim-bookworm\n"}),
            good=Sketch({".python-version": "3.11.9\n", "Dockerfile": "FROM python:3.11.9-slim-bookworm\n"}),
            fixes=False,
        ),
    ),
)
