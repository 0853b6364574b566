"""Whether each declared entry is fixed to one version: by itself, by a lock, by a constraint or by another list."""

from __future__ import annotations

import posixpath
import re
import sys

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from repro_gui.facts.addresses import is_absolute
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, LockedPackage, Pin, Requirement
from repro_gui.facts.environment import Environment
from repro_gui.facts.known_packages import ImportNames
from repro_gui.facts.list_digests import differ
from repro_gui.location import Location
from repro_gui.text import Text, text

# They come with every environment, in a version that rarely reaches the results.
INSTALLERS = frozenset({"pip", "setuptools", "wheel", "uv", "poetry", "pdm", "pipenv"})
# Tools for people who work on the code: no result depends on them, wherever they are listed.
_DEVELOPMENT_TOOLS = frozenset(
    {
        *("autopep8", "black", "build", "codecov", "coverage", "flake8", "hypothesis", "interrogate", "ipdb", "isort"),
        *(
            "mkdocs",
            "mypy",
            "nox",
            "pre-commit",
            "pycodestyle",
            "pydocstyle",
            "pyflakes",
            "pylint",
            "pyright",
            "pytest",
        ),
        *("ruff", "sphinx", "tox", "twine", "yapf", "sh", "bandit", "nbstripout", "pyupgrade", "recommonmark"),
        # Where notebooks are shown and compared; what computes in them is ipykernel.
        *("jupyter", "jupyterlab", "nbdime", "notebook"),
    }
)
# Lists of what a package of the project needs, rightly in ranges: the environment it is installed into decides.
_METADATA = frozenset({FileFormat.PYPROJECT, FileFormat.SETUP_PY, FileFormat.SETUP_CFG})
_NO_NAMES = ImportNames()


def is_tool(entry: Requirement) -> bool:
    """True for what the program runs without: development groups, installers, linters, test runners.

    Also what Python brings itself: of `argparse` from the index nothing is ever imported.
    """
    return (
        entry.is_development
        or (entry.name in sys.stdlib_module_names and not entry.is_conda)
        or entry.name in INSTALLERS
        or entry.name in _DEVELOPMENT_TOOLS
        or entry.name.startswith(("pytest-", "sphinx-", "types-", "flake8-", "mkdocs-"))
    )


_FIXED = frozenset({Pin.EXACT, Pin.COMMIT, Pin.ARCHIVE})
_LISTS_OF_LOCK = {
    FileFormat.UV_LOCK: frozenset({FileFormat.PYPROJECT}),
    FileFormat.POETRY_LOCK: frozenset({FileFormat.PYPROJECT}),
    FileFormat.PDM_LOCK: frozenset({FileFormat.PYPROJECT}),
    FileFormat.PYLOCK: frozenset({FileFormat.PYPROJECT}),
    FileFormat.PIPFILE_LOCK: frozenset({FileFormat.PIPFILE}),
    FileFormat.CONDA_LOCK: frozenset({FileFormat.CONDA}),
}


class PinStatus(msgspec.Struct, frozen=True):
    """One entry and what fixes it: `itself`, `lock`, `constraint`, `list` or `project` (a folder of the project); "" for nothing.

    `version` and `place` are those of whatever fixes it.
    """

    requirement: Requirement
    by: str = ""
    version: str = ""
    place: Location | None = None

    @property
    def is_fixed(self) -> bool:
        """True when one version, commit or file is meant."""
        return bool(self.by)


def pin_statuses(environment: Environment, names: ImportNames = _NO_NAMES) -> tuple[PinStatus, ...]:
    """The status of every entry of every list; without any list those that images install.

    `names` tell which distribution a conda package holds (`pytorch` is `torch`).
    """
    entries = environment.requirements if environment.lists else environment.container_requirements
    exact: dict[str, list[Requirement]] = {}
    for other in (*environment.requirements, *environment.container_requirements):
        if other.pin is Pin.EXACT and not other.is_development:
            exact.setdefault(names.distribution_of_conda(other.name) if other.is_conda else other.name, []).append(
                other
            )
    return tuple(_status(environment, entry, exact, names) for entry in entries)


def _status(
    environment: Environment, entry: Requirement, exact: dict[str, list[Requirement]], names: ImportNames
) -> PinStatus:
    if entry.pin in _FIXED:
        return PinStatus(entry, "itself", entry.version or entry.revision, entry.location)
    if entry.pin is Pin.LOCAL:
        if is_absolute(entry.url):
            return PinStatus(entry)
        return PinStatus(entry, "project", "", entry.location)
    own = environment.by_path.get(entry.location.path)
    if own is not None and own.format is FileFormat.PYPROJECT and entry.name and entry.name == own.project_name:
        # `all = ["mine[plots,gpu]"]`: extras that name the project's other extras.
        return PinStatus(entry, "project", "", entry.location)
    for lock, package in environment.locked.get(entry.name, ()):
        if lock_covers(environment, lock, entry.location.path):
            return PinStatus(entry, "lock", package.version or package.commit, Location(lock.path, package.line))
    if entry.pin is Pin.MOVING:
        return PinStatus(entry)
    for path in sorted(environment.constraint_files):
        for limit in environment.by_path[path].requirements if path in environment.by_path else ():
            if limit.name == entry.name and limit.pin is Pin.EXACT:
                return PinStatus(entry, "constraint", limit.version, limit.location)
    name = names.distribution_of_conda(entry.name) if entry.is_conda else entry.name
    for other in exact.get(name, ()):
        if other.is_conda == entry.is_conda or _is_there_already(own, entry, other):
            return PinStatus(entry, "list", other.version, other.location)
    return PinStatus(entry)


def _is_there_already(own: EnvironmentFile | None, entry: Requirement, other: Requirement) -> bool:
    """True when conda has installed the package, in a version that fits, before pip comes to this entry."""
    is_after = other.location.path == entry.location.path or (own is not None and own.format in _METADATA)
    return other.is_conda and is_after and admits(entry, other.version)


def lock_covers(environment: Environment, lock: EnvironmentFile, list_path: str) -> bool:
    """True when a lock was made from that list, or from one in the folder the list's folder lies in."""
    if lock.compiled_from:
        return list_path == lock.path or list_path in environment.with_includes(lock.compiled_from)
    folder = posixpath.dirname(lock.path)
    here = posixpath.dirname(list_path)
    return here == folder or not folder or here.startswith(f"{folder}/")


class Disagreement(msgspec.Struct, frozen=True):
    """Where a lock and its list differ: the entry, what the lock says instead, and both places."""

    reason: Text
    location: Location
    lock: EnvironmentFile
    name: str


def disagreements(environment: Environment) -> tuple[Disagreement, ...]:
    """Every way in which a lock that was read does not fit the list it was made from."""
    found: list[Disagreement] = []
    for lock in environment.locks:
        if lock.unread or not (lock.locked or lock.recorded):
            continue
        for file in lists_beside(environment, lock):
            here = _disagreements(lock, file)
            if not here and differ(lock.digests, file.digests):
                # The tool itself takes such a lock for outdated, though it cannot say what changed either.
                reason = text("{list} has changed since {lock} was made from it.", list=file.path, lock=lock.path)
                here.append(Disagreement(reason, Location(lock.path), lock, "content-hash"))
            found += here
    return tuple(found)


def lists_of_lock(environment: Environment, lock: EnvironmentFile) -> list[EnvironmentFile]:
    """The lists that a lock was made from, as far as names and formats tell; only those that were read whole."""
    return [file for file in lists_beside(environment, lock) if not file.unread]


def lists_beside(environment: Environment, lock: EnvironmentFile) -> list[EnvironmentFile]:
    """The lists that a lock was made from, read whole or not."""
    if lock.format is FileFormat.REQUIREMENTS:
        # A lock without a header is the one of the list beside it, as pip-tools and uv name them.
        sources = lock.compiled_from or (f"{posixpath.splitext(lock.path)[0]}.in",)
        named = [environment.by_path.get(path) for path in environment.with_includes(sources)]
        return [file for file in named if file is not None and file.is_list and file.path != lock.path]
    kinds = _LISTS_OF_LOCK.get(lock.format, frozenset())
    folder = posixpath.dirname(lock.path)
    return [file for file in environment.lists if file.format in kinds and posixpath.dirname(file.path) == folder]


def _disagreements(lock: EnvironmentFile, file: EnvironmentFile) -> list[Disagreement]:
    locked: dict[str, list[LockedPackage]] = {}
    for package in lock.locked:
        locked.setdefault(package.name, []).append(package)
    found: list[Disagreement] = []
    for entry in file.requirements:
        # What only some platforms or extras need may be missing from a lock for another; a requirements file has no extras.
        is_partial = bool(entry.marker) or (
            lock.format in {FileFormat.REQUIREMENTS, FileFormat.PYLOCK}
            and file.format is not FileFormat.REQUIREMENTS
            and bool(entry.group)
        )
        group = canonicalize_name(entry.group) if entry.group else ""
        is_partial = is_partial or (lock.locked_groups is not None and group not in lock.locked_groups)
        if not entry.name or entry.pin is Pin.LOCAL or entry.name == lock.project_name:
            continue
        here = locked.get(entry.name, [])
        if not here:
            if not is_partial:
                reason = text(
                    "{name} is in {list}, but not in {lock}.", name=entry.name, list=file.path, lock=lock.path
                )
                found.append(Disagreement(reason, entry.location, lock, entry.name))
        elif not any(admits(entry, package.version) for package in here):
            reason = text(
                "{list} wants {entry}, but {lock} has {version}.",
                list=file.path,
                entry=entry.written,
                lock=lock.path,
                version=here[0].version,
            )
            found.append(Disagreement(reason, entry.location, lock, entry.name))
    declared = {entry.name for entry in file.requirements}
    # An entry that could not be read may be the one that was recorded.
    for recorded in lock.recorded if not file.unread else ():
        name = recorded.split(" ", 1)[0]
        if name not in declared:
            reason = text("{lock} was made when {list} still had {name}.", lock=lock.path, list=file.path, name=name)
            found.append(Disagreement(reason, Location(lock.path), lock, name))
    return found


def admits(entry: Requirement, version: str) -> bool:
    """True when an entry allows a version; what cannot be compared is taken to."""
    if entry.pin in {Pin.ANY, Pin.MOVING, Pin.COMMIT, Pin.ARCHIVE, Pin.LOCAL} or not version:
        return True
    try:
        return Version(version) in SpecifierSet(pep440_specifier(entry), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True


def pep440_specifier(entry: Requirement) -> str:
    """The versions that an entry allows, in the dialect of PEP 440: poetry's `^`, `~` and bare versions, conda's `=` and blanks.

    Raises `InvalidSpecifier` for what has no such form (`||`).
    """
    if entry.pin is Pin.ANY:
        return ""
    parts = []
    for raw in re.split(r"\s*,\s*", entry.specifier.strip()):
        part = raw.strip()
        if part.startswith("^"):
            parts.append(_caret(part[1:].strip()))
        elif part.startswith("~") and not part.startswith("~="):
            parts.append(_tilde(part[1:].strip()))
        elif re.match(r"=\s*[^=\s]", part):
            version = part[1:].strip()
            parts.append(f"=={version}" if version.endswith("*") or entry.pin is Pin.EXACT else f"=={version}.*")
        elif re.match(r"[\dvV]", part):
            parts.append(f"=={part}")
        elif "|" in part:
            raise InvalidSpecifier(part)
        else:
            parts.append(part)
    return ",".join(parts)


def _caret(version: str) -> str:
    """`^1.2.3` allows everything below the next change of the first number that is not 0."""
    numbers = [int(part) for part in re.findall(r"\d+", version)][:3]
    if not numbers:
        raise InvalidSpecifier(version)
    at = next((position for position, number in enumerate(numbers) if number), len(numbers) - 1)
    upper = [*numbers[:at], numbers[at] + 1]
    return f">={version},<{'.'.join(map(str, upper))}"


def _tilde(version: str) -> str:
    """`~1.2` and `~1.2.3` allow patch releases, `~1` allows minor ones."""
    numbers = [int(part) for part in re.findall(r"\d+", version)][:3]
    if not numbers:
        raise InvalidSpecifier(version)
    upper = [numbers[0] + 1] if len(numbers) == 1 else [numbers[0], numbers[1] + 1]
    return f">={version},<{'.'.join(map(str, upper))}"
