"""Which Python the project means, from everything that names one."""

from __future__ import annotations

import re

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from repro_gui.facts.environment import Environment
from repro_gui.facts.installed import InstalledEnvironment
from repro_gui.facts.known_packages import SystemPackages
from repro_gui.text import Text, text

# The files that choose a Python, before those that only use one.
_ORDER = (
    ".python-version",
    ".tool-versions",
    "runtime.txt",
    "python_env.yaml",
    "conda",
    "Pipfile",
    "requires-python",
    "lock",
    "image",
    "ci",
)


class PythonChoice(msgspec.Struct, frozen=True):
    """A patch release and where it comes from; `is_guess` when the project names no patch release itself."""

    version: str
    why: Text
    is_guess: bool = False


def named_python(environment: Environment) -> str:
    """The most exact Python version that a file names (`3.11.4`, else `3.11`), empty when none does."""
    named = [version for version in environment.python_versions if version.version.count(".") and not version.is_tested]
    named.sort(key=lambda version: (-version.version.count("."), _rank(version.kind), version.location))
    return named[0].version if named else ""


def choose_python(environment: Environment, known: SystemPackages) -> PythonChoice | None:
    """The patch release to build with; None when neither a file nor an environment tells."""
    named = named_python(environment)
    installed = environment.installed
    here = installed.python if isinstance(installed, InstalledEnvironment) else ""
    if named.count(".") >= 2:
        return PythonChoice(named, text("The project names Python {version}.", version=named))
    if here.count(".") >= 2 and (not named or here.startswith(f"{named}.")) and _admits(environment, here):
        label = installed.interpreter.label if isinstance(installed, InstalledEnvironment) else ""
        return PythonChoice(
            here, text("Python {version} is in the project's environment ({label}).", version=here, label=label)
        )
    minor = named or _only_minor(environment)
    release = known.release(minor) if minor else None
    if release is None:
        return None
    return PythonChoice(
        release.patch,
        text("The project names Python {minor}; {patch} was taken.", minor=minor, patch=release.patch),
        is_guess=True,
    )


def python_to_resolve_for(environment: Environment) -> str:
    """The version that requirements are resolved for: the named one, the installed one, the lowest admitted; else empty."""
    named = named_python(environment)
    if named:
        return named
    if isinstance(environment.installed, InstalledEnvironment) and environment.installed.python:
        return environment.installed.python
    lowest = (
        re.search(r">=\s*(3\.\d+)", version.written) for version in environment.python_versions if version.is_range
    )
    return next((found[1] for found in lowest if found), "")


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def _admits(environment: Environment, version: str) -> bool:
    """True unless a `requires-python` says otherwise; what cannot be read does not decide."""
    for named in environment.python_versions:
        if named.is_range:
            try:
                if version not in SpecifierSet(named.written):
                    return False
            except InvalidSpecifier:
                continue
    return True


def _only_minor(environment: Environment) -> str:
    """A range that admits a single minor release (`>=3.11,<3.12`, `~=3.11.0`)."""
    for named in environment.python_versions:
        if named.is_range:
            try:
                specifier = SpecifierSet(named.written)
            except InvalidSpecifier:
                continue
            # .99 stands for "any patch release".
            admitted = [f"3.{minor}" for minor in range(6, 30) if f"3.{minor}.99" in specifier]
            if len(admitted) == 1:
                return admitted[0]
    return ""
