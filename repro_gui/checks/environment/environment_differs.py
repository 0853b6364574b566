"""What is installed is what is pinned.

## Why it matters
The results come from the packages that were installed, not from those in the list. When the two differ, whoever follows the
list runs something else than you did; so does an image that installs another version than the list names.

## How to fix it
Decide which versions made the results. Either install what is pinned (`uv pip sync`, `pip install -r requirements.txt`,
`poetry install --sync`), or pin what is installed, and run the program once more.

## When to leave it
When the environment that was found is not the one that made the results: choose the right interpreter in the settings.

## References
- pip documentation, “Repeatable installs”.
- PEP 440, “Version specifiers”.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

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
from repro_gui.facts.dependencies import Pin, PythonVersion, Requirement
from repro_gui.facts.environment import Environment
from repro_gui.facts.installed import Distribution, InstalledEnvironment
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.pin_status import admits, disagreements, is_tool
from repro_gui.facts.program import Program
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location
from repro_gui.text import Text, text

_MOST_ROWS = 500
# Packages that stand in no list's top but come with every environment.
_OWN = frozenset({"pip", "setuptools", "wheel", "distribute"})


class _Want(msgspec.Struct, frozen=True):
    """Versions that a file names for a package: as written, where, and whether the installed one is among them (None: not known)."""

    written: str
    location: Location
    is_met: bool | None
    is_exact: bool = True


def find(environment: Environment, program: Program | Unavailable, knowledge: Knowledge) -> Iterator[Observation]:
    declared = {name: [one for one in found if not is_tool(one)] for name, found in environment.declared.items()}
    declared = {name: found for name, found in declared.items() if found}
    if not declared and not environment.locked:
        yield NotApplicable(text("No file names packages to compare with."))
        return
    installed = environment.installed if isinstance(environment.installed, InstalledEnvironment) else None
    yield from _table(environment, declared, _imported(program, knowledge, environment), installed)
    yield from _images_that_differ(environment)
    if installed is None:
        assert isinstance(environment.installed, Unavailable)
        yield CannotTell(environment.installed.reason)
        return
    yield from _python(environment, installed)
    stale = {(item.lock.path, item.name) for item in disagreements(environment)}
    names = {file.project_name for file in environment.files if file.project_name}
    for name in sorted({*declared, *environment.locked} - names - _OWN):
        distribution = installed.by_name.get(name)
        conda = installed.conda_packages.get(name, "")
        wants = list(_wants(environment, declared.get(name, []), distribution, conda, installed, stale, name))
        if wants:
            yield from _judged(name, wants, distribution, conda, installed)


def _judged(
    name: str, wants: list[_Want], distribution: Distribution | None, conda: str, installed: InstalledEnvironment
) -> Iterator[Observation]:
    # Exact versions say what is meant; what only limits versions counts where nothing is exact.
    unmet = [want for want in wants if want.is_exact] or wants
    # Lists for several purposes may name several versions: one that is met, or may be, is the one that was installed.
    if any(want.is_met is not False for want in unmet):
        return
    here = _version_of(distribution, conda)
    first = unmet[0]
    values: dict[str, str | int | float | bool | None] = {"name": name, "wanted": first.written, "installed": here}
    if here:
        what = text(
            "{name} {version} is installed, but {path} wants {written}.",
            name=name,
            version=here,
            path=first.location.path,
            written=first.written,
        )
    else:
        what = text(
            "{name} is not installed in {label}, but {path} wants {written}.",
            name=name,
            label=installed.interpreter.label,
            path=first.location.path,
            written=first.written,
        )
    yield Finding(
        what,
        first.location,
        expression=name,
        cause="" if here else f"not-installed:{first.location.path}",
        places=tuple(
            Place(text("{written} is wanted here", written=want.written), want.location) for want in unmet[1:6]
        ),
        values=values,
    )


# ------------------------------------------------------------------------------------------------------- what is wanted


def _wants(
    environment: Environment,
    entries: list[Requirement],
    distribution: Distribution | None,
    conda: str,
    installed: InstalledEnvironment,
    stale: set[tuple[str, str]],
    name: str,
) -> Iterator[_Want]:
    from_images = {id(entry) for entry in environment.container_requirements}
    version = _version_of(distribution, conda)
    top = min((file.path.count("/") for file in environment.lists), default=0)
    for entry in entries:
        if id(entry) in from_images or entry.pin in {Pin.LOCAL, Pin.ARCHIVE}:
            continue
        applies = _applies(entry.marker, installed.python)
        if applies is False:
            continue
        if version:
            is_met = _is_met(entry, version, distribution)
            # An entry that may be for other platforms is met or says nothing.
            met = is_met if applies or is_met else None
        else:
            # Extras, lists of sub-projects and constraints need not be installed at all.
            is_needed = (
                not entry.group
                and entry.location.path.count("/") == top
                and entry.location.path not in environment.constraint_files
                and not (entry.is_conda and installed.interpreter.kind != "conda")
            )
            met = False if is_needed and applies else None
        yield _Want(entry.written, entry.location, met, is_exact=entry.pin in {Pin.EXACT, Pin.COMMIT})
    if not version:
        # What a lock holds may be for other platforms and extras.
        return
    for lock, package in environment.locked.get(name, ()):
        if (lock.path, name) in stale or package.source == "local" or not package.version:
            continue
        met = _same(version, package.version)
        if package.source == "git":
            is_known = distribution is not None and bool(distribution.commit and package.commit)
            met = distribution.commit == package.commit if distribution is not None and is_known else None
        written = f"{name} {package.version}"
        yield _Want(written, Location(lock.path, package.line), met)


def _is_met(entry: Requirement, version: str, distribution: Distribution | None) -> bool | None:
    if entry.pin is Pin.COMMIT:
        if distribution is None or not distribution.commit:
            # Installed by other means than from the repository: the commit is not known.
            return None
        return distribution.commit.startswith(entry.revision) or entry.revision.startswith(distribution.commit)
    return admits(entry, version)


def _same(version: str, wanted: str) -> bool:
    try:
        return SpecifierSet(f"=={wanted}").contains(version, prereleases=True)
    except InvalidSpecifier:
        return version == wanted


def _version_of(distribution: Distribution | None, conda: str) -> str:
    return distribution.version if distribution is not None else conda


def _applies(marker: str, python: str) -> bool | None:
    """Whether an entry is for this environment; markers that ask for more than the Python version cannot be told."""
    if not marker:
        return True
    if python.count(".") < 1 or any(name in marker for name in _OTHER_NAMES):
        return None
    values = {"python_version": ".".join(python.split(".")[:2]), "python_full_version": python}
    try:
        return Marker(marker).evaluate(values)
    except (InvalidMarker, UndefinedEnvironmentName, ValueError):
        return None


_OTHER_NAMES = (
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "implementation_name",
    "implementation_version",
    "extra",
)


# ------------------------------------------------------------------------------------------------------- Python, images


def _python(environment: Environment, installed: InstalledEnvironment) -> Iterator[Observation]:
    here = installed.python
    named = [
        version
        for version in environment.python_versions
        if not version.is_tested
        and version.kind not in {"ci", "image", "lock"}
        and (version.is_range or version.version)
    ]
    if not here or not named:
        return
    exact = [version for version in named if not version.is_range]
    if any(_is_release(version.version, here) for version in exact):
        return
    wrong = exact or [version for version in named if not _in_range(version, here)]
    if not wrong:
        return
    first = wrong[0]
    yield Finding(
        text(
            "{label} has Python {version}, but {path} wants {written}.",
            label=installed.interpreter.label,
            version=here,
            path=first.location.path,
            written=first.written,
        ),
        first.location,
        expression="python",
        places=tuple(Place(text("named here"), version.location) for version in wrong[1:6]),
        values={"name": "python", "wanted": first.written, "installed": here},
    )


def _is_release(named: str, here: str) -> bool:
    return here == named or here.startswith(f"{named}.")


def _in_range(version: PythonVersion, here: str) -> bool:
    try:
        return SpecifierSet(version.written).contains(here, prereleases=True)
    except InvalidSpecifier:
        # Poetry's `^3.10` and conda's `3.10*`: another check compares them with what files name.
        return True


def _images_that_differ(environment: Environment) -> Iterator[Observation]:
    """Exact pins of images against exact pins of lists and locks: what both leave open is not compared here."""
    for entry in environment.container_requirements:
        if entry.pin is not Pin.EXACT or not entry.name or is_tool(entry):
            continue
        others = [
            (other.version, other.location)
            for other in environment.requirements
            if other.name == entry.name and other.pin is Pin.EXACT
        ]
        others += [
            (package.version, Location(lock.path, package.line))
            for lock, package in environment.locked.get(entry.name, ())
            if package.version
        ]
        if not others or any(_same(entry.version, version) or _same(version, entry.version) for version, _ in others):
            continue
        version, place = others[0]
        yield Finding(
            text(
                "The image installs {name} {version}, but {path} has {other}.",
                name=entry.name,
                version=entry.version,
                path=place.path,
                other=version,
            ),
            entry.location,
            expression=entry.written,
            places=(Place(text("{name} {version} stands here", name=entry.name, version=version), place),),
            values={"name": entry.name, "wanted": version, "container": entry.version},
        )


# ------------------------------------------------------------------------------------------------------------ the table


def _imported(
    program: Program | Unavailable, knowledge: Knowledge, environment: Environment
) -> dict[str, tuple[str, Location]]:
    """Distributions that the project imports: the import's name and its first place."""
    if isinstance(program, Unavailable):
        return {}
    known = {*environment.declared, *environment.locked}
    found: dict[str, tuple[str, Location]] = {}
    for name, places in program.third_party_imports.items():
        candidates = knowledge.import_names.distributions(name, environment.installed)
        chosen = next((one for one in candidates if canonicalize_name(one) in known), candidates[0])
        found.setdefault(canonicalize_name(chosen), (name, places[0].location))
    return found


def _table(
    environment: Environment,
    declared: dict[str, list[Requirement]],
    imported: dict[str, tuple[str, Location]],
    installed: InstalledEnvironment | None,
) -> Iterator[Evidence]:
    """One row a package: imported, declared, locked, installed, container."""
    from_images = {id(entry) for entry in environment.container_requirements}
    for name in sorted({*declared, *imported})[:_MOST_ROWS]:
        entries = declared.get(name, [])
        lists = [entry for entry in entries if id(entry) not in from_images]
        images = [entry for entry in entries if id(entry) in from_images]
        locked = environment.locked.get(name, ())
        distribution = installed.by_name.get(name) if installed else None
        here = _version_of(distribution, installed.conda_packages.get(name, "") if installed else "")
        places = [entry.location for entry in (*lists, *images)]
        if name in imported:
            places.append(imported[name][1])
        row: dict[str, str | int | float | bool | None] = {
            "name": name,
            "imported": imported[name][0] if name in imported else "",
            "declared": ", ".join(dict.fromkeys(_short(entry) for entry in lists)),
            "locked": ", ".join(dict.fromkeys(package.version for _, package in locked if package.version)),
            "installed": here if installed else None,
            "container": ", ".join(dict.fromkeys(_short(entry) for entry in images)),
        }
        yield Evidence(_row(row), places[0], row)


def _short(entry: Requirement) -> str:
    return entry.specifier or entry.version or entry.pin.value


def _row(row: dict[str, str | int | float | bool | None]) -> Text:
    shown = {key: "–" if value in {"", None} else str(value) for key, value in row.items()}
    return text(
        "{name}: imported {imported}, declared {declared}, locked {locked}, installed {installed}, container {container}",
        **shown,
    )


CHECK = Check(
    id="environment-differs",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.SHOULD,
    title="What is installed is what is pinned",
    failure_title="What is installed is not what is pinned",
    explanation=__doc__,
    find=find,
    fix=Fix("Bring environment and list together", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad=Sketch({"requirements.txt": "six==1.16.0\n"}, installed={"six": "1.15.0"}),
            good=Sketch({"requirements.txt": "six==1.16.0\n"}, installed={"six": "1.16.0"}),
            fixes=False,
        ),
        Example(
            bad=Sketch(
                {
                    "requirements.txt": "six==1.16.0\n",
                    "Dockerfile": "FROM python:3.11.9-slim\nRUN pip install six==1.15.0\n",
                },
                installed={"six": "1.16.0"},
            ),
            good=Sketch(
                {
                    "requirements.txt": "six==1.16.0\n",
                    "Dockerfile": "FROM python:3.11.9-slim\nRUN pip install six==1.16.0\n",
                },
                installed={"six": "1.16.0"},
            ),
            fixes=False,
        ),
    ),
)
