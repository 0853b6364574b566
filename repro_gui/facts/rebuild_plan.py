"""From which files a project's environment is made anew, with which Python, and which imports are tried in it; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from repro_gui.errors import ReproGuiError
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, LockedPackage, Pin, Requirement
from repro_gui.facts.environment import Environment
from repro_gui.facts.known_packages import ImportNames
from repro_gui.facts.pin_status import is_tool, lists_of_lock, pep440_specifier
from repro_gui.facts.program import ImportPlace, Program
from repro_gui.facts.python_choice import named_python
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import Text, text

_ASIDE = re.compile(r"(?:^|/)(?:tests?/|docs?/|conftest\.py$|setup\.py$|test_[^/]*\.py$)")
_GENERATED = ("_pb2", "_pb2_grpc")
_MOST_IMPORTS = 500
# What uv can install from, the surest first.
_LOCKS = (
    FileFormat.UV_LOCK,
    FileFormat.PYLOCK,
    FileFormat.REQUIREMENTS,
    FileFormat.POETRY_LOCK,
    FileFormat.PDM_LOCK,
    FileFormat.PIPFILE_LOCK,
)
_LISTS = (
    FileFormat.REQUIREMENTS,
    FileFormat.PYPROJECT,
    FileFormat.SETUP_CFG,
    FileFormat.SETUP_PY,
    FileFormat.PIPFILE,
    FileFormat.MLFLOW_PYTHON,
)


class NothingToRebuild(ReproGuiError):
    """No file says what to install, or none that uv can install from."""


class RebuildWay(StrEnum):
    """How uv installs: `PROJECT` a `uv.lock` with its `pyproject.toml`, `SYNC` exactly one file, `FILES` and `LINES` what they name."""

    PROJECT = "project"
    SYNC = "sync"
    FILES = "files"
    LINES = "lines"


class WantedImport(msgspec.Struct, frozen=True):
    """A module that the project imports, and where it first does."""

    module: str
    path: str
    line: int


class RebuildPlan(msgspec.Struct, frozen=True):
    """What to install and what to try.

    `sources` are the files that it is made from, the deciding one first. `lines` and `constraints` are PEP 508; `blank` are
    lines (path, from, to) to take out of copied files. `python` is the version that the project names, else that of its
    environment, empty for neither; `python_range` what it allows then.
    """

    way: RebuildWay
    sources: tuple[str, ...]
    is_lock: bool = False
    is_hashed: bool = False
    lines: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    blank: tuple[tuple[str, int, int], ...] = ()
    python: str = ""
    python_range: str = ""
    imports: tuple[WantedImport, ...] = ()
    left_out: tuple[Text, ...] = ()


def plan_rebuild(environment: Environment, program: Program | Unavailable, names: ImportNames) -> RebuildPlan:
    """The plan; raises `NothingToRebuild`."""
    plan = _from_lock(environment) or _from_list(environment)
    if plan is None:
        raise _nothing(environment)
    imports, skipped = _imports(environment, program, names)
    return msgspec.structs.replace(
        plan,
        python=named_python(environment) or getattr(environment.installed, "python", ""),
        python_range=_allowed_pythons(environment),
        imports=imports,
        left_out=(*plan.left_out, *skipped),
    )


def _allowed_pythons(environment: Environment) -> str:
    """The range nearest the top that is written as PEP 440; empty for none."""
    for version in sorted(environment.python_versions, key=lambda one: one.location.path.count("/")):
        if version.is_range:
            try:
                return str(SpecifierSet(version.written))
            except InvalidSpecifier:
                continue
    return ""


def _nothing(environment: Environment) -> NothingToRebuild:
    conda = next((file for file in environment.files if file.format in {FileFormat.CONDA, FileFormat.CONDA_LOCK}), None)
    if conda is not None:
        return NothingToRebuild(
            text("{path} is made by conda, which this check does not use.", path=conda.path),
            text(
                "Make it anew with `conda env create`, or add a requirements file or lock that pip and uv can install."
            ),
        )
    unread = next((item for file in environment.files for item in file.unread), None)
    if unread is not None:
        return NothingToRebuild(unread.reason, text("Mend the file, or add a lock that can be read."))
    return NothingToRebuild(
        text("No file says which packages the project needs."),
        text("Freeze the environment first: `repro-gui fix PATH no-dependency-list`."),
    )


def _from_lock(environment: Environment) -> RebuildPlan | None:
    locks = [lock for lock in environment.locks if lock.format in _LOCKS and lock.locked and not _has_fault(lock)]
    if not locks:
        return None
    lock = min(locks, key=lambda file: (file.path.count("/"), _LOCKS.index(file.format), file.path))
    is_hashed = all(package.hashes for package in lock.locked if package.source == "index")
    if lock.format is FileFormat.UV_LOCK:
        folder = lock.path.rpartition("/")[0]
        beside = f"{folder}/pyproject.toml" if folder else "pyproject.toml"
        return RebuildPlan(RebuildWay.PROJECT, (lock.path, beside), is_lock=True, is_hashed=is_hashed)
    if lock.format is FileFormat.PYLOCK:
        return RebuildPlan(RebuildWay.SYNC, (lock.path,), is_lock=True, is_hashed=is_hashed)
    if lock.format is FileFormat.REQUIREMENTS:
        blank, left_out = _local_lines(lock)
        return RebuildPlan(
            RebuildWay.SYNC, (lock.path,), is_lock=True, is_hashed=is_hashed, blank=blank, left_out=left_out
        )
    # uv does not read these locks: what the list names is installed, every version as the lock has it.
    lists = lists_of_lock(environment, lock)
    entries = [entry for file in lists for entry in file.requirements if not entry.group]
    lines, left_out = _lines(entries)
    constraints, not_fixed = _constraints(lock)
    sources = (lock.path, *(file.path for file in lists))
    return RebuildPlan(
        RebuildWay.LINES, sources, is_lock=True, lines=lines, constraints=constraints, left_out=(*left_out, *not_fixed)
    )


def _constraints(lock: EnvironmentFile) -> tuple[tuple[str, ...], tuple[Text, ...]]:
    """A line for each version that the lock has, and words on those that hold only somewhere it does not say in a marker."""
    versions: dict[str, list[LockedPackage]] = {}
    for package in lock.locked:
        if package.version and package.source == "index":
            versions.setdefault(package.name, []).append(package)
    lines: list[str] = []
    left_out: list[Text] = []
    for name, packages in versions.items():
        if len({package.version for package in packages}) == 1:
            lines.append(f"{name}=={packages[0].version}")
        elif all(package.marker for package in packages):
            lines += [f"{name}=={package.version} ; {package.marker}" for package in packages]
        else:
            what = "{name} is locked in {count} versions for different systems; which one was chosen here is not the lock's word."
            left_out.append(text(what, name=name, count=len(packages)))
    return tuple(lines), tuple(left_out)


def _from_list(environment: Environment) -> RebuildPlan | None:
    lists = [
        file
        for file in environment.lists
        if file.format in _LISTS
        and not _has_fault(file)
        and (any(not is_tool(entry) for entry in file.requirements) or file.includes)
    ]
    if not lists:
        return None

    def rank(file: EnvironmentFile) -> tuple[int, int, bool, str]:
        name = file.path.rpartition("/")[2]
        return (file.path.count("/"), _LISTS.index(file.format), name != "requirements.txt", file.path)

    chosen = min(lists, key=rank)
    if chosen.format is FileFormat.REQUIREMENTS:
        paths = [path for path in environment.with_includes((chosen.path,)) if path in environment.by_path]
        paths += sorted(environment.constraint_files & environment.by_path.keys() - set(paths))
        taken = [_local_lines(environment.by_path[path]) for path in paths]
        return RebuildPlan(
            RebuildWay.FILES,
            tuple(paths),
            blank=tuple(place for blank, _ in taken for place in blank),
            left_out=tuple(words for _, left_out in taken for words in left_out),
        )
    files = [
        environment.by_path[path] for path in environment.with_includes((chosen.path,)) if path in environment.by_path
    ]
    lines, left_out = _lines(entry for file in files for entry in file.requirements if not entry.group)
    return RebuildPlan(RebuildWay.LINES, tuple(file.path for file in files), lines=lines, left_out=left_out)


def _has_fault(file: EnvironmentFile) -> bool:
    return any(unread.is_fault for unread in file.unread)


def _local_lines(file: EnvironmentFile) -> tuple[tuple[tuple[str, int, int], ...], tuple[Text, ...]]:
    """Lines of a requirements file that name folders or files of the project: they are not packages of an index."""
    local = [entry for entry in file.requirements if entry.pin is Pin.LOCAL]
    blank = tuple((file.path, entry.location.line, entry.location.end_line or entry.location.line) for entry in local)
    return blank, tuple(_not_installed(entry) for entry in local)


def _lines(entries: Iterable[Requirement]) -> tuple[tuple[str, ...], tuple[Text, ...]]:
    lines: dict[str, None] = {}
    left_out: list[Text] = []
    for entry in entries:
        if entry.pin is Pin.LOCAL or not entry.name or entry.is_conda:
            left_out.append(_not_installed(entry))
            continue
        lines[_line(entry)] = None
    return tuple(lines), tuple(left_out)


def _not_installed(entry: Requirement) -> Text:
    return text("`{entry}` was not installed: it is a part of the project itself.", entry=entry.written)


def _line(entry: Requirement) -> str:
    extras = f"[{','.join(entry.extras)}]" if entry.extras else ""
    marker = f" ; {entry.marker}" if entry.marker else ""
    if entry.url:
        address = entry.url
        if entry.revision and entry.revision not in address:
            address += f"@{entry.revision}"
        return f"{entry.name}{extras} @ {address}{marker}"
    try:
        specifier = pep440_specifier(entry)
    except InvalidSpecifier:
        specifier = ""
    return f"{entry.name}{extras}{specifier}{marker}"


def _imports(
    environment: Environment, program: Program | Unavailable, names: ImportNames
) -> tuple[tuple[WantedImport, ...], tuple[Text, ...]]:
    if isinstance(program, Unavailable):
        return (), (text("No import was tried: {reason}", reason=str(program.reason)),)
    found: dict[str, WantedImport] = {}
    skipped: list[Text] = []
    for name, places in program.third_party_imports.items():
        needed = [place for place in places if not place.is_optional and not _ASIDE.search(place.path)]
        if not needed or name.endswith(_GENERATED):
            continue
        group = _only_group(name, environment, names)
        if group:
            skipped.append(text("{name} was not tried: it belongs to the group {group}.", name=name, group=group))
            continue
        for place in sorted(needed, key=_by_place):
            found.setdefault(place.module, WantedImport(place.module, place.path, place.location.line))
    return tuple(found[module] for module in sorted(found))[:_MOST_IMPORTS], tuple(skipped)


def _by_place(place: ImportPlace) -> tuple[bool, object]:
    return (not place.is_reached, place.location)


def _only_group(name: str, environment: Environment, names: ImportNames) -> str:
    """The group or extra that alone names the package of an import; empty when the program always gets it, or nobody names it."""
    declared = [
        entry
        for candidate in names.distributions(name, environment.installed)
        for entry in environment.declared.get(candidate, ())
    ]
    if not declared or any(not entry.group for entry in declared):
        return ""
    return declared[0].group
