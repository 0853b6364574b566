"""The pinned versions exist for the pinned Python.

## Why it matters
A wheel is built for certain releases of Python. Where a lock names a version that has none for the Python of the project, whoever
installs it compiles it from source, with whatever compiler and libraries are there, or cannot install it at all.

## How to fix it
Choose a version of the package that has wheels for this Python, and lock again; or name the Python that the lock was made with in
`.python-version`. What is judged is what the lock itself says (names of wheels, `requires-python`); no index is asked.

## When to leave it
When you build the package yourself and keep the wheel, or when only a platform that is not yours lacks it.

## References
- PyPA specifications, “Platform compatibility tags” and “Binary distribution format”.
- PyPA specifications, “Core metadata: Requires-Python”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

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
    Place,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, LockedPackage, PythonVersion
from repro_gui.facts.environment import Environment
from repro_gui.facts.pin_status import is_tool, lists_of_lock
from repro_gui.facts.wheel_tags import is_built_for, pythons_of
from repro_gui.location import Location
from repro_gui.text import text

# `py310h5f9d8c6_0`, `np119py38_1`, `py3.8_cuda11.1_cudnn8.0.5_0`: the Python that a conda build is for.
_CONDA_BUILD = re.compile(r"py(?P<major>[23])\.?(?P<minor>\d{1,2})(?=[_h]|$)")


class _Meant(msgspec.Struct, frozen=True):
    """The Python that a project means, and where it says so (None: that of its environment)."""

    python: str
    location: Location | None = None


def find(environment: Environment) -> Iterator[Observation]:
    judged = 0
    for lock in environment.locks:
        packages = _always_installed(environment, lock)
        meant = _meant_beside(environment, lock)
        if meant is None or not packages:
            continue
        judged += 1
        unsuitable = list(_unsuitable(lock, packages, meant))
        yield from unsuitable
        if not unsuitable:
            yield Evidence(
                text(
                    "{lock}: what it always installs exists for Python {python}.", lock=lock.path, python=meant.python
                ),
                Location(lock.path),
                {"packages": len(packages), "python": meant.python},
            )
    for file in environment.lists:
        if file.format is FileFormat.CONDA and any(entry.revision for entry in file.requirements):
            judged += 1
            yield from _conda_builds(file)
    if not judged:
        yield NotApplicable(text("No lock here says for which Python its packages are built."))


def _meant_beside(environment: Environment, lock: EnvironmentFile) -> _Meant | None:
    """The Python named nearest to the lock, by its folder or one above; else that of the project's environment."""
    folder = lock.path.rpartition("/")[0]
    named: list[PythonVersion] = []
    for version in environment.python_versions:
        here = version.location.path.rpartition("/")[0]
        is_near = here in {"", folder} or folder.startswith(f"{here}/")
        if is_near and version.version.count(".") and not version.is_tested and version.kind not in {"ci", "image"}:
            named.append(version)
    if named:
        best = min(
            named, key=lambda one: (-one.location.path.count("/"), one.kind != ".python-version", not one.is_exact)
        )
        return _Meant(best.version, best.location)
    here = getattr(environment.installed, "python", "")
    return _Meant(here) if here.count(".") else None


def _always_installed(environment: Environment, lock: EnvironmentFile) -> dict[str, list[LockedPackage]]:
    """Locked packages by name that the program needs on every platform, as far as the lock says for which Python they are."""
    by_name: dict[str, list[LockedPackage]] = {}
    for package in lock.locked:
        by_name.setdefault(package.name, []).append(package)
    lists = lists_of_lock(environment, lock)
    pending = [
        entry.name
        for file in lists
        for entry in file.requirements
        if not (entry.marker or entry.group or is_tool(entry))
    ]
    if not lists:
        pending = list(by_name)
    found: dict[str, list[LockedPackage]] = {}
    while pending:
        name = pending.pop()
        versions = by_name.get(name, [])
        if name in found or not versions or any(package.is_conditional for package in versions):
            continue
        found[name] = versions
        pending += [required for package in versions for required in package.requires]
    return {
        name: versions
        for name, versions in found.items()
        if any(package.source == "index" and (package.tags or package.python) for package in versions)
    }


def _unsuitable(lock: EnvironmentFile, packages: dict[str, list[LockedPackage]], meant: _Meant) -> Iterator[Finding]:
    for name in sorted(packages):
        versions = packages[name]
        if any(_suits(package, meant.python) for package in versions):
            continue
        package = versions[0]
        values: dict[str, str | int | float | bool | None] = {
            "name": name,
            "version": package.version,
            "python": meant.python,
            "requires_python": package.python,
        }
        weight = None
        if not _is_allowed(package.python, meant.python):
            what = text(
                "{name} {version} is for Python {allowed}, and the project means {python}.",
                name=name,
                version=package.version,
                allowed=package.python,
                python=meant.python,
            )
        elif package.has_source:
            weight = Weight.ADVICE
            what = text(
                "{name} {version} has no wheel for Python {python}: it will be built from source.",
                name=name,
                version=package.version,
                python=meant.python,
            )
        else:
            what = text(
                "{name} {version} cannot be installed in Python {python}: its wheels are for {pythons}.",
                name=name,
                version=package.version,
                python=meant.python,
                pythons=", ".join(pythons_of(package.tags)) or ", ".join(package.tags),
            )
        places = (Place(text("Python is named here"), meant.location),) if meant.location else ()
        yield Finding(
            what,
            Location(lock.path, package.line),
            expression=name,
            # A lock made for another Python is one thing to mend, however many packages tell of it.
            cause=f"{lock.path}:{what.template}",
            weight=weight,
            places=places,
            values=values,
        )


def _suits(package: LockedPackage, python: str) -> bool:
    """True when nothing in the lock speaks against it: a source alone is how some packages are always installed."""
    return _is_allowed(package.python, python) and (not package.tags or is_built_for(package.tags, python))


def _is_allowed(written: str, python: str) -> bool:
    try:
        specifier = SpecifierSet(written)
    except InvalidSpecifier:
        # Poetry's own dialect, and what nobody can read, decide nothing.
        return True
    # A minor release is allowed when any of its patch releases is.
    candidates = [python] if python.count(".") >= 2 else [f"{python}.{patch}" for patch in range(40)]
    return any(specifier.contains(candidate, prereleases=True) for candidate in candidates)


def _conda_builds(file: EnvironmentFile) -> Iterator[Observation]:
    named = next((version for version in file.python_versions if version.version.count(".")), None)
    if named is None:
        return
    meant = ".".join(named.version.split(".")[:2])
    for entry in file.requirements:
        build = _CONDA_BUILD.search(entry.revision) if entry.is_conda else None
        if build is not None and f"{build['major']}.{build['minor']}" != meant:
            yield Finding(
                text(
                    "The build {build} of {name} is for Python {built}, and the file names {python}.",
                    build=entry.revision,
                    name=entry.name,
                    built=f"{build['major']}.{build['minor']}",
                    python=named.version,
                ),
                entry.location,
                expression=entry.name,
                places=(Place(text("Python is named here"), named.location),),
                values={"name": entry.name, "version": entry.version, "python": named.version},
            )


_LIST = '[project]\nname = "x"\nversion = "0"\nrequires-python = ">=3.9"\ndependencies = ["numpy"]\n'
_LOCK = (
    'version = 1\nrequires-python = ">=3.9"\n\n[[package]]\nname = "numpy"\nversion = "1.26.4"\n'
    'source = {{ registry = "https://index.example.org/simple" }}\nwheels = [\n'
    '    {{ url = "https://files.example.org/numpy-1.26.4-{tag}-{tag}-manylinux_2_17_x86_64.whl", hash = "sha256:aa" }},\n]\n'
)

CHECK = Check(
    id="unsuitable-pin",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.SHOULD,
    title="Pinned versions exist for the pinned Python",
    failure_title="A pinned version has no build for the pinned Python",
    explanation=__doc__,
    find=find,
    fix=Fix("Choose versions that fit this Python", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad=Sketch(
                {".python-version": "3.13.1\n", "pyproject.toml": _LIST, "uv.lock": _LOCK.format(tag="cp312")},
            ),
            good=Sketch(
                {".python-version": "3.12.8\n", "pyproject.toml": _LIST, "uv.lock": _LOCK.format(tag="cp312")},
            ),
            fixes=False,
        ),
        Example(
            bad=Sketch({"environment.yml": "dependencies:\n  - python=3.11.9\n  - numpy=1.26.4=py310hb13e2d6_0\n"}),
            good=Sketch({"environment.yml": "dependencies:\n  - python=3.11.9\n  - numpy=1.26.4=py311h64a7726_0\n"}),
            fixes=False,
        ),
    ),
)
