"""What the files of DVC say: `.dvc` files, `dvc.yaml`, `dvc.lock` and `.dvc/config`, read without dvc."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from repro_gui.facts.addresses import without_credentials
from repro_gui.facts.configs import Setting, settings_of
from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.yaml_places import YamlNode, read_yaml
from repro_gui.location import Location
from repro_gui.text import Text, text


class DvcRole(StrEnum):
    """What a path is to the stage that names it."""

    OUTPUT = "output"
    DEPENDENCY = "dependency"


class ManifestFile(msgspec.Struct, frozen=True):
    """One file of a folder under DVC: path relative to that folder, and its digest."""

    path: str
    digest: str


class DvcEntry(msgspec.Struct, frozen=True):
    r"""One path that DVC records.

    `path` is relative to the project's folder and empty when it lies outside or is a URL; `target` is the path as
    written. `digest` is lower-case hexadecimal without `.dir`, empty when DVC has recorded none yet. `hash_name` is
    `md5`, `md5-dos2unix` (what DVC before 3 took: text with its line ends made `\\n`) or a name that is not read
    (`etag`, …). `files` is the listing where the file itself carries it. `source` and `revision` say where an import
    came from.
    """

    path: str
    target: str
    location: Location
    role: DvcRole = DvcRole.OUTPUT
    digest: str = ""
    hash_name: str = "md5"
    is_folder: bool = False
    size: int | None = None
    files: tuple[ManifestFile, ...] = ()
    stage: str = ""
    is_cached: bool = True
    remote: str = ""
    source: str = ""
    revision: str = ""


class StageParameters(msgspec.Struct, frozen=True):
    """The parameters of one file that a stage was run with; `path` is as written, `settings` have lines of the lock."""

    path: str
    settings: tuple[Setting, ...] = ()
    reason: Text | None = None


class DvcStage(msgspec.Struct, frozen=True):
    """A stage of `dvc.yaml`, or what `dvc.lock` records of one (there `train@a` for each part of a `foreach`).

    `command` is as written, the lines of a list joined. `dependencies` are as written; those of `dvc.lock` are among its
    entries. `parameters` are known for locks only. `is_frozen`: DVC never runs it again by itself.
    """

    name: str
    location: Location
    command: str = ""
    dependencies: tuple[str, ...] = ()
    parameters: tuple[StageParameters, ...] = ()
    is_frozen: bool = False


class DvcMetafile(msgspec.Struct, frozen=True):
    """A `.dvc`, `dvc.yaml` or `dvc.lock` file; `reason` says why it could not be read, and then it has no entries.

    The entries of a `dvc.lock` have no `path` yet: they are relative to the working folder of their stage, which only
    the `dvc.yaml` beside it names (`working_folders`, by stage; relative to the project). See `resolve_entries`.
    """

    path: str
    entries: tuple[DvcEntry, ...] = ()
    working_folders: tuple[tuple[str, str], ...] = ()
    reason: Text | None = None
    stages: tuple[DvcStage, ...] = ()


class DvcRemote(msgspec.Struct, frozen=True):
    """A place that `dvc push` writes to; `url` is redacted, `scheme` is `local` for folders."""

    name: str
    url: str
    scheme: str
    location: Location


class DvcConfig(msgspec.Struct, frozen=True):
    """`.dvc/config` of one DVC repository and, apart, what only this machine's `config.local` adds.

    `folder` is the repository's root, empty for the project's folder itself.
    """

    folder: str
    remotes: tuple[DvcRemote, ...] = ()
    default_remote: str = ""
    cache_folder: str = ""
    has_local: bool = False
    local_remotes: tuple[DvcRemote, ...] = ()
    local_default_remote: str = ""
    reason: Text | None = None


def is_metafile(path: str) -> bool:
    """True for the files that name what DVC holds; `.dvc` alone is DVC's folder, not one of them."""
    name = posixpath.basename(path)
    return name in {"dvc.yaml", "dvc.lock"} or (name.endswith(".dvc") and name != ".dvc")


def read_metafile(path: str, content: bytes) -> DvcMetafile:
    """Read one metafile; what is wrong with it is its `reason`."""
    decoded = decode_text(content)
    if decoded is None:
        return DvcMetafile(path, reason=text("it is not text"))
    root = read_yaml(decoded.content)
    if isinstance(root, Text):
        return DvcMetafile(path, reason=root)
    if root is None or root.pairs is None:
        return DvcMetafile(path, reason=text("it does not hold what a file of DVC holds"))
    match posixpath.basename(path):
        case "dvc.lock":
            return DvcMetafile(path, tuple(_lock_entries(path, root)), stages=tuple(_locked_stages(path, root)))
        case "dvc.yaml":
            stages = dict(_stages(root))
            folders = tuple((name, _working_folder(path, stage)) for name, stage in stages.items())
            entries = [entry for name, stage in stages.items() for entry in _yaml_entries(path, name, stage)]
            written = tuple(_written_stage(path, name, stage) for name, stage in stages.items())
            return DvcMetafile(path, tuple(entries), folders, stages=written)
        case _:
            return DvcMetafile(path, tuple(_single_entries(path, root)))


def resolve_entries(lock: DvcMetafile, pipeline: DvcMetafile | None) -> tuple[DvcEntry, ...]:
    """The entries of a `dvc.lock` with their paths, given the `dvc.yaml` beside it."""
    folders = dict(pipeline.working_folders) if pipeline else {}
    own_folder = posixpath.dirname(lock.path)
    return tuple(
        msgspec.structs.replace(
            entry, path=_inside(folders.get(entry.stage.split("@", 1)[0], own_folder), entry.target)
        )
        for entry in lock.entries
    )


def read_dvc_config(folder: str, content: bytes | None, local_content: bytes | None) -> DvcConfig:
    """Read `.dvc/config` and `.dvc/config.local` of the repository in that folder; None where there is no such file."""
    shared_path = posixpath.join(folder, ".dvc/config")
    shared, reason = _sections(content or b"")
    local, _ = _sections(local_content or b"")
    return DvcConfig(
        folder=folder,
        remotes=tuple(_remotes(shared_path, shared)),
        default_remote=shared.get("core", {}).get("remote", ("", 0))[0],
        cache_folder=shared.get("cache", {}).get("dir", ("", 0))[0],
        has_local=local_content is not None,
        local_remotes=tuple(_remotes(f"{shared_path}.local", local)),
        local_default_remote=local.get("core", {}).get("remote", ("", 0))[0],
        reason=reason,
    )


def _single_entries(path: str, root: YamlNode) -> Iterator[DvcEntry]:
    """Outputs and dependencies of a `.dvc` file."""
    folder = _working_folder(path, root)
    source, revision = "", ""
    for item in _items(root, "deps"):
        repository = item.get("repo")
        if repository is not None:
            source = without_credentials(_string(repository, "url"))
            revision = _string(repository, "rev_lock") or _string(repository, "rev")
        elif item.get("path") is not None:
            entry = _entry(path, folder, item, DvcRole.DEPENDENCY)
            source = source or entry.target
            yield entry
    for item in _items(root, "outs"):
        entry = _entry(path, folder, item, DvcRole.OUTPUT)
        yield msgspec.structs.replace(entry, source=source, revision=revision)


def _in_lock(root: YamlNode) -> list[tuple[YamlNode, YamlNode]]:
    """Names and stages: schema 1.0 had them at the top; 2.0 has them under `stages`."""
    stages = root.get("stages") if root.get("schema") is not None else root
    return (stages.pairs or []) if stages else []


def _locked_stages(path: str, root: YamlNode) -> Iterator[DvcStage]:
    for name, stage in _in_lock(root):
        given = stage.get("params")
        parameters = []
        for file, values in (given.pairs or ()) if given else ():
            read = settings_of(values)
            one = StageParameters(file.text or "")
            parameters.append(
                msgspec.structs.replace(one, reason=read)
                if isinstance(read, Text)
                else msgspec.structs.replace(one, settings=read)
            )
        place = Location(path, name.line, name.column)
        yield DvcStage(name.text or "", place, _command(stage), parameters=tuple(parameters))


def _written_stage(path: str, name: str, stage: YamlNode) -> DvcStage:
    listed = stage.get("deps")
    named = [(item.pairs[0][0] if item.pairs else item).text or "" for item in (listed.sequence() if listed else ())]
    place = Location(path, stage.line, stage.column)
    return DvcStage(name, place, _command(stage), tuple(named), is_frozen=_string(stage, "frozen") == "true")


def _command(stage: YamlNode) -> str:
    given = stage.get("cmd")
    if given is None:
        return ""
    return given.text if given.text is not None else "\n".join(one.text or "" for one in given.sequence())


def _lock_entries(path: str, root: YamlNode) -> Iterator[DvcEntry]:
    for name, stage in _in_lock(root):
        for key, role in (("deps", DvcRole.DEPENDENCY), ("outs", DvcRole.OUTPUT)):
            for item in _items(stage, key):
                entry = _entry(path, None, item, role)
                yield msgspec.structs.replace(entry, stage=name.text or "")


def _yaml_entries(path: str, name: str, stage: YamlNode) -> Iterator[DvcEntry]:
    """Outputs that `dvc.yaml` promises; templated ones have their names only in `dvc.lock`."""
    folder = _working_folder(path, stage)
    for key in ("outs", "metrics", "plots"):
        listed = stage.get(key)
        for item in listed.sequence() if listed else ():
            target, options = item.pairs[0] if item.pairs else (item, None)
            if target.text is None or "${" in target.text:
                continue
            yield DvcEntry(
                path=_inside(folder, target.text),
                target=target.text,
                location=Location(path, target.line, target.column),
                stage=name,
                is_cached=options is None or _string(options, "cache") != "false",
            )


def _stages(root: YamlNode) -> Iterator[tuple[str, YamlNode]]:
    stages = root.get("stages")
    for name, stage in (stages.pairs or ()) if stages else ():
        if name.text and stage.pairs is not None:
            yield name.text, stage.get("do") or stage


def _entry(path: str, folder: str | None, item: YamlNode, role: DvcRole) -> DvcEntry:
    """One item of `outs` or `deps`; without a folder the path stays open."""
    target = _string(item, "path")
    hash_name = _string(item, "hash")
    digest = item.get(hash_name or "md5")
    if not hash_name:
        # DVC before 3 wrote no `hash`: an MD5 over bytes with the line ends of text made \n.
        hash_name = "md5-dos2unix"
        other = next((name for name in ("etag", "checksum", "version_id") if item.get(name) is not None), "")
        if digest is None and other:
            hash_name, digest = other, item.get(other)
    written = (digest.text or "").lower() if digest else ""
    listing = tuple(
        ManifestFile(_string(file, "relpath"), _string(file, hash_name) or _string(file, "md5"))
        for file in _items(item, "files")
    )
    place = digest or item
    size = _string(item, "size")
    return DvcEntry(
        path="" if folder is None else _inside(folder, target),
        target=without_credentials(target),
        location=Location(path, place.line, place.column),
        role=role,
        digest=written.removesuffix(".dir"),
        hash_name=hash_name,
        is_folder=written.endswith(".dir") or bool(listing) or item.get("nfiles") is not None,
        size=int(size) if size.isdecimal() else None,
        files=listing,
        is_cached=_string(item, "cache") != "false",
        remote=_string(item, "remote"),
    )


def _items(node: YamlNode, key: str) -> Iterator[YamlNode]:
    listed = node.get(key)
    for item in listed.sequence() if listed else ():
        if item.pairs is not None:
            yield item


def _string(mapping: YamlNode, key: str) -> str:
    node = mapping.get(key)
    if node is None or node.text is None or (node.is_plain and node.text in {"", "~", "null"}):
        return ""
    return node.text


def _working_folder(path: str, mapping: YamlNode) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), _string(mapping, "wdir") or "."))


def _inside(folder: str, target: str) -> str:
    """The path from the project's folder; empty when it leads out of it, is a URL, or is not a path."""
    if not target or "://" in target or target.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", target):
        return ""
    path = posixpath.normpath(posixpath.join(folder, target))
    return "" if path in {".", ".."} or path.startswith("../") else path


_SECTION = re.compile(r"\[\s*(?P<name>.+?)\s*\]\s*(?:#.*)?$")


def _sections(content: bytes) -> tuple[dict[str, dict[str, tuple[str, int]]], Text | None]:
    """Settings with their lines by section: `core`, `remote "name"`."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return {}, text("It is not text in UTF-8.")
    sections: dict[str, dict[str, tuple[str, int]]] = {}
    settings: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if header := _SECTION.match(stripped):
            settings = sections.setdefault(header["name"].strip("'").replace("'", '"'), {})
        elif "=" in stripped and not stripped.startswith(("#", ";")):
            name, _, value = stripped.partition("=")
            settings[name.strip()] = (_unquoted(value.strip()), number)
    return sections, None


def _unquoted(value: str) -> str:
    if value[:1] in {"'", '"'} and value.find(value[0], 1) > 0:
        return value[1 : value.find(value[0], 1)]
    return value.split(" #", 1)[0].rstrip()


def _remotes(path: str, sections: dict[str, dict[str, tuple[str, int]]]) -> Iterator[DvcRemote]:
    for section, settings in sections.items():
        kind, _, name = section.partition(" ")
        url, line = settings.get("url", ("", 0))
        if kind != "remote" or not url:
            continue
        scheme = url.split("://", 1)[0].lower() if "://" in url else "local"
        yield DvcRemote(
            name.strip('"'), without_credentials(url), "local" if scheme == "file" else scheme, Location(path, line)
        )
