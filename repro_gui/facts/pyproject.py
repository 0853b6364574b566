"""`pyproject.toml` in its dialects: PEP 621, dependency groups (PEP 735), poetry, uv, pdm, hatch, flit, setuptools."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from packaging.utils import canonicalize_name

from repro_gui.facts.addresses import has_credentials, host_of, is_full_commit, is_public_index, without_credentials
from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.dependencies import (
    EnvironmentFile,
    FileFormat,
    Include,
    IndexOption,
    Pin,
    PythonVersion,
    Requirement,
    Unread,
)
from repro_gui.facts.list_digests import digests_of_list
from repro_gui.facts.python_versions import python_requirement
from repro_gui.facts.requirement_lines import is_minor_wildcard, parse_requirement
from repro_gui.facts.toml_places import Keys, find_toml_places
from repro_gui.location import LineIndex, Location
from repro_gui.text import text

_MOST_GROUPS = 200
_FROM_ELSEWHERE = frozenset({Pin.COMMIT, Pin.MOVING, Pin.ARCHIVE, Pin.LOCAL})

# `a.b.c…`: tomllib's time grows with the square of the parts, and nobody writes a hundred.
_DEEP_KEY = re.compile(r"(?<![\w.\-])(?:[\w\-]++[ \t]*+\.[ \t]*+){100}")


class TomlFile(msgspec.Struct):
    """A TOML file: its values and where they stand."""

    path: str
    values: dict[str, Any]
    places: Mapping[Keys, Any]
    index: LineIndex

    def location(self, keys: Keys) -> Location:
        """Where a value stands; the whole file where that is not known."""
        place = self.places.get(keys)
        if place is None:
            return Location(self.path)
        return Location(self.path, *self.index.position(place.start), *self.index.position(place.end))

    def table(self, *keys: str) -> dict[str, Any]:
        """The table at that way of keys, empty when there is none."""
        value: Any = self.values
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def read_toml(path: str, content: bytes) -> TomlFile | Unread:
    """Read a TOML file; what is wrong with it otherwise."""
    decoded = decode_text(content)
    if decoded is None:
        return Unread(text("{path} is not text", path=path), Location(path))
    if _DEEP_KEY.search(decoded.content):
        return Unread(text("{path} is not valid TOML (nested too deeply)", path=path), Location(path))
    try:
        values = tomllib.loads(decoded.content)
    except tomllib.TOMLDecodeError as error:
        return Unread(text("{path} is not valid TOML ({problem})", path=path, problem=str(error)), Location(path))
    except (RecursionError, ValueError):
        return Unread(text("{path} is not valid TOML (nested too deeply)", path=path), Location(path))
    return TomlFile(path, values, find_toml_places(decoded.content), LineIndex(decoded.content))


def parse_pyproject(path: str, content: bytes) -> EnvironmentFile:
    """Read every dialect that the file uses; what it says in a dialect that is not read yet stands in `unread`."""
    toml = read_toml(path, content)
    if isinstance(toml, Unread):
        return EnvironmentFile(path, FileFormat.PYPROJECT, is_list=True, unread=(toml,))
    reader = _PyprojectReader(toml)
    reader.read()
    return EnvironmentFile(
        path,
        FileFormat.PYPROJECT,
        is_list=reader.is_list,
        requirements=tuple(reader.requirements),
        includes=tuple(reader.includes),
        indexes=tuple(reader.indexes),
        python_versions=tuple(reader.python_versions),
        project_name=reader.name,
        digests=digests_of_list(toml.values),
        unread=tuple(reader.unread),
    )


class _PyprojectReader:
    def __init__(self, toml: TomlFile) -> None:
        self.toml = toml
        self.is_list = False
        self.name = ""
        self.requirements: list[Requirement] = []
        self.includes: list[Include] = []
        self.indexes: list[IndexOption] = []
        self.python_versions: list[PythonVersion] = []
        self.unread: list[Unread] = []

    def read(self) -> None:
        self._project()
        self._poetry()
        self._lists("dev", ("tool", "uv", "dev-dependencies"))
        for group in self.toml.table("tool", "pdm", "dev-dependencies"):
            self._lists("dev", ("tool", "pdm", "dev-dependencies", group))
        for name in self.toml.table("tool", "hatch", "envs"):
            for field in ("dependencies", "extra-dependencies"):
                self._lists("" if name == "default" else "dev", ("tool", "hatch", "envs", name, field))
        self._lists("", ("tool", "flit", "metadata", "requires"))
        self._uv_sources()
        if self.toml.table("tool", "pixi", "dependencies") or self.toml.table("tool", "pixi", "pypi-dependencies"):
            self.is_list = True
            self._not_yet("pixi", ("tool", "pixi"))
        self._index_tables()

    def _project(self) -> None:
        project = self.toml.table("project")
        if isinstance(project.get("name"), str):
            self.name = canonicalize_name(project["name"])
        self._lists("", ("project", "dependencies"))
        for group in self.toml.table("project", "optional-dependencies"):
            self._lists(group, ("project", "optional-dependencies", group))
        for group in list(self.toml.table("dependency-groups"))[:_MOST_GROUPS]:
            self._lists(group, ("dependency-groups", group))
        python = project.get("requires-python")
        if isinstance(python, str):
            location = self.toml.location(("project", "requires-python"))
            self.python_versions.append(python_requirement(python, "requires-python", location))
        dynamic = project.get("dynamic")
        if isinstance(dynamic, list) and "dependencies" in dynamic:
            self.is_list = True
            self._dynamic()

    def _dynamic(self) -> None:
        """Dependencies that the build back end fills in; setuptools can name files, others run code."""
        keys = ("tool", "setuptools", "dynamic", "dependencies", "file")
        named = self.toml.table(*keys[:-1]).get("file")
        files = [named] if isinstance(named, str) else named if isinstance(named, list) else []
        folder = posixpath.dirname(self.toml.path)
        for file in files:
            if isinstance(file, str):
                path = posixpath.normpath(posixpath.join(folder, file))
                self.includes.append(
                    Include("" if path.startswith(("..", "/")) else path, file, self.toml.location(keys))
                )
        if not files and not self.toml.table("tool", "poetry"):
            self.unread.append(
                Unread(
                    text("{path} leaves its dependencies to the build (dynamic)", path=self.toml.path),
                    self.toml.location(("project", "dynamic")),
                    is_fault=False,
                )
            )

    def _lists(self, group: str, keys: tuple[str, ...]) -> None:
        entries = self.toml.table(*keys[:-1]).get(keys[-1])
        if not isinstance(entries, list):
            return
        self.is_list = True
        for position, written in enumerate(entries):
            location = self.toml.location((*keys, position))
            if isinstance(written, dict):  # { include-group = … }: read where that group stands
                continue
            entry = parse_requirement(written, location, group=group) if isinstance(written, str) else None
            if entry is None:
                shown = without_credentials(str(written))[:80]
                self.unread.append(Unread(text("`{entry}` is not a requirement (PEP 508)", entry=shown), location))
            else:
                self.requirements.append(entry)

    def _poetry(self) -> None:
        poetry = self.toml.table("tool", "poetry")
        if isinstance(poetry.get("name"), str):
            self.name = self.name or canonicalize_name(poetry["name"])
        base = ("tool", "poetry")
        self._poetry_table("", (*base, "dependencies"))
        self._poetry_table("dev", (*base, "dev-dependencies"))
        for group in list(self.toml.table(*base, "group"))[:_MOST_GROUPS]:
            self._poetry_table(group, (*base, "group", group, "dependencies"))

    def _poetry_table(self, group: str, keys: tuple[str, ...]) -> None:
        table = self.toml.table(*keys)
        if not table:
            return
        self.is_list = True
        for name, value in table.items():
            location = self.toml.location((*keys, name))
            if name.lower() == "python":
                if isinstance(value, str):
                    self.python_versions.append(python_requirement(value, "requires-python", location))
                continue
            for written, place in _poetry_values(value, (*keys, name), location, self.toml):
                entry = _poetry_entry(name, written, place, group)
                if isinstance(written, dict) and self._enriches(name, group, entry):
                    continue
                if entry is None:
                    self.unread.append(Unread(text("the entry for {name} could not be read", name=name), place))
                else:
                    self.requirements.append(entry)

    def _enriches(self, name: str, group: str, entry: Requirement | None) -> bool:
        """True for a table that says of a requirement of `[project]` or `[dependency-groups]` only where it comes from.

        Source: poetry documentation, “Dependency specification: project.dependencies and tool.poetry.dependencies”.
        """
        group = group if group != "optional" else ""
        canonical = canonicalize_name(name)
        if not any(one.name == canonical and one.group == group for one in self.requirements):
            return False
        if entry is None:  # `{ source = "here" }`: the name of an index
            return True
        if entry.pin in _FROM_ELSEWHERE:
            self._take_from(entry)
            return True
        return False

    def _take_from(self, entry: Requirement) -> None:
        self.requirements = [
            msgspec.structs.replace(requirement, pin=entry.pin, url=entry.url, revision=entry.revision)
            if requirement.name == entry.name
            else requirement
            for requirement in self.requirements
        ]

    def _uv_sources(self) -> None:
        """Uv takes some requirements from elsewhere than the index: what they pin is said there."""
        for name, source in self.toml.table("tool", "uv", "sources").items():
            if not isinstance(source, dict):
                continue
            keys = ("tool", "uv", "sources", name)
            entry = _poetry_entry(name, source, self.toml.location(keys), "") if "index" not in source else None
            if entry is not None and entry.pin in _FROM_ELSEWHERE:
                self._take_from(entry)

    def _index_tables(self) -> None:
        for keys in (("tool", "uv", "index"), ("tool", "poetry", "source"), ("tool", "pdm", "source")):
            tables = self.toml.table(*keys[:-1]).get(keys[-1])
            for position, table in enumerate(tables if isinstance(tables, list) else ()):
                address = table.get("url") if isinstance(table, dict) else None
                if isinstance(address, str):
                    self._index((*keys, position, "url"), address)
        for field in ("index-url", "extra-index-url", "find-links"):
            value = self.toml.table("tool", "uv").get(field)
            for position, address in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(address, str):
                    keys = ("tool", "uv", field)
                    self._index((*keys, position) if isinstance(value, list) else keys, address)

    def _index(self, keys: Keys, address: str) -> None:
        is_public = is_public_index(address)
        self.indexes.append(
            IndexOption(
                host_of(address),
                self.toml.location(keys),
                is_public,
                has_credentials=has_credentials(address),
                is_extra=True,
                public_url=address if is_public else "",
            )
        )

    def _not_yet(self, dialect: str, keys: Keys) -> None:
        reason = text("the {dialect} part of {path} is not read yet", dialect=dialect, path=self.toml.path)
        self.unread.append(Unread(reason, self.toml.location(keys), is_fault=False))


def _poetry_values(value: object, keys: Keys, location: Location, toml: TomlFile) -> Iterator[tuple[object, Location]]:
    """A constraint, a table, or a list of tables for different markers."""
    if not isinstance(value, list):
        yield value, location
        return
    for position, part in enumerate(value):
        place = toml.location((*keys, position))
        yield part, place if place.line else location


def _poetry_entry(name: str, value: object, location: Location, group: str) -> Requirement | None:
    if isinstance(value, str):
        value = {"version": value}
    if not isinstance(value, dict):
        return None
    canonical = canonicalize_name(name)
    extras = tuple(sorted(str(extra) for extra in value.get("extras") or () if isinstance(extra, str)))
    marker = value["markers"] if isinstance(value.get("markers"), str) else ""
    if value.get("optional") is True and not group:
        group = "optional"
    if isinstance(value.get("git"), str):
        revision = next((str(value[key]) for key in ("rev", "tag", "branch") if isinstance(value.get(key), str)), "")
        pin = Pin.COMMIT if is_full_commit(revision) else Pin.MOVING
        address = without_credentials(value["git"])
        return Requirement(
            canonical,
            f"{name} = {{ git = {address!r}, {revision} }}",
            location,
            pin,
            url=f"git+{address}",
            revision=revision,
            extras=extras,
            marker=marker,
            group=group,
        )
    for key, pin in (("path", Pin.LOCAL), ("workspace", Pin.LOCAL), ("url", Pin.ARCHIVE)):
        if value.get(key):
            address = without_credentials(str(value[key]))
            return Requirement(
                canonical, f"{name} = {{ {key} = {address!r} }}", location, pin, url=address, group=group
            )
    specifier = value.get("version")
    if not isinstance(specifier, str):
        return None
    pin, version = poetry_pin(specifier)
    return Requirement(
        canonical,
        f"{name} = {specifier!r}".replace("'", '"'),
        location,
        pin,
        specifier=specifier,
        version=version,
        extras=extras,
        marker=marker,
        group=group,
    )


def poetry_pin(specifier: str) -> tuple[Pin, str]:
    """What a constraint in poetry's dialect leaves open: a bare version is exact, `^` and `~` are ranges."""
    written = specifier.strip()
    if written in {"", "*"}:
        return Pin.ANY, ""
    if any(mark in written for mark in "^~<>!|,"):
        return Pin.RANGE, ""
    version = written.lstrip("=").strip()
    if "*" in version:
        return (Pin.FUZZY if is_minor_wildcard(version) else Pin.RANGE), ""
    return Pin.EXACT, version
