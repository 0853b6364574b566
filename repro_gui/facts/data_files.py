"""What pins the data of a project: DVC, Git LFS, git-annex; and the bytes that are really there."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from repro_gui.facts.dvc_metafiles import DvcConfig, DvcEntry, DvcMetafile, ManifestFile
from repro_gui.location import Location
from repro_gui.text import Text


class FileHash(msgspec.Struct, frozen=True):
    """The bytes of one file in the work tree: size, MD5, and MD5 with `\\r\\n` made `\\n` as DVC before 3 took it."""

    size: int
    md5: str
    md5_text: str


class LfsPointer(msgspec.Struct, frozen=True):
    """A Git LFS pointer lying where its content should be."""

    path: str
    sha256: str
    size: int


class AnnexLink(msgspec.Struct, frozen=True):
    """A file that git-annex (DataLad) holds: its key, and whether the content is here."""

    path: str
    key: str
    is_here: bool


class UnreadMechanism(msgspec.Struct, frozen=True):
    """A way of versioning data that is recognised by a file but not read yet."""

    name: str
    location: Location


class PinKind(StrEnum):
    """What fixes the content of a data file."""

    GIT = "git"
    DVC = "dvc"
    GIT_LFS = "git-lfs"
    GIT_ANNEX = "git-annex"


class Pin(msgspec.Struct, frozen=True):
    """One thing that fixes the content of a path: the kind, the digest or key recorded, and where it is written."""

    kind: PinKind
    identifier: str = ""
    location: Location | None = None


class ByteState(StrEnum):
    """How the work tree stands to what DVC records."""

    SAME = "same"
    DIFFERENT = "different"
    ABSENT = "absent"
    NOT_RECORDED = "not-recorded"
    UNKNOWN = "unknown"


class DvcState(msgspec.Struct, frozen=True):
    """One recorded path and how its bytes stand; `changed`, `added` and `missing` are files of a folder.

    `found` is the digest of what is there. `reason` says why the state is unknown.
    """

    entry: DvcEntry
    state: ByteState
    found: str = ""
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: Text | None = None


class DataFiles(msgspec.Struct, frozen=True):
    """Everything in the project's files that pins data, and the digests of the bytes that it pins.

    `hashes` has the files under DVC that are in the work tree, `unhashed` those whose bytes were not read, with the
    reason. `manifests` are the listings of folders by digest, as far as DVC's cache in the project has them. `lfs_rules` are the patterns with
    `filter=lfs` by the path of their `.gitattributes`.
    """

    metafiles: Mapping[str, DvcMetafile] = {}
    configs: Mapping[str, DvcConfig] = {}
    hashes: Mapping[str, FileHash] = {}
    unhashed: Mapping[str, Text] = {}
    manifests: Mapping[str, tuple[ManifestFile, ...]] = {}
    lfs_rules: Mapping[str, tuple[str, ...]] = {}
    lfs_pointers: Mapping[str, LfsPointer] = {}
    annexed: Mapping[str, AnnexLink] = {}
    unread: tuple[UnreadMechanism, ...] = ()

    def after(self, contents: Mapping[str, bytes | None]) -> DataFiles:
        """The facts as they would be with these file contents (None = gone)."""
        return self
