"""Which version a fix writes: the one that is installed, else the one that is locked, else the one that was resolved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec
from packaging.specifiers import InvalidSpecifier

from repro_gui.errors import CannotPlan
from repro_gui.facts.dependencies import Pin, Requirement
from repro_gui.facts.environment import Environment
from repro_gui.facts.freeze import public_index_of
from repro_gui.facts.git import GitFacts, GitState
from repro_gui.facts.installed import Distribution, InstalledEnvironment
from repro_gui.facts.known_packages import ImportNames
from repro_gui.facts.lookup import Answers, ResolvedLock
from repro_gui.facts.pin_status import admits, lock_covers, pep440_specifier
from repro_gui.facts.python_choice import python_to_resolve_for
from repro_gui.facts.requirements_files import parse_requirements
from repro_gui.text import Text, text


class ChosenVersion(msgspec.Struct, frozen=True):
    """A version (or commit) and where it comes from; `resolved_as_of` is an ISO date for one that nobody has run with."""

    version: str
    why: Text
    commit: str = ""
    resolved_as_of: str = ""
    index: str = ""


def find_installed(entry: Requirement, installed: InstalledEnvironment, names: ImportNames) -> Distribution | None:
    """The installed distribution that an entry of a list means."""
    name = names.distribution_of_conda(entry.name) if entry.is_conda else entry.name
    return installed.by_name.get(name)


def observed_version(entry: Requirement, environment: Environment, names: ImportNames) -> ChosenVersion | None:
    """The version in the project's environment, else in a lock of the project; None when neither has it.

    Raises `CannotPlan` when what is installed cannot be written into a list, or is not what the list allows.
    """
    installed = environment.installed
    if isinstance(installed, InstalledEnvironment):
        if entry.is_conda and entry.name in installed.conda_packages:
            version = installed.conda_packages[entry.name]
            return _allowed(entry, ChosenVersion(version, _installed_text(installed)))
        distribution = find_installed(entry, installed, names)
        if distribution is not None:
            return _allowed(entry, _of_distribution(distribution, installed))
    for lock, package in environment.locked.get(entry.name, ()):
        if (
            package.source in {"index", "conda"}
            and package.version
            and lock_covers(environment, lock, entry.location.path)
        ):
            why = text("{lock} has this version.", lock=lock.path)
            return ChosenVersion(package.version, why, index=public_index_of(package.name, package.version))
    return None


def _installed_text(installed: InstalledEnvironment) -> Text:
    return text("This version is installed in {label}.", label=installed.interpreter.label)


def _of_distribution(distribution: Distribution, installed: InstalledEnvironment) -> ChosenVersion:
    if not distribution.is_valid:
        raise CannotPlan(
            text("The installed {name} has no valid version in its metadata.", name=distribution.name),
            text("Install it again, then audit again."),
        )
    if distribution.source == "git" and distribution.commit:
        return ChosenVersion(distribution.version, _installed_text(installed), commit=distribution.commit)
    if distribution.source in {"local", "archive", "git"}:
        raise CannotPlan(
            text("The installed {name} does not come from an index: no version stands for it.", name=distribution.name),
            text("Name the repository and commit it comes from."),
        )
    index = public_index_of(distribution.name, distribution.version)
    return ChosenVersion(distribution.version, _installed_text(installed), index=index)


def _allowed(entry: Requirement, chosen: ChosenVersion) -> ChosenVersion:
    if admits(entry, chosen.version):
        return chosen
    raise CannotPlan(
        text(
            "{version} of {name} is installed, which {path} does not allow.",
            version=chosen.version,
            name=entry.name,
            path=entry.location.path,
        ),
        text("Install what the list asks for, or change the list, then audit again."),
    )


def resolution(environment: Environment, git: GitFacts, wanted: Iterable[str]) -> ResolvedLock | None:
    """The request for versions as of the last commit; None without a commit, whose date would be missing."""
    if not isinstance(git, GitState) or not git.head_date:
        return None
    lines = tuple(sorted(set(wanted)))
    if not lines:
        return None
    moment = dt.datetime.fromtimestamp(git.head_date, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ResolvedLock(lines, python_to_resolve_for(environment), exclude_newer=moment, hashes=False)


def lines_to_resolve(environment: Environment, names: ImportNames) -> list[str]:
    """Every declared entry that comes from an index, as PEP 508 lines."""
    lines = []
    for entry in environment.requirements:
        if not entry.name or entry.pin in {Pin.LOCAL, Pin.MOVING, Pin.COMMIT, Pin.ARCHIVE} or entry.is_development:
            continue
        name = names.distribution_of_conda(entry.name) if entry.is_conda else entry.name
        extras = f"[{','.join(entry.extras)}]" if entry.extras else ""
        try:
            specifier = pep440_specifier(entry)
        except InvalidSpecifier:
            specifier = ""
        marker = f" ; {entry.marker}" if entry.marker and not entry.is_conda else ""
        lines.append(f"{name}{extras}{specifier}{marker}")
    return lines


def resolved_versions(answers: Answers, request: ResolvedLock) -> dict[str, ChosenVersion]:
    """The answer to a resolution, by name; raises `CannotPlan` with its reason when there is none."""
    content = answers.get(request)
    assert isinstance(content, bytes)
    day = request.exclude_newer[:10]
    why = text("Resolved as of {date}, not observed.", date=day)
    read = parse_requirements("resolved.txt", content)
    return {
        entry.name: ChosenVersion(entry.version, why, resolved_as_of=day)
        for entry in read.requirements
        if entry.pin is Pin.EXACT
    }
