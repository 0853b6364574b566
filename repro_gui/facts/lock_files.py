"""Lock files: `uv.lock`, `poetry.lock`, `pdm.lock`, `pylock.toml` (PEP 751), `Pipfile.lock`, and `Pipfile`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from repro_gui.facts.addresses import is_full_commit, without_credentials
from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.dependencies import (
    EnvironmentFile,
    FileFormat,
    LockedPackage,
    Pin,
    PythonVersion,
    Requirement,
    Unread,
)
from repro_gui.facts.list_digests import digest_in_lock
from repro_gui.facts.pyproject import TomlFile, read_toml
from repro_gui.facts.python_versions import named_version, python_requirement
from repro_gui.facts.requirement_lines import pin_of
from repro_gui.facts.toml_places import Keys
from repro_gui.facts.wheel_tags import tags_of
from repro_gui.location import LineIndex, Location
from repro_gui.text import text

# `name-VERSION-…-tags.whl`, at the end of a path or an address.
_WHEEL = re.compile(r"(?:^|[/\\])[A-Za-z0-9._]+-([^-/]+)-[^/]+\.whl(?:$|[?#])")


def parse_toml_lock(path: str, content: bytes, kind: FileFormat) -> EnvironmentFile:
    """Read the lock of uv, poetry, pdm or PEP 751; the project itself is not among its packages."""
    toml = read_toml(path, content)
    if isinstance(toml, Unread):
        return EnvironmentFile(path, kind, is_lock=True, unread=(toml,))
    tables = toml.values.get("packages" if kind is FileFormat.PYLOCK else "package")
    if not isinstance(tables, list):
        tables = []
    locked: list[LockedPackage] = []
    project = ""
    recorded: tuple[str, ...] = ()
    key = "packages" if kind is FileFormat.PYLOCK else "package"
    apart = _files_apart(toml)
    for position, table in enumerate(tables):
        if not isinstance(table, dict) or not isinstance(table.get("name"), str):
            continue
        name = canonicalize_name(table["name"])
        if kind is FileFormat.PDM_LOCK and locked and table.get("extras") and locked[-1].name == name:
            # pdm gives a package with extras an entry of its own, after the one without.
            requires = dict.fromkeys((*locked[-1].requires, *_required_names(table)))
            requires.pop(name, None)
            locked[-1] = msgspec.structs.replace(locked[-1], requires=tuple(requires))
            continue
        if kind is FileFormat.UV_LOCK and _is_the_project(table):
            project = project or name
            recorded += _recorded_requirements(table)
            continue
        line = toml.location((key, position, "name")).line
        source, commit = _source(table)
        files = _file_names(table, apart.get(name, []))
        locked.append(
            LockedPackage(
                name,
                _version(str(table.get("version", "")), files),
                line,
                hashes=_count_hashes(table, apart.get(name, [])),
                source=source,
                commit=commit,
                requires=_required_names(table),
                is_conditional=any(table.get(key) for key in ("marker", "markers")),
                marker=_marker(table),
                python=_python_of(table),
                tags=tags_of(files),
                has_source=_has_source(table, files),
            )
        )
    digest = digest_in_lock(toml.values, kind)
    return EnvironmentFile(
        path,
        kind,
        is_lock=True,
        locked=tuple(locked),
        python_versions=_python_of_lock(toml, kind),
        project_name=project,
        recorded=recorded,
        digests=(digest,) if digest else (),
        locked_groups=_locked_groups(toml) if kind is FileFormat.PDM_LOCK else None,
    )


def _locked_groups(toml: TomlFile) -> frozenset[str] | None:
    """The groups that pdm was asked to lock: optional ones are left out unless named (`pdm lock -G :all`)."""
    groups = toml.table("metadata").get("groups")
    if not isinstance(groups, list):
        return None
    return frozenset("" if group == "default" else canonicalize_name(str(group)) for group in groups)


def _is_the_project(table: Mapping[str, Any]) -> bool:
    source = table.get("source")
    return isinstance(source, dict) and any(source.get(kind) == "." for kind in ("virtual", "editable", "directory"))


def _recorded_requirements(table: Mapping[str, Any]) -> tuple[str, ...]:
    """What uv wrote down of the list when it locked: `name` and `specifier` per entry, extras and groups included."""
    metadata = table.get("metadata")
    if not isinstance(metadata, dict):
        return ()
    entries = list(metadata.get("requires-dist") or ())
    groups = metadata.get("requires-dev")
    for group in groups.values() if isinstance(groups, dict) else ():
        entries += group if isinstance(group, list) else ()
    return tuple(
        f"{canonicalize_name(entry['name'])} {entry.get('specifier', '')}".strip()
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    )


def _source(table: Mapping[str, Any]) -> tuple[str, str]:
    source = table.get("source")
    if isinstance(table.get("vcs"), dict):
        return "git", str(table["vcs"].get("commit-id", ""))
    if isinstance(table.get("git"), str):
        return "git", str(table.get("revision", table.get("ref", "")))
    if "directory" in table or "path" in table:
        return "local", ""
    if "archive" in table or isinstance(table.get("url"), str):
        return "url", ""
    if not isinstance(source, dict):
        return "index", ""
    if "git" in source:
        return "git", str(source["git"]).rpartition("#")[2]
    if source.get("type") == "git":
        return "git", str(source.get("resolved_reference", ""))
    if any(kind in source for kind in ("path", "editable", "directory", "virtual")) or source.get("type") in {
        "file",
        "directory",
    }:
        return "local", ""
    if source.get("type") == "url" or ("url" in source and "type" not in source):
        return "url", ""
    return "index", ""


def _count_hashes(table: Mapping[str, Any], apart: Sequence[dict[str, Any]]) -> int:
    files = [table.get("sdist"), table.get("archive"), *(table.get("wheels") or ()), *(table.get("files") or ())]
    if not table.get("files"):
        files += apart
    return sum(1 for file in files if isinstance(file, dict) and (file.get("hash") or file.get("hashes")))


def _file_names(table: Mapping[str, Any], apart: Sequence[dict[str, Any]]) -> list[str]:
    """Names or addresses of a package's files, in the ways of the several locks."""
    files = [*_listed(table.get("wheels")), *_listed(table.get("files"))]
    files += apart
    keys = ("url", "filename", "name", "file", "path")
    named = (next((file[key] for key in keys if isinstance(file.get(key), str)), "") for file in files)
    return [written for written in named if written]


def _files_apart(toml: TomlFile) -> dict[str, list[dict[str, Any]]]:
    """Files by normalised name in a lock of poetry before 1.5, which has them under the name as the package writes it."""
    return {canonicalize_name(name): _listed(files) for name, files in toml.table("metadata", "files").items()}


def _listed(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _has_source(table: Mapping[str, Any], files: Sequence[str]) -> bool:
    return isinstance(table.get("sdist"), dict) or any(
        written.endswith((".tar.gz", ".zip", ".tar.bz2")) for written in files
    )


def _version(written: str, files: Sequence[str]) -> str:
    """The version with its local part: pdm leaves that out where the list does not name it, the wheels have it."""
    named = {found[1] for file in files if (found := _WHEEL.search(unquote(file)))}
    if "+" not in written and len(named) == 1 and len(files) == 1 and next(iter(named)).startswith(f"{written}+"):
        return named.pop()
    return written


def _python_of(table: Mapping[str, Any]) -> str:
    keys = ("requires-python", "requires_python", "python-versions")
    written = next((table[key] for key in keys if isinstance(table.get(key), str)), "")
    return "" if written == "*" else written


def _marker(table: Mapping[str, Any]) -> str:
    """The marker of a package; poetry writes a table where it is not the same for all groups."""
    return next((table[key] for key in ("marker", "markers") if isinstance(table.get(key), str)), "")


def _required_names(table: Mapping[str, Any]) -> tuple[str, ...]:
    """What a package needs without any condition."""
    dependencies = table.get("dependencies")
    names: list[str] = []
    if isinstance(dependencies, dict):
        names = [name for name, value in dependencies.items() if not _has_condition(value)]
    elif isinstance(dependencies, list):
        for entry in dependencies:
            if isinstance(entry, dict) and isinstance(entry.get("name"), str) and not entry.get("marker"):
                names.append(entry["name"])
            elif isinstance(entry, str) and ";" not in entry:
                names.append(entry.split(" ", 1)[0].split("[", 1)[0].rstrip("<>=!~0123456789.,"))
    return tuple(dict.fromkeys(canonicalize_name(name) for name in names))


def _has_condition(value: object) -> bool:
    """Poetry's `{version = "*", markers = "…"}`, and `[{…}, {…}]` for several platforms."""
    if isinstance(value, list):
        return True
    return isinstance(value, dict) and bool({"markers", "optional", "python", "platform"} & value.keys())


def _python_of_lock(toml: TomlFile, kind: FileFormat) -> tuple[PythonVersion, ...]:
    keys: tuple[str, ...] = ("requires-python",)
    if kind is FileFormat.POETRY_LOCK:
        keys = ("metadata", "python-versions")
    elif kind is FileFormat.PDM_LOCK:
        keys = ("metadata", "requires_python")
    written = toml.table(*keys[:-1]).get(keys[-1])
    place: Keys = keys
    targets = _listed(toml.table("metadata").get("targets"))
    if kind is FileFormat.PDM_LOCK and len(targets) == 1:
        # Several are locks for several Pythons in one file: none of them is the one.
        written, place = targets[0].get("requires_python"), ("metadata", "targets", 0, "requires_python")
    return (python_requirement(written, "lock", toml.location(place)),) if isinstance(written, str) else ()


def parse_pipfile(path: str, content: bytes) -> EnvironmentFile:
    """Read the `packages`, `dev-packages` and `requires` of a `Pipfile`."""
    toml = read_toml(path, content)
    if isinstance(toml, Unread):
        return EnvironmentFile(path, FileFormat.PIPFILE, is_list=True, unread=(toml,))
    requirements = [
        _pipfile_entry(name, value, toml.location((section, name)), group)
        for section, group in (("packages", ""), ("dev-packages", "dev"))
        for name, value in toml.table(section).items()
    ]
    versions = [
        PythonVersion(str(value), named_version(str(value)), "Pipfile", toml.location(("requires", key)))
        for key, value in toml.table("requires").items()
        if key in {"python_version", "python_full_version"}
    ]
    return EnvironmentFile(
        path,
        FileFormat.PIPFILE,
        is_list=True,
        requirements=tuple(requirements),
        python_versions=tuple(versions),
    )


def _pipfile_entry(name: str, value: object, location: Location, group: str) -> Requirement:
    table: dict[str, Any] = value if isinstance(value, dict) else {"version": value}
    canonical = canonicalize_name(name)
    specifier = str(table.get("version", "*"))
    shown = without_credentials(f'{name} = "{specifier}"')
    if isinstance(table.get("git"), str):
        revision = str(table.get("ref", ""))
        pin = Pin.COMMIT if is_full_commit(revision) else Pin.MOVING
        address = without_credentials(str(table["git"]))
        return Requirement(
            canonical, f"{name} = {address}", location, pin, url=f"git+{address}", revision=revision, group=group
        )
    if "path" in table:
        return Requirement(
            canonical, f"{name} = {table['path']}", location, Pin.LOCAL, url=str(table["path"]), group=group
        )
    if "file" in table:
        address = without_credentials(str(table["file"]))
        return Requirement(canonical, f"{name} = {address}", location, Pin.ARCHIVE, url=address, group=group)
    if specifier == "*":
        return Requirement(canonical, shown, location, Pin.ANY, specifier="*", group=group)
    try:
        pin, version = pin_of(SpecifierSet(specifier))
    except InvalidSpecifier:
        pin, version = Pin.RANGE, ""
    marker = str(table.get("markers", ""))
    return Requirement(
        canonical, shown, location, pin, specifier=specifier, version=version, marker=marker, group=group
    )


def parse_pipfile_lock(path: str, content: bytes) -> EnvironmentFile:
    """Read a `Pipfile.lock` (JSON)."""
    decoded = decode_text(content)
    try:
        values = msgspec.json.decode(decoded.content if decoded else b"")
    except (msgspec.DecodeError, RecursionError) as error:
        reason = text("{path} is not valid JSON ({problem})", path=path, problem=str(error))
        return EnvironmentFile(path, FileFormat.PIPFILE_LOCK, is_lock=True, unread=(Unread(reason, Location(path)),))
    assert decoded is not None
    index = LineIndex(decoded.content)
    locked: list[LockedPackage] = []
    values = values if isinstance(values, dict) else {}
    for section in ("default", "develop"):
        start = max(decoded.content.find(f'"{section}"'), 0)
        packages = values.get(section)
        for name, table in packages.items() if isinstance(packages, dict) else ():
            if not isinstance(table, dict):
                continue
            offset = decoded.content.find(f'"{name}": {{', start)
            line = index.position(offset)[0] if offset >= 0 else 0
            source, commit = ("git", str(table.get("ref", ""))) if "git" in table else ("index", "")
            hashes = table.get("hashes")
            locked.append(
                LockedPackage(
                    canonicalize_name(name),
                    str(table.get("version", "")).removeprefix("=="),
                    line,
                    hashes=len(hashes) if isinstance(hashes, list) else 0,
                    source="local" if "path" in table else source,
                    commit=commit,
                )
            )
    meta = values.get("_meta")
    requires = meta.get("requires") if isinstance(meta, dict) else None
    versions = [
        PythonVersion(str(written), named_version(str(written)), "lock", Location(path))
        for written in (requires.values() if isinstance(requires, dict) else ())
    ]
    return EnvironmentFile(
        path, FileFormat.PIPFILE_LOCK, is_lock=True, locked=tuple(locked), python_versions=tuple(versions)
    )
