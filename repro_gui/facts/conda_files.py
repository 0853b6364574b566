"""conda's environment files, `python_env.yaml` of MLflow, and `conda-lock` files."""

from __future__ import annotations

import re

import msgspec
from packaging.utils import canonicalize_name

from repro_gui.facts.addresses import has_credentials, host_of
from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.dependencies import (
    EnvironmentFile,
    FileFormat,
    Include,
    IndexOption,
    LockedPackage,
    Pin,
    PythonVersion,
    Requirement,
    Unread,
)
from repro_gui.facts.python_versions import named_version
from repro_gui.facts.requirement_lines import is_minor_wildcard
from repro_gui.facts.requirements_files import parse_requirements
from repro_gui.facts.yaml_places import YamlNode, read_yaml
from repro_gui.location import LineIndex, Location
from repro_gui.text import Text, text

# Source: conda's documentation, "Package match specifications".
_MATCH = re.compile(
    r"(?:[^\s\[\]=<>]+::?)?(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(?P<rest>(?:[<>=!~*\d][^\[\]]*?)?)\s*(?:\[(?P<keys>[^\]]*)\])?"
)
_KEY = re.compile(r"(version|build)\s*=\s*['\"]?([^'\",\]]+)")
_PUBLIC_CHANNEL_HOSTS = frozenset({"conda.anaconda.org", "repo.anaconda.com", "repo.prefix.dev"})


def parse_match(written: str, location: Location) -> Requirement | None:
    """Read a conda package specification; None when it is none.

    `=1.24` and `=1.24.*` let patch releases move; `=1.24.3` and anything with a build is taken as exact.
    """
    stripped = written.strip()
    found = _MATCH.fullmatch(stripped)
    if found is None:
        return None
    specifier, build = _split_build(found["rest"])
    for key, value in _KEY.findall(found["keys"] or ""):
        if key == "version":
            specifier = value
        else:
            build = value
    pin, version = _conda_pin(specifier, build)
    return Requirement(
        canonicalize_name(found["name"]),
        stripped,
        location,
        pin,
        specifier=specifier,
        version=version,
        hashes=0,
        revision=build,
        is_conda=True,
    )


def _split_build(rest: str) -> tuple[str, str]:
    """`=1.2=py_0` and `1.2 py_0` have a build; spaces around operators have no meaning."""
    closed = re.sub(r"\s*([<>=!~|,]+)\s*", r"\1", rest)
    version, _, build = closed.partition(" ")
    if not build:
        operator = re.match(r"[<>=!~]*", version)
        start = operator.end() if operator else 0
        plain, _, build = version[start:].partition("=")
        if build and not any(mark in plain for mark in "<>!~|,"):
            version = version[:start] + plain
        else:
            build = ""
    return version, build


def _conda_pin(specifier: str, build: str) -> tuple[Pin, str]:
    if specifier in {"", "*"}:
        return Pin.ANY, ""
    if any(mark in specifier for mark in "<>!~|,"):
        return Pin.RANGE, ""
    version = specifier.lstrip("=").strip()
    is_fuzzy_operator = not specifier.startswith("==")
    if "*" in version:
        return (Pin.FUZZY if is_minor_wildcard(version) else Pin.RANGE), ""
    if is_fuzzy_operator and specifier.startswith("=") and not build and "." not in version:
        return Pin.RANGE, ""
    if is_fuzzy_operator and specifier.startswith("=") and not build and version.count(".") < 2:
        return Pin.FUZZY, version
    return Pin.EXACT, version


def parse_conda(path: str, content: bytes) -> EnvironmentFile:
    """Read an `environment.yml`; a YAML file without `dependencies` is not one and comes back empty."""
    decoded = decode_text(content)
    root = read_yaml(decoded.content) if decoded else text("it is not text")
    if isinstance(root, Text):
        reason = text("{path} could not be read: {reason}", path=path, reason=str(root))
        # Other configuration is called `env.yaml` too.
        is_list = path.lower().rpartition("/")[2].startswith(("environment", "conda"))
        unread = (Unread(reason, Location(path)),) if is_list else ()
        return EnvironmentFile(path, FileFormat.CONDA, is_list=is_list, unread=unread)
    entries = root.get("dependencies") if root else None
    if root is None or entries is None or entries.items is None:
        return EnvironmentFile(path, FileFormat.CONDA)
    assert decoded is not None
    reader = _CondaReader(path, LineIndex(decoded.content))
    for node in entries.items:
        reader.entry(node)
    channels = root.get("channels")
    for node in channels.sequence() if channels else ():
        reader.channel(node)
    prefix, name = root.get("prefix"), root.get("name")
    return EnvironmentFile(
        path,
        FileFormat.CONDA,
        is_list=True,
        is_lock=reader.has_builds(),
        requirements=tuple(reader.requirements),
        includes=tuple(reader.includes),
        indexes=tuple(reader.indexes),
        python_versions=tuple(reader.python_versions),
        locked=reader.locked() if reader.has_builds() else (),
        project_name=(name.text or "") if name else "",
        prefix=reader.location(prefix) if prefix else None,
        unread=tuple(reader.unread),
    )


class _CondaReader:
    def __init__(self, path: str, index: LineIndex) -> None:
        self.path = path
        self.index = index
        self.requirements: list[Requirement] = []
        self.includes: list[Include] = []
        self.indexes: list[IndexOption] = []
        self.python_versions: list[PythonVersion] = []
        self.unread: list[Unread] = []

    def location(self, node: YamlNode) -> Location:
        return Location(self.path, node.line, node.column, *self.index.position(node.end))

    def entry(self, node: YamlNode) -> None:
        if node.text is not None:
            self._package(node, node.text)
            return
        pip = node.get("pip")
        if pip is not None and pip.items is not None:
            for item in pip.items:
                self._pip(item)
        elif node.pairs:
            reason = text("an entry of {path} is not read yet", path=self.path)
            self.unread.append(Unread(reason, self.location(node), is_fault=False))

    def _package(self, node: YamlNode, written: str) -> None:
        entry = parse_match(written, self.location(node))
        if entry is None:
            self.unread.append(
                Unread(text("`{entry}` is not a conda package", entry=written[:80]), self.location(node))
            )
        elif entry.name == "python":
            version = named_version(entry.specifier.lstrip("=").strip()) if entry.pin is not Pin.RANGE else ""
            self.python_versions.append(PythonVersion(written, version, "conda", entry.location, is_range=not version))
        else:
            self.requirements.append(entry)

    def _pip(self, node: YamlNode) -> None:
        if node.text is None:
            return
        location = self.location(node)
        read = parse_requirements(self.path, node.text.encode())
        self.requirements += [msgspec.structs.replace(entry, location=location) for entry in read.requirements]
        self.includes += [msgspec.structs.replace(include, location=location) for include in read.includes]
        self.indexes += [msgspec.structs.replace(index, location=location) for index in read.indexes]
        self.unread += [msgspec.structs.replace(unread, location=location) for unread in read.unread]

    def channel(self, node: YamlNode) -> None:
        if node.text is None or "://" not in node.text:
            return
        host = host_of(node.text)
        is_secret = has_credentials(node.text) or "/t/" in node.text
        self.indexes.append(
            IndexOption(
                host,
                self.location(node),
                is_public=host in _PUBLIC_CHANNEL_HOSTS and not is_secret,
                has_credentials=is_secret,
                is_extra=True,
            )
        )

    def has_builds(self) -> bool:
        """True for the output of `conda env export`: every conda package with its build, every pip package exact."""
        conda = [entry for entry in self.requirements if entry.is_conda]
        pip = [entry for entry in self.requirements if not entry.is_conda]
        return bool(conda) and all(entry.revision for entry in conda) and all(entry.pin is Pin.EXACT for entry in pip)

    def locked(self) -> tuple[LockedPackage, ...]:
        return tuple(
            LockedPackage(entry.name, entry.version, entry.location.line, source="conda" if entry.is_conda else "index")
            for entry in self.requirements
        )


def parse_mlflow_python(path: str, content: bytes) -> EnvironmentFile:
    """Read the `python_env.yaml` of an MLflow project: `python`, `build_dependencies`, `dependencies`."""
    decoded = decode_text(content)
    root = read_yaml(decoded.content) if decoded else text("it is not text")
    if isinstance(root, Text) or decoded is None:
        reason = text("{path} could not be read: {reason}", path=path, reason=str(root))
        return EnvironmentFile(path, FileFormat.MLFLOW_PYTHON, is_list=True, unread=(Unread(reason, Location(path)),))
    if root is None:
        return EnvironmentFile(path, FileFormat.MLFLOW_PYTHON, is_list=True)
    reader = _CondaReader(path, LineIndex(decoded.content))
    python = root.get("python")
    if python is not None and python.text is not None:
        version = named_version(python.text)
        place = reader.location(python)
        reader.python_versions.append(PythonVersion(python.text, version, path, place, is_range=not version))
    dependencies = root.get("dependencies")
    for node in dependencies.sequence() if dependencies else ():
        reader._pip(node)  # noqa: SLF001 -- same module
    return EnvironmentFile(
        path,
        FileFormat.MLFLOW_PYTHON,
        is_list=True,
        requirements=tuple(reader.requirements),
        includes=tuple(reader.includes),
        indexes=tuple(reader.indexes),
        python_versions=tuple(reader.python_versions),
        unread=tuple(reader.unread),
    )


def parse_conda_lock(path: str, content: bytes) -> EnvironmentFile:
    """Read a `conda-lock.yml`: each package with its hash; the same package for several platforms counts once per version."""
    decoded = decode_text(content)
    root = read_yaml(decoded.content) if decoded else text("it is not text")
    packages = root.get("package") if isinstance(root, YamlNode) else None
    if isinstance(root, Text) or packages is None or packages.items is None:
        problem = str(root) if isinstance(root, Text) else "it has no `package` list"
        reason = text("{path} could not be read: {reason}", path=path, reason=problem)
        return EnvironmentFile(path, FileFormat.CONDA_LOCK, is_lock=True, unread=(Unread(reason, Location(path)),))
    locked: dict[tuple[str, str], LockedPackage] = {}
    for node in packages.items:
        name, version = node.get("name"), node.get("version")
        if name is None or version is None or not name.text or not version.text:
            continue
        digest = node.get("hash")
        key = (canonicalize_name(name.text), version.text)
        source = "index" if (manager := node.get("manager")) is not None and manager.text == "pip" else "conda"
        locked.setdefault(
            key, LockedPackage(*key, name.line, hashes=len(digest.pairs or ()) if digest else 0, source=source)
        )
    return EnvironmentFile(path, FileFormat.CONDA_LOCK, is_lock=True, locked=tuple(locked.values()))
