"""How the bytes in the work tree stand to what DVC records."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.dvc_digests import folder_digest
from repro_gui.facts.dvc_metafiles import DvcEntry
from repro_gui.text import Text, text


class ByteState(StrEnum):
    """How the work tree stands to one record of DVC."""

    SAME = "same"
    DIFFERENT = "different"
    ABSENT = "absent"
    NOT_RECORDED = "not-recorded"
    UNKNOWN = "unknown"


class DvcState(msgspec.Struct, frozen=True):
    """One recorded path and how its bytes stand; `changed`, `added` and `missing` are files of a folder, where known.

    `found` is the digest of what is there. `reason` says why the state is unknown.
    """

    entry: DvcEntry
    state: ByteState
    found: str = ""
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: Text | None = None


def dvc_states(data_files: DataFiles) -> Iterator[DvcState]:
    """The state of everything that DVC records, in the order of `DataFiles.entries`."""
    listed = sorted({*data_files.hashes, *data_files.unhashed})
    for entry in data_files.entries:
        yield _state(entry, data_files, listed)


def _state(entry: DvcEntry, data_files: DataFiles, listed: list[str]) -> DvcState:
    if not entry.path:
        reason = text("{target} lies outside the project's folder.", target=entry.target)
        return DvcState(entry, ByteState.UNKNOWN, reason=reason)
    if not entry.digest and not entry.files:
        return DvcState(entry, ByteState.NOT_RECORDED)
    if entry.hash_name not in {"md5", "md5-dos2unix"}:
        reason = text(
            "{target} is recorded by its {kind}, which is not read yet.", target=entry.target, kind=entry.hash_name
        )
        return DvcState(entry, ByteState.UNKNOWN, reason=reason)
    if entry.is_folder:
        return _folder_state(entry, data_files, listed)
    if entry.path in data_files.unhashed:
        return DvcState(entry, ByteState.UNKNOWN, reason=data_files.unhashed[entry.path])
    found = data_files.hashes.get(entry.path)
    if found is None:
        is_folder = any(True for _ in _files_in(entry.path, listed))
        return DvcState(entry, ByteState.DIFFERENT if is_folder else ByteState.ABSENT)
    digest = found.digest(entry.hash_name)
    is_same = entry.digest in {digest, found.md5}
    return DvcState(entry, ByteState.SAME if is_same else ByteState.DIFFERENT, digest)


def _folder_state(entry: DvcEntry, data_files: DataFiles, listed: list[str]) -> DvcState:
    if entry.path in data_files.hashes:
        return DvcState(entry, ByteState.DIFFERENT, data_files.hashes[entry.path].md5)
    if entry.path in data_files.unhashed:
        # A link, or a folder that was not listed whole.
        return DvcState(entry, ByteState.UNKNOWN, reason=data_files.unhashed[entry.path])
    digests: dict[str, str] = {}
    for path in _files_in(entry.path, listed):
        if data_files.ignore_patterns.ignores(path):
            continue
        if path in data_files.unhashed:
            return DvcState(entry, ByteState.UNKNOWN, reason=data_files.unhashed[path])
        digests[path[len(entry.path) + 1 :]] = data_files.hashes[path].digest(entry.hash_name)
    if not digests:
        return DvcState(entry, ByteState.SAME if entry.digest == folder_digest({}) else ByteState.ABSENT)
    found = folder_digest(digests)
    manifest = entry.files or data_files.manifests.get(entry.digest)
    if found == entry.digest:
        return DvcState(entry, ByteState.SAME, found)
    if manifest is None:
        return DvcState(entry, ByteState.DIFFERENT, found)
    recorded = {file.path: file.digest for file in manifest}
    changed = tuple(path for path, digest in digests.items() if recorded.get(path, digest) not in {digest, ""})
    added = tuple(path for path in digests if path not in recorded)
    missing = tuple(path for path in recorded if path not in digests)
    is_same = not (changed or added or missing)
    # Equal listings under another digest: the folder was recorded by a DVC that wrote its listing differently.
    return DvcState(entry, ByteState.SAME if is_same else ByteState.DIFFERENT, found, changed, added, missing)


def _files_in(folder: str, listed: list[str]) -> Iterator[str]:

    prefix = f"{folder}/"
    for index in range(bisect.bisect_left(listed, prefix), len(listed)):
        if not listed[index].startswith(prefix):
            return
        yield listed[index]
