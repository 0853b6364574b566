"""Reads what is installed in an environment from its files; nothing of it is run.

Every file is opened through `ProjectFiles`, also outside the project: an environment in a project's folder is as little
trusted as the project.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from repro_gui.errors import ProjectUnreadable
from repro_gui.facts.addresses import without_credentials
from repro_gui.facts.installed import Distribution, InstalledEnvironment, Interpreter
from repro_gui.gather.files import NotRead, ProjectFiles
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from repro_gui.facts.tree import TreeEntry
    from repro_gui.progress import Progress

_METADATA_BYTES = 2 * 1024 * 1024
_RECORD_BYTES = 16 * 1024 * 1024
_MOST_DISTRIBUTIONS = 20_000
_HEADER = re.compile(r"^(Name|Version|Requires-Dist)[ \t]*:[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE)
_CONDA_RECORD = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-[^-]+\.json")
_EXTENSION_MODULE = re.compile(r"\.(?:[\w-]+\.)?(?:so|pyd|abi3\.so)$")
_NOT_IMPORTS = frozenset({"__pycache__", "bin", "Scripts", "share", "etc", "include", "lib", "lib64"})


class _DirectUrl(msgspec.Struct):
    """`direct_url.json` (PEP 610)."""

    url: str = ""
    vcs_info: dict[str, str] | None = None
    dir_info: dict[str, bool] | None = None
    archive_info: dict[str, object] | None = None


def read_installed(interpreter: Interpreter, progress: Progress) -> InstalledEnvironment:
    """The distributions of an environment; the first of two with one name counts, as it does for Python."""
    found: dict[str, Distribution] = {}
    unread: list[Text] = []
    for folder in interpreter.site_packages:
        try:
            with ProjectFiles(folder) as files:
                _read_folder(files, found, unread, progress)
        except ProjectUnreadable as error:
            unread.append(error.what)
    conda: dict[str, str] = {}
    if interpreter.kind == "conda":
        conda = _conda_packages(interpreter.path)
    distributions = tuple(found[name] for name in sorted(found))
    return InstalledEnvironment(interpreter, distributions, conda, tuple(unread))


def _read_folder(files: ProjectFiles, found: dict[str, Distribution], unread: list[Text], progress: Progress) -> None:
    listed = files.list_folder("")
    if isinstance(listed, NotRead):
        unread.append(listed.reason)
        return
    records = [entry for entry in listed if entry.name.endswith((".dist-info", ".egg-info", ".egg-link"))]
    for done, entry in enumerate(records[:_MOST_DISTRIBUTIONS]):
        progress.step(text("Reading installed packages"), done, len(records))
        distribution = _read_distribution(files, entry)
        if isinstance(distribution, Distribution):
            found.setdefault(distribution.name, distribution)
        else:
            unread.append(distribution)


def _read_distribution(files: ProjectFiles, entry: TreeEntry) -> Distribution | Text:
    name = entry.path
    if name.endswith(".egg-link"):
        return Distribution(_canonical(name.removesuffix(".egg-link")), "", source="local", is_editable=True)
    if name.endswith(".dist-info"):
        content = files.read(f"{name}/METADATA", _METADATA_BYTES)
    else:
        content = files.read(f"{name}/PKG-INFO" if entry.is_folder else name, _METADATA_BYTES)
    if isinstance(content, NotRead):
        return text("{folder} has no metadata that can be read.", folder=name)
    head = re.split(r"\r?\n\r?\n", content.decode("utf-8", "replace"), maxsplit=1)[0]
    fields: dict[str, list[str]] = {}
    for key, value in _HEADER.findall(head):
        fields.setdefault(key, []).append(value)
    written_name = (fields.get("Name") or [""])[0] or name.partition("-")[0].rpartition(".")[0]
    version = (fields.get("Version") or [""])[0]
    is_valid = True
    try:
        canonical = canonicalize_name(written_name, validate=True)
        Version(version)
    except (InvalidName, InvalidVersion):
        is_valid = False
        canonical = canonicalize_name(written_name)
    direct = _read_direct_url(files, name)
    vcs = (direct.vcs_info or {}) if direct else {}
    return Distribution(
        canonical,
        version,
        imports=_read_imports(files, entry),
        requires=tuple(fields.get("Requires-Dist", ())),
        source=_source_of(files, name, direct),
        url=without_credentials(direct.url) if direct else "",
        commit=vcs.get("commit_id", ""),
        is_editable=bool(direct and (direct.dir_info or {}).get("editable")),
        is_valid=is_valid,
    )


def _canonical(written: str) -> str:
    return canonicalize_name(written)


def _read_direct_url(files: ProjectFiles, folder: str) -> _DirectUrl | None:
    content = files.read(f"{folder}/direct_url.json", _METADATA_BYTES)
    if isinstance(content, NotRead):
        return None
    try:
        return msgspec.json.decode(content, type=_DirectUrl)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        # Something stands there: it did not come from an index by its name.
        return _DirectUrl(dir_info={})


def _source_of(files: ProjectFiles, folder: str, direct: _DirectUrl | None) -> str:
    if direct is not None:
        if direct.vcs_info:
            return "git"
        return "local" if direct.dir_info is not None or direct.url.startswith("file:") else "archive"
    installer = files.read(f"{folder}/INSTALLER", 1024)
    return (
        "conda"
        if installer == b"conda" or (isinstance(installer, bytes) and installer.strip() == b"conda")
        else "index"
    )


def _read_imports(files: ProjectFiles, entry: TreeEntry) -> tuple[str, ...]:
    """Top-level import names: `top_level.txt` where there is one, else from the list of files (`RECORD`)."""
    if not entry.is_folder:
        return ()
    content = files.read(f"{entry.path}/top_level.txt", _METADATA_BYTES)
    if isinstance(content, bytes):
        names = content.decode("utf-8", "replace").split()
        return tuple(dict.fromkeys(name for name in names if name.isidentifier()))
    is_wheel = entry.path.endswith(".dist-info")
    content = files.read(f"{entry.path}/{'RECORD' if is_wheel else 'installed-files.txt'}", _RECORD_BYTES)
    if isinstance(content, NotRead):
        return ()
    found: dict[str, None] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        first, slash, _ = line.strip('"').partition(",")[0].partition("/")
        if slash:
            if first.isidentifier() and first not in _NOT_IMPORTS:
                found[first] = None
            continue
        module = first.removesuffix(".py") if first.endswith(".py") else _EXTENSION_MODULE.sub("", first)
        if module != first and module.isidentifier():
            found[module] = None
    return tuple(found)


def _conda_packages(prefix: str) -> dict[str, str]:
    """Versions of conda's packages by name, from the names of its records."""
    try:
        with ProjectFiles(prefix) as files:
            listed = files.list_folder("conda-meta")
    except ProjectUnreadable:
        return {}
    if isinstance(listed, NotRead):
        return {}
    matches = (_CONDA_RECORD.fullmatch(entry.name) for entry in listed)
    return {canonicalize_name(found["name"]): found["version"] for found in matches if found}
