"""Reads what pins the data of a project, and takes the digests of the bytes that DVC names."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.data_files import (
    AnnexLink,
    DataFiles,
    ignore_lines,
    read_lakefs_index,
    read_lfs_pointer,
    unread_mechanisms,
)
from repro_gui.facts.dvc_digests import PIECE, Digester, FileHash, hash_of
from repro_gui.facts.dvc_metafiles import (
    DvcConfig,
    DvcEntry,
    DvcMetafile,
    ManifestFile,
    is_metafile,
    read_dvc_config,
    read_metafile,
)
from repro_gui.facts.ignore_patterns import LfsRule, is_under_lfs, lfs_rules_of
from repro_gui.facts.tree import EntryKind, TreeEntry
from repro_gui.gather.files import NotRead, WhyNot
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_gui.facts.settings import Limits, Settings
    from repro_gui.facts.tree import FileTree
    from repro_gui.gather.cache import Cache
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress

_KIND = "dvc-digest/1"
_LARGEST_POINTER = 1024
_LARGEST_LISTING = 128 * 1024 * 1024
# Up to this size a file is read at once and remembered by its content, as sources and configurations are.
_SMALL = 4 * 1024 * 1024
_STEP = 32 * 1024 * 1024


def gather_data_files(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, cache: Cache
) -> DataFiles:
    """Read every file that pins data, then the data that DVC names; nothing of Git and nothing outside the folder."""
    limits = settings.limits
    facts = DataFiles(
        metafiles={entry.path: _metafile(opened, entry.path, limits) for entry in tree.entries if _is_metafile(entry)},
        configs=_configs(opened, tree, limits),
        ignores={path: ignore_lines(content) for path, content in _named(opened, tree, ".dvcignore", limits)},
        lfs_rules=_lfs_rules(opened, tree, limits),
        annexed=_annexed(opened, tree),
        unread=tuple(unread_mechanisms([entry.path for entry in tree.entries])),
        lakefs={
            path: read_lakefs_index(path, content) for path, content in _named(opened, tree, ".lakefs_ref.yaml", limits)
        },
    )
    pointers = {}
    for entry in tree.entries if facts.lfs_rules else ():
        if (
            entry.kind is EntryKind.FILE
            and entry.size <= _LARGEST_POINTER
            and is_under_lfs(entry.path, facts.lfs_rules)
        ):
            content = opened.read(entry.path, _LARGEST_POINTER)
            pointer = None if isinstance(content, NotRead) else read_lfs_pointer(entry.path, content)
            if pointer is not None:
                pointers[entry.path] = pointer
    manifests, cached = _listings(opened, facts)
    facts = msgspec.structs.replace(facts, lfs_pointers=pointers, manifests=manifests, cached=cached)
    hashes, unhashed = _digests(opened, tree, facts, limits, progress, cache)
    return msgspec.structs.replace(facts, hashes=hashes, unhashed=unhashed)


def _is_metafile(entry: TreeEntry) -> bool:
    return entry.kind is not EntryKind.OTHER and is_metafile(entry.path)


def _metafile(opened: ProjectFiles, path: str, limits: Limits) -> DvcMetafile:
    content = opened.read(path, limits.config_bytes)
    return DvcMetafile(path, reason=content.reason) if isinstance(content, NotRead) else read_metafile(path, content)


def _configs(opened: ProjectFiles, tree: FileTree, limits: Limits) -> dict[str, DvcConfig]:
    found: dict[str, DvcConfig] = {}
    for entry in tree.entries:
        folder, name = posixpath.split(entry.path)
        if name in {"config", "config.local"} and posixpath.basename(folder) == ".dvc":
            root = posixpath.dirname(folder)
            if root not in found:
                shared = opened.read(f"{folder}/config", limits.config_bytes)
                local = opened.read(f"{folder}/config.local", limits.config_bytes)
                config = read_dvc_config(root, _content(shared), _content(local))
                if isinstance(shared, NotRead) and shared.why is not WhyNot.MISSING:
                    config = msgspec.structs.replace(config, reason=shared.reason)
                found[root] = config
    return found


def _lfs_rules(opened: ProjectFiles, tree: FileTree, limits: Limits) -> dict[str, tuple[LfsRule, ...]]:
    found = {path: lfs_rules_of(content) for path, content in _named(opened, tree, ".gitattributes", limits)}
    return {path: rules for path, rules in found.items() if rules}


def _named(opened: ProjectFiles, tree: FileTree, name: str, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file of one name."""
    for entry in tree.entries:
        if posixpath.basename(entry.path) == name:
            content = opened.read(entry.path, limits.config_bytes)
            if not isinstance(content, NotRead):
                yield entry.path, content


def _annexed(opened: ProjectFiles, tree: FileTree) -> dict[str, AnnexLink]:
    found = {}
    for entry in tree.entries:
        if entry.kind is EntryKind.LINK and "/annex/objects/" in entry.link_target:
            key = posixpath.basename(entry.link_target)
            found[entry.path] = AnnexLink(entry.path, key, opened.is_file(entry.path))
    return found


def _listings(opened: ProjectFiles, facts: DataFiles) -> tuple[dict[str, tuple[ManifestFile, ...]], frozenset[str]]:
    """Listings of folders in DVC's cache, by digest, and which recorded digests the cache holds."""
    manifests: dict[str, tuple[ManifestFile, ...]] = {}
    cached: set[str] = set()
    for entry in facts.output_paths.values():
        for path in _cache_paths(entry, facts):
            if not entry.digest or not opened.is_file(path):
                continue
            cached.add(entry.digest)
            content = opened.read(path, _LARGEST_LISTING) if entry.is_folder else b""
            # Only a listing that has the recorded digest says what was recorded.
            if entry.is_folder and not isinstance(content, NotRead) and hash_of(content).md5 == entry.digest:
                listing = _listing(content)
                if listing is not None:
                    manifests[entry.digest] = listing
            break
    return manifests, frozenset(cached)


def _cache_paths(entry: DvcEntry, facts: DataFiles) -> Iterator[str]:
    """Where the cache of the entry's own DVC repository may hold its content: as DVC 3 and as earlier ones store it."""
    folder = posixpath.dirname(entry.location.path)
    while folder and folder not in facts.configs:
        folder = posixpath.dirname(folder)
    config = facts.configs.get(folder)
    own = posixpath.join(folder, ".dvc")
    chosen = config.cache_folder if config else ""
    cache = posixpath.normpath(posixpath.join(own, chosen or "cache"))
    if cache.startswith(("/", "..")):
        return
    name = f"{entry.digest[:2]}/{entry.digest[2:]}{'.dir' if entry.is_folder else ''}"
    yield f"{cache}/files/md5/{name}"
    yield f"{cache}/{name}"


class _ListedFile(msgspec.Struct):
    relpath: str
    md5: str = ""


def _listing(content: bytes) -> tuple[ManifestFile, ...] | None:
    try:
        files = msgspec.json.decode(content, type=list[_ListedFile])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return tuple(ManifestFile(file.relpath, file.md5) for file in files)


def _digests(
    opened: ProjectFiles, tree: FileTree, facts: DataFiles, limits: Limits, progress: Progress, cache: Cache
) -> tuple[dict[str, FileHash], dict[str, Text]]:
    """Digests of all files that DVC names, and why there is none of the others."""
    hashes: dict[str, FileHash] = {}
    unhashed: dict[str, Text] = {}
    sizes = {entry.path: entry.size for entry in facts.entries if entry.hash_name == "md5" and not entry.is_folder}
    wanted = [entry for entry in _with_targets(opened, tree, facts, unhashed) if entry.path not in unhashed]
    total = sum(entry.size for entry in wanted)
    done, room = 0, limits.hashed_bytes
    for entry in wanted:
        progress.step(text("Comparing {path} with what DVC records", path=entry.path), done, total)
        done += entry.size
        if entry.size > room:
            if sizes.get(entry.path) not in {None, entry.size}:
                # Another size needs no digest to be another content.
                hashes[entry.path] = FileHash(entry.size, "", "")
            else:
                unhashed[entry.path] = text(
                    "{path} ({size} bytes) was not compared: at most {limit} bytes are read for that.",
                    path=entry.path,
                    size=entry.size,
                    limit=limits.hashed_bytes,
                )
            continue
        room -= entry.size
        digest = _digest(opened, entry, done - entry.size, total, progress, cache)
        if isinstance(digest, FileHash):
            hashes[entry.path] = digest
        elif digest.why is not WhyNot.MISSING:
            unhashed[entry.path] = digest.reason
    for path, reason in _not_listed(tree, facts):
        unhashed.setdefault(path, reason)
    return hashes, unhashed


def _with_targets(
    opened: ProjectFiles, tree: FileTree, facts: DataFiles, unhashed: dict[str, Text]
) -> Iterator[TreeEntry]:
    """Entries of the tree that DVC names; a link stands with size and times of the file that it leads to."""
    for entry in tree.entries:
        if not facts.is_covered(entry.path):
            continue
        if entry.kind is EntryKind.FILE:
            yield entry
        elif entry.kind is EntryKind.OTHER:
            unhashed[entry.path] = text("{path} is not a plain file.", path=entry.path)
        else:
            found = opened.open(entry.path)
            if isinstance(found, NotRead):
                if found.why is not WhyNot.MISSING:
                    unhashed[entry.path] = found.reason
                continue
            with found:
                status = os.fstat(found.fileno())
            yield TreeEntry(
                entry.path,
                status.st_size,
                mtime_ns=status.st_mtime_ns,
                ctime_ns=status.st_ctime_ns,
                inode=status.st_ino,
            )


def _not_listed(tree: FileTree, facts: DataFiles) -> Iterator[tuple[str, Text]]:
    """Folders under DVC of which a part was not listed, so that their content is not known whole."""
    parts: Iterable[tuple[str, Text]] = [
        *((item.path, item.reason) for item in tree.left_out),
        *(
            (path, text("{path} is not read as part of the project.", path=path))
            for path in (*tree.environment_folders, *tree.excluded_folders, *tree.record_folders)
        ),
    ]
    for path, reason in parts:
        if facts.is_covered(path):
            yield path, reason
        for entry in facts.entries:
            if entry.path.startswith(f"{path}/"):
                yield entry.path, reason


def _digest(
    opened: ProjectFiles, entry: TreeEntry, done: int, total: int, progress: Progress, cache: Cache
) -> FileHash | NotRead:
    known = cache.find(_KIND, entry)
    if known is not None:
        return msgspec.msgpack.decode(known, type=FileHash)
    if entry.size <= _SMALL:
        content = opened.read(entry.path, _SMALL)
        if not isinstance(content, NotRead):
            digest = hash_of(content)
            cache.keep(_KIND, entry, content, msgspec.msgpack.encode(digest))
            return digest
        if content.why is not WhyNot.TOO_LARGE:
            return content
    file = opened.open(entry.path)
    if isinstance(file, NotRead):
        return file
    digester = Digester()
    try:
        with file:
            read = 0
            while piece := file.read(PIECE):
                digester.update(piece)
                read += len(piece)
                if read % _STEP == 0:
                    progress.step(text("Comparing {path} with what DVC records", path=entry.path), done + read, total)
    except OSError as error:
        reason = text("{path} could not be read ({error}).", path=entry.path, error=error.strerror or str(error))
        return NotRead(reason)
    digest = digester.finish()
    cache.keep_large(_KIND, entry, bytes.fromhex(digest.md5), msgspec.msgpack.encode(digest))
    return digest


def _content(read: bytes | NotRead) -> bytes | None:
    return None if isinstance(read, NotRead) else read
