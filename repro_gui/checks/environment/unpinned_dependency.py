"""Every package is pinned to one version.

## Why it matters
`numpy>=1.20` means another NumPy every few months. Defaults change, algorithms are rewritten, numbers move: the same code
then gives other results, and nobody has changed a line.

## How to fix it
Pin each entry with `==` to the version that the project runs with. Repro GUI takes it from the project's environment, else
from a lock, and changes only the version: names, extras, markers, comments and order stay. An entry is fine, too, when a lock
beside its list (`uv.lock`, `poetry.lock`, a compiled requirements file …) fixes it.

## When to leave it
A library that others install needs ranges in `pyproject.toml`: keep them there, and keep a lock beside it for your own
results. Tools for tests and documentation matter little; they are shown as advice.

## References
- PEP 440, “Version specifiers”; PEP 508.
- pip documentation, “Repeatable installs”.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import cast

from repro_gui.changes.change_set import ChangeSet, FileChange
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
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.chosen_version import (
    ChosenVersion,
    lines_to_resolve,
    observed_version,
    resolution,
    resolved_versions,
)
from repro_gui.facts.config_edits import add_comment, add_index, parsed_file, pin_commit, pin_requirement
from repro_gui.facts.dependencies import FileFormat, Pin, Requirement
from repro_gui.facts.environment import Environment, missing_includes
from repro_gui.facts.freeze import RESOLVED_COMMENT
from repro_gui.facts.git import GitFacts
from repro_gui.facts.installed import InstalledEnvironment
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_packages import ImportNames
from repro_gui.facts.lookup import Answers, FileContent, Lookup, ResolvedLock
from repro_gui.facts.pin_status import PinStatus, is_tool, pin_statuses
from repro_gui.location import Location
from repro_gui.text import Text, text


def find(environment: Environment, knowledge: Knowledge) -> Iterator[Observation]:
    if not environment.lists and not environment.container_requirements:
        if environment.locks:
            yield from (CannotTell(unread.reason, unread.location) for unread in environment.unread)
            return
        yield NotApplicable(text("No file lists packages."))
        return
    for status in pin_statuses(environment, knowledge.import_names):
        if status.is_fixed:
            yield _evidence(status)
        # A repository without a commit is the question of moving-git-dependency.
        elif status.requirement.pin is not Pin.MOVING:
            yield _finding(status.requirement, knowledge.import_names)
    for file in environment.lists:
        yield from (CannotTell(unread.reason, unread.location) for unread in file.unread)
    missing = missing_includes(environment.files)
    for file in environment.files:
        for include in file.includes:
            if include.path in missing:
                yield CannotTell(
                    text("{file} names {path}, which is not there.", file=file.path, path=include.path),
                    include.location,
                )


def _evidence(status: PinStatus) -> Evidence:
    entry, place = status.requirement, status.place
    values: dict[str, str | int | float | bool | None] = {
        "name": entry.name,
        "version": status.version,
        "by": status.by,
    }
    if status.by == "itself":
        return Evidence(text("{entry} is exact.", entry=entry.written), entry.location, values)
    if status.by == "project":
        return Evidence(text("{entry} is part of the project.", entry=entry.written), entry.location, values)
    assert place is not None
    wording = text(
        "{entry} is fixed to {version} by {place}.", entry=entry.written, version=status.version, place=str(place)
    )
    return Evidence(wording, entry.location, values)


def _finding(entry: Requirement, names: ImportNames) -> Finding:
    weight = None
    if is_tool(entry):
        weight = Weight.ADVICE
    elif entry.pin is Pin.FUZZY:
        weight = Weight.SHOULD
    name = names.distribution_of_conda(entry.name) if entry.is_conda else entry.name
    return Finding(
        _wording(entry),
        entry.location,
        symbol=entry.group,
        expression=entry.written,
        # Lists beside each other name the same package for several tools: one decision, several places.
        cause=f"{posixpath.dirname(entry.location.path)}:{name}" if name else "",
        weight=weight,
        values={"name": entry.name, "pin": entry.pin.value, "specifier": entry.specifier},
    )


def _wording(entry: Requirement) -> Text:
    match entry.pin:
        case Pin.LOCAL:
            return text("`{entry}` is a place that only one machine has.", entry=entry.written)
        case Pin.ANY:
            return text("`{entry}` admits every version.", entry=entry.written)
        case Pin.FUZZY:
            return text("`{entry}` admits every patch release.", entry=entry.written)
        case _:
            return text("`{entry}` admits more than one version.", entry=entry.written)


def lookups(finding: Finding, environment: Environment, knowledge: Knowledge, git: GitFacts) -> Iterable[Lookup]:
    entry = _entry_of(finding, environment)
    if _is_observed(entry, environment, knowledge):
        return (FileContent(entry.location.path),)
    paths, request = _to_resolve(environment, knowledge, git)
    return (*(FileContent(path) for path in paths), *((request,) if request else ()))


def plan_fix(
    finding: Finding, environment: Environment, knowledge: Knowledge, git: GitFacts, answers: Answers
) -> ChangeSet:
    entry = _entry_of(finding, environment)
    chosen = observed_version(entry, environment, knowledge.import_names)
    if chosen is None:
        return _resolve_all(entry, environment, knowledge, git, answers)
    path = entry.location.path
    before = answers.file(path)
    after = pin(before, entry, chosen)
    return ChangeSet(
        text("Pin {name} to {version}", name=entry.name, version=chosen.commit or chosen.version),
        CHECK.id,
        files=(FileChange(path, before, after, reason=chosen.why),),
    )


def pin(content: bytes, entry: Requirement, chosen: ChosenVersion) -> bytes:
    """The file with the entry pinned as chosen, and the public index line that a local version needs."""
    if chosen.commit:
        return pin_commit(content, entry, chosen.commit)
    is_requirements = parsed_file(entry.location.path, content).format is FileFormat.REQUIREMENTS
    if "+" in chosen.version and not (is_requirements and chosen.index):
        raise CannotPlan(
            text("{name} {version} is a build of its own index.", name=entry.name, version=chosen.version),
            text("Name that index beside the pin, in the way of this file's tool."),
        )
    pinned = pin_requirement(content, entry, chosen.version)
    if chosen.index:
        pinned = add_index(pinned, entry.location.path, chosen.index, f"{entry.name} {chosen.version}")
    return pinned


def _resolve_all(
    wanted: Requirement, environment: Environment, knowledge: Knowledge, git: GitFacts, answers: Answers
) -> ChangeSet:
    """Pin everything that is open at once: versions are resolved together or do not fit together."""
    _, request = _to_resolve(environment, knowledge, git)
    if request is None or isinstance(environment.installed, InstalledEnvironment):
        raise CannotPlan(
            text("{name} is not installed in the project's environment.", name=wanted.name),
            text("Install it there, or choose the interpreter that the project runs with."),
        )
    versions = resolved_versions(answers, request)
    files: dict[str, bytes] = {}
    before: dict[str, bytes] = {}
    refused: list[Text] = []
    # From the last entry to the first: places before an edit stay where they are.
    statuses = pin_statuses(environment, knowledge.import_names)
    open_entries = [status.requirement for status in statuses if not status.is_fixed]
    for entry in sorted(open_entries, key=lambda item: item.location, reverse=True):
        name = knowledge.import_names.distribution_of_conda(entry.name) if entry.is_conda else entry.name
        path = entry.location.path
        if name not in versions or entry.pin in {Pin.MOVING, Pin.LOCAL}:
            continue
        before.setdefault(path, answers.file(path))
        try:
            files[path] = pin(files.get(path, before[path]), entry, versions[name])
        except CannotPlan as error:
            refused.append(error.what)
    if not files:
        raise CannotPlan(text("{name} could not be resolved.", name=wanted.name), text("Pin it by hand."))
    day = request.exclude_newer[:10]
    comment = RESOLVED_COMMENT.format(date=day)
    changes = tuple(
        FileChange(path, before[path], add_comment(content, path, comment)) for path, content in sorted(files.items())
    )
    note = text(
        "Versions are resolved as of {date}, the day of the last commit; nobody has run with them yet.", date=day
    )
    return ChangeSet(text("Pin to the versions of {date}", date=day), CHECK.id, files=changes, notes=(note, *refused))


def _is_observed(entry: Requirement, environment: Environment, knowledge: Knowledge) -> bool:
    try:
        return observed_version(entry, environment, knowledge.import_names) is not None
    except CannotPlan:
        return True


def _to_resolve(environment: Environment, knowledge: Knowledge, git: GitFacts) -> tuple[list[str], ResolvedLock | None]:
    """The files with open entries and the request that resolves them all: one for every finding."""
    key = ("to resolve", id(knowledge), id(git))
    if key not in environment.remembered:
        statuses = pin_statuses(environment, knowledge.import_names)
        paths = sorted({status.requirement.location.path for status in statuses if not status.is_fixed})
        request = resolution(environment, git, lines_to_resolve(environment, knowledge.import_names))
        # With what it was made from, so that nothing else gets their numbers.
        environment.remembered[key] = (knowledge, git, paths, request)
    _, _, paths, request = cast(
        "tuple[Knowledge, GitFacts, list[str], ResolvedLock | None]", environment.remembered[key]
    )
    return paths, request


def _package_of(finding: Finding) -> object:
    # A package that one entry pins is pinned for the other entries, too.
    return finding.values["name"]


def _entry_of(finding: Finding, environment: Environment) -> Requirement:
    if "entries by place" not in environment.remembered:
        entries = (*environment.requirements, *environment.container_requirements)
        environment.remembered["entries by place"] = {
            (entry.location, entry.written): entry for entry in reversed(entries)
        }
    by_place = cast("dict[tuple[Location | None, str], Requirement]", environment.remembered["entries by place"])
    entry = by_place.get((finding.location, finding.expression))
    if entry is None:
        raise CannotPlan(
            text("`{entry}` is not there any more.", entry=finding.expression), text("Audit the project again.")
        )
    return entry


_RUNS_WITH = {"python": "3.11.9", "numpy": "1.26.4", "pandas": "2.2.2"}

CHECK = Check(
    id="unpinned-dependency",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.MUST,
    title="Every package is pinned",
    failure_title="A package is not pinned",
    explanation=__doc__,
    find=find,
    fix=Fix("Pin to the installed version", plan_fix, Safety.SAFE, Effort.SECONDS, lookups, settles=_package_of),
    examples=(
        Example(
            bad=Sketch({"requirements.txt": "numpy>=1.20  # arrays\npandas\n"}, installed=_RUNS_WITH),
            good=Sketch({"requirements.txt": "numpy==1.26.4  # arrays\npandas==2.2.2\n"}, installed=_RUNS_WITH),
        ),
        Example(
            bad=Sketch(
                {"pyproject.toml": '[project]\nname = "x"\ndependencies = [\n    "numpy>=1.20",  # arrays\n]\n'},
                installed=_RUNS_WITH,
            ),
            good=Sketch(
                {"pyproject.toml": '[project]\nname = "x"\ndependencies = [\n    "numpy==1.26.4",  # arrays\n]\n'},
                installed=_RUNS_WITH,
            ),
        ),
        Example(
            bad=Sketch({"environment.yml": "dependencies:\n  - python=3.11.9\n  - numpy=1.26\n"}, installed=_RUNS_WITH),
            good=Sketch(
                {"environment.yml": "dependencies:\n  - python=3.11.9\n  - numpy=1.26.4\n"}, installed=_RUNS_WITH
            ),
        ),
    ),
)
