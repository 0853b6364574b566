"""Every package that the program imports is in a list.

## Why it matters
An import that no list names works here only because the package happens to be installed. Elsewhere the program stops with
`ModuleNotFoundError`, or, worse, takes whatever version another package brought along.

## How to fix it
Add the package to the list, with the version that is installed. Import name and package name can differ (`cv2` comes from
`opencv-python`): the project's own environment tells which package provides an import, then a table of well-known ones.
A notebook that installs a package itself (`%pip install`) needs its version there, or better the package in the list.

## When to leave it
An import that is tried and may be missing (`try: import …`) is shown as advice: say in the README what it is for.

## References
- Python Packaging User Guide, “Distribution package vs. import package”.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from packaging.utils import canonicalize_name

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
    Place,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.chosen_version import resolution, resolved_versions
from repro_gui.facts.config_edits import add_comment, add_index, add_requirement
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, Pin, Requirement
from repro_gui.facts.environment import Environment
from repro_gui.facts.freeze import RESOLVED_COMMENT, frozen_line, public_index_of
from repro_gui.facts.git import GitFacts
from repro_gui.facts.image_contents import packages_of_images
from repro_gui.facts.installed import InstalledEnvironment
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.notebook_installs import NotebookInstall, installed_before, notebook_installs
from repro_gui.facts.pin_status import INSTALLERS
from repro_gui.facts.program import ImportPlace, Program
from repro_gui.text import Text, text

_MOST_PLACES = 20
_FIXED = frozenset({Pin.EXACT, Pin.COMMIT, Pin.ARCHIVE})
# What protoc writes: `person.proto` becomes `person_pb2.py`.
_GENERATED = ("_pb2", "_pb2_grpc")
# Tests and documentation: nobody's results come from them.
_ASIDE = re.compile(r"(?:^|/)(?:tests?/|docs?/|conftest\.py$|setup\.py$|test_[^/]*\.py$)")


def find(environment: Environment, program: Program, knowledge: Knowledge) -> Iterator[Observation]:
    if not program.third_party_imports:
        yield NotApplicable(text("The project imports nothing beyond Python's own library."))
        return
    if not environment.lists and not environment.locks and not environment.container_requirements:
        yield NotApplicable(text("No file lists packages."))
        return
    declared = _declared(environment, knowledge)
    unread = [unread for file in environment.lists for unread in file.unread]
    by_notebooks: dict[str, tuple[NotebookInstall, ...]] | None = None
    for name in sorted(program.third_party_imports):
        places = sorted(program.third_party_imports[name], key=_by_place)
        candidates = knowledge.import_names.distributions(name, environment.installed)
        entry = next((declared[candidate] for candidate in candidates if candidate in declared), None)
        if entry is not None:
            wording = text("{name} comes from {package}.", name=name, package=entry.name)
            yield Evidence(wording, entry.location, {"import": name, "package": entry.name})
        elif _is_the_project(candidates, environment) or _is_for_building(candidates, places):
            continue
        elif name.endswith(_GENERATED):
            wording = text("{name} is made by protoc from a .proto file; no package has it.", name=name)
            yield Evidence(wording, places[0].location, {"import": name})
        elif unread:
            wording = text(
                "Whether {name} is declared cannot be told: {reason}.", name=name, reason=str(unread[0].reason)
            )
            yield CannotTell(wording, places[0].location)
        else:
            if by_notebooks is None:
                by_notebooks = notebook_installs(program)
            install = _own_install(places, candidates, by_notebooks)
            if install is not None and install.requirement.pin in _FIXED:
                what = text("{path} installs {entry} itself.", path=install.location.path, entry=_shown(install))
                yield Evidence(what, install.location, {"import": name, "package": install.requirement.name})
            else:
                yield _finding(name, places, candidates, environment, install)


def _own_install(
    places: Sequence[ImportPlace], candidates: Sequence[str], by_notebooks: dict[str, tuple[NotebookInstall, ...]]
) -> NotebookInstall | None:
    """How notebooks get the package themselves, where each one that imports it does, before it imports it."""
    installs = [install for candidate in candidates for install in by_notebooks.get(canonicalize_name(candidate), ())]
    own = [installed_before(tuple(installs), place.location) for place in places if not place.is_optional]
    found = [install for install in own if install is not None]
    if not found or len(found) < len(own):
        return None
    return next((install for install in found if install.requirement.pin not in _FIXED), found[0])


def _shown(install: NotebookInstall) -> str:
    return install.requirement.written or install.requirement.name


def _declared(environment: Environment, knowledge: Knowledge) -> dict[str, Requirement]:
    found: dict[str, Requirement] = {}
    for name, entries in environment.declared.items():
        for entry in entries:
            found.setdefault(name, entry)
            if entry.is_conda:
                found.setdefault(knowledge.import_names.distribution_of_conda(name), entry)
    for entry in packages_of_images(environment):
        found.setdefault(entry.name, entry)
    return found


def _is_the_project(candidates: Sequence[str], environment: Environment) -> bool:
    own = {file.project_name for file in environment.files if file.format is FileFormat.PYPROJECT}
    return candidates[0] in own


def _is_for_building(candidates: Sequence[str], places: Sequence[ImportPlace]) -> bool:
    """What `setup.py` imports comes with the build, not with the program."""
    return candidates[0] in INSTALLERS and all(place.path.rpartition("/")[2] == "setup.py" for place in places)


def _is_aside(place: ImportPlace) -> bool:
    return _ASIDE.search(place.path) is not None


def _by_place(place: ImportPlace) -> tuple[bool, bool, object]:
    """What the results reach first, tried imports last."""
    return (not place.is_reached, place.is_optional, place.location)


def _finding(
    name: str,
    places: list[ImportPlace],
    candidates: Sequence[str],
    environment: Environment,
    install: NotebookInstall | None,
) -> Finding:
    in_lock = next((candidate for candidate in candidates if candidate in environment.locked), "")
    weight: Weight | None = None
    wording = text("{name} is imported, and no list names a package that provides it.", name=name)
    if in_lock:
        weight = Weight.ADVICE
        wording = text("{name} is imported, but {package} stands only in a lock.", name=name, package=in_lock)
    elif all(place.is_optional or _is_aside(place) for place in places) or candidates[0] in INSTALLERS:
        weight = Weight.ADVICE
    elif not any(place.is_reached for place in places):
        weight = Weight.SHOULD
    if install is not None:
        wording = text(
            "{path} installs {entry} itself, in whatever version is there that day; no list names it.",
            path=install.location.path,
            entry=_shown(install),
        )
    # `from a import b, c` is one place.
    lines: dict[tuple[str, int, int], ImportPlace] = {}
    for place in places:
        lines.setdefault((place.path, place.location.cell, place.location.line), place)
    further = tuple(Place(text("also imported here"), place.location) for place in list(lines.values())[1:_MOST_PLACES])
    if install is not None:
        further = (Place(text("installed here"), install.location), *further)
    return Finding(
        wording,
        places[0].location,
        expression=name,
        weight=weight,
        places=further,
        values={"import": name, "package": in_lock or candidates[0]},
    )


def lookups(finding: Finding, environment: Environment, knowledge: Knowledge, git: GitFacts) -> Iterable[Lookup]:
    target = _target(environment)
    request = None
    if not isinstance(environment.installed, InstalledEnvironment):
        request = resolution(environment, git, _known(finding, knowledge))
    return (FileContent(target.path), *((request,) if request else ()))


def plan_fix(
    finding: Finding, environment: Environment, knowledge: Knowledge, git: GitFacts, answers: Answers
) -> ChangeSet:
    target = _target(environment)
    path = target.path
    before = answers.file(path)
    entry, why, index, resolved = _entry(finding, environment, knowledge, git, answers)
    after = add_requirement(before, path, entry)
    if index:
        if target.format is not FileFormat.REQUIREMENTS:
            raise CannotPlan(
                text("{entry} is a build of its own index.", entry=entry),
                text("Add it by hand, with its index, in the way of this file's tool."),
            )
        after = add_index(after, path, index, entry)
    if resolved:
        after = add_comment(after, path, RESOLVED_COMMENT.format(date=resolved))
    return ChangeSet(text("Add {entry}", entry=entry), CHECK.id, files=(FileChange(path, before, after, reason=why),))


def _entry(
    finding: Finding, environment: Environment, knowledge: Knowledge, git: GitFacts, answers: Answers
) -> tuple[str, Text, str, str]:
    """The line to add, why, the index it needs, and the day it was resolved for."""
    name = finding.expression
    installed = environment.installed
    if isinstance(installed, InstalledEnvironment):
        for candidate in knowledge.import_names.distributions(name, installed):
            distribution = installed.by_name.get(candidate)
            if distribution is None:
                continue
            line = frozen_line(distribution)
            if isinstance(line, Text):
                raise CannotPlan(line, text("Add it by hand."))
            why = text("{label} has it.", label=installed.interpreter.label)
            return line, why, public_index_of(distribution.name, distribution.version), ""
    for candidate in knowledge.import_names.distributions(name, installed):
        for lock, package in environment.locked.get(candidate, ()):
            if package.source == "index" and package.version:
                return f"{candidate}=={package.version}", text("{lock} has it.", lock=lock.path), "", ""
    request = resolution(environment, git, _known(finding, knowledge))
    if request is None or isinstance(installed, InstalledEnvironment):
        raise CannotPlan(
            text("Nothing here tells which package provides {name}.", name=name),
            text("Install it in the project's environment and audit again, or add it by hand."),
        )
    chosen = resolved_versions(answers, request)[request.requirements[0]]
    return f"{request.requirements[0]}=={chosen.version}", chosen.why, "", chosen.resolved_as_of


def _known(finding: Finding, knowledge: Knowledge) -> list[str]:
    """Only a package that is known to provide the import: one of the same name may be somebody else's."""
    return list(knowledge.import_names.imports.get(finding.expression, ())[:1])


def _target(environment: Environment) -> EnvironmentFile:
    """The list to add to: the one nearest the top that a person keeps, requirements before project metadata."""
    order = [FileFormat.REQUIREMENTS, FileFormat.PYPROJECT, FileFormat.CONDA]
    lists = [
        file
        for file in environment.lists
        if file.format in order
        and not file.compiled_from
        and not file.unread
        and not (file.requirements and all(entry.is_development for entry in file.requirements))
    ]
    if not lists:
        raise CannotPlan(text("No list of this project can be added to here."), text("Add the package by hand."))
    return min(lists, key=lambda file: (file.path.count("/"), order.index(file.format), len(file.path), file.path))


_RUNS_WITH = {"python": "3.11.9", "numpy": "1.26.4", "pyyaml": "6.0.2"}

CHECK = Check(
    id="undeclared-import",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.MUST,
    title="Every import is declared",
    failure_title="An import is in no list",
    explanation=__doc__,
    find=find,
    fix=Fix("Add the package with its version", plan_fix, Safety.SAFE, Effort.SECONDS, lookups),
    examples=(
        Example(
            bad=Sketch(
                {"train.py": "import numpy\nimport yaml\n", "requirements.txt": "numpy==1.26.4\n"}, installed=_RUNS_WITH
            ),
            good=Sketch(
                {"train.py": "import numpy\nimport yaml\n", "requirements.txt": "numpy==1.26.4\npyyaml==6.0.2\n"},
                installed=_RUNS_WITH,
            ),
        ),
    ),
)
