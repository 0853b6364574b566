"""What pins the data of a project: DVC, Git LFS, git-annex; and the bytes that are really there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

import msgspec

from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.dvc_digests import FileHash, hash_of
from repro_gui.facts.dvc_metafiles import (
    DvcConfig,
    DvcEntry,
    DvcMetafile,
    DvcRole,
    ManifestFile,
    is_metafile,
    read_dvc_config,
    read_metafile,
    resolve_entries,
)
from repro_gui.facts.git import GitFacts, GitState
from repro_gui.facts.ignore_patterns import IgnorePatterns, LfsRule, is_under_lfs, lfs_rules_of
from repro_gui.facts.yaml_places import read_yaml
from repro_gui.location import Location
from repro_gui.text import Text

# Files by which ways of versioning data are recognised that are not read yet.
_LAKEFS_INDEX = ".lakefs_ref.yaml"
_UNREAD = {
    _LAKEFS_INDEX: "lakeFS",
    ".quilt": "Quilt",
    "bento.yaml": "BentoML",
    ".pachyderm": "Pachyderm",
    ".oxen": "Oxen",
}
_LAKEFS_COMMIT = re.compile(r"[0-9a-f]{64}")
_POINTER_START = b"version https://git-lfs.github.com/spec/v1\n"
_LARGEST_POINTER = 1024
_Fact = TypeVar("_Fact")


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


class LakefsIndex(msgspec.Struct, frozen=True):
    """What `lakectl local` notes of a folder: the address it follows, and the commit that its files are of."""

    source: str
    commit: str
    location: Location


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
    LAKEFS = "lakefs"


class Pin(msgspec.Struct, frozen=True):
    """One thing that fixes the content of a path: the kind, the digest or key recorded, and where it is written."""

    kind: PinKind
    identifier: str = ""
    location: Location | None = None


class DataFiles(msgspec.Struct, frozen=True, dict=True):
    """Everything in the project's files that pins data, and the digests of the bytes that it pins.

    `hashes` has the files under DVC that are in the work tree, `unhashed` those whose bytes were not read, with the
    reason. `manifests` are the listings of folders by digest, as far as DVC's cache in the project has them; `cached`
    are the digests whose content it has. `configs` are the DVC repositories by their folder. `lfs_rules` are by the
    path of their `.gitattributes`, `ignores` by that of their `.dvcignore`, `lakefs` by the path of the index.
    """

    metafiles: Mapping[str, DvcMetafile] = {}
    configs: Mapping[str, DvcConfig] = {}
    hashes: Mapping[str, FileHash] = {}
    unhashed: Mapping[str, Text] = {}
    manifests: Mapping[str, tuple[ManifestFile, ...]] = {}
    cached: frozenset[str] = frozenset()
    ignores: Mapping[str, tuple[str, ...]] = {}
    lfs_rules: Mapping[str, tuple[LfsRule, ...]] = {}
    lfs_pointers: Mapping[str, LfsPointer] = {}
    annexed: Mapping[str, AnnexLink] = {}
    unread: tuple[UnreadMechanism, ...] = ()
    lakefs: Mapping[str, LakefsIndex] = {}

    @cached_property
    def entries(self) -> tuple[DvcEntry, ...]:
        """Everything that DVC records, in path order of the metafiles.

        What `dvc.yaml` promises only where no lock records it.
        """
        found: list[DvcEntry] = []
        for path in sorted(self.metafiles):
            metafile = self.metafiles[path]
            folder, name = posixpath.split(path)
            if name == "dvc.lock":
                found.extend(resolve_entries(metafile, self.metafiles.get(posixpath.join(folder, "dvc.yaml"))))
            elif name == "dvc.yaml":
                lock = self.metafiles.get(posixpath.join(folder, "dvc.lock"))
                locked = {entry.path for entry in resolve_entries(lock, metafile)} if lock else frozenset[str]()
                found.extend(entry for entry in metafile.entries if entry.path not in locked)
            else:
                found.extend(metafile.entries)
        return tuple(found)

    @cached_property
    def output_paths(self) -> Mapping[str, DvcEntry]:
        """What DVC holds by path: outputs whose digest is recorded.

        Of several that name one path, the first `.dvc` file.
        """
        found: dict[str, DvcEntry] = {}
        for entry in self.entries:
            if entry.role is DvcRole.OUTPUT and entry.path and entry.is_cached and (entry.digest or entry.files):
                found.setdefault(entry.path, entry)
        return found

    @cached_property
    def _covered(self) -> frozenset[str]:
        return frozenset(entry.path for entry in self.entries if entry.path)

    def is_covered(self, path: str) -> bool:
        """True for a path that DVC names, or that lies in a folder that it names."""
        return not self._covered.isdisjoint(_with_folders(path))

    def entry_of(self, path: str) -> DvcEntry | None:
        """The output that holds a path, itself or as part of a folder; None when DVC does not hold it."""
        return next((self.output_paths[part] for part in _with_folders(path) if part in self.output_paths), None)

    @cached_property
    def ignore_patterns(self) -> IgnorePatterns:
        """What DVC leaves out of its folders."""
        return IgnorePatterns(self.ignores)

    def is_under_lfs(self, path: str) -> bool:
        """True when `.gitattributes` gives the path to Git LFS."""
        return is_under_lfs(path, self.lfs_rules)

    def pins(self, path: str, git: GitFacts) -> tuple[Pin, ...]:
        """Everything that fixes the content of a file."""
        found: list[Pin] = []
        entry = self.entry_of(path)
        if entry is not None:
            found.append(Pin(PinKind.DVC, f"{entry.hash_name}:{entry.digest}" if entry.digest else "", entry.location))
        index = self._lakefs_above(path)
        if index is not None and index.commit:
            found.append(Pin(PinKind.LAKEFS, index.commit, index.location))
        annexed = self.annexed.get(path)
        if annexed is not None:
            found.append(Pin(PinKind.GIT_ANNEX, annexed.key, Location(path)))
        elif isinstance(git, GitState) and path in git.tracked:
            pointer = self.lfs_pointers.get(path)
            if pointer is not None or self.is_under_lfs(path):
                found.append(Pin(PinKind.GIT_LFS, f"sha256:{pointer.sha256}" if pointer else "", Location(path)))
            else:
                found.append(Pin(PinKind.GIT, git.head, Location(path)))
        return tuple(found)

    def _lakefs_above(self, path: str) -> LakefsIndex | None:
        """The index of `lakectl local` in the nearest folder above a path; what it leaves out is its own matter."""
        if posixpath.basename(path) == _LAKEFS_INDEX:
            return None
        folders = [*_with_folders(path)[1:], ""]
        found = (self.lakefs.get(posixpath.join(folder, _LAKEFS_INDEX)) for folder in folders)
        return next((index for index in found if index is not None), None)

    def after(self, contents: Mapping[str, bytes | None]) -> DataFiles:
        """The facts as they would be with these file contents (None = gone)."""
        metafiles, configs = dict(self.metafiles), dict(self.configs)
        ignores, rules, pointers = dict(self.ignores), dict(self.lfs_rules), dict(self.lfs_pointers)
        lakefs = dict(self.lakefs)
        unread = {(item.name, item.location.path): item for item in self.unread}
        for path, content in contents.items():
            folder, name = posixpath.split(path)
            if is_metafile(path):
                _put(metafiles, path, None if content is None else read_metafile(path, content))
            elif name == ".gitattributes":
                _put(rules, path, None if content is None else lfs_rules_of(content))
            elif name == _LAKEFS_INDEX:
                _put(lakefs, path, None if content is None else read_lakefs_index(path, content))
            elif name == ".dvcignore":
                _put(ignores, path, None if content is None else ignore_lines(content))
            elif path == ".dvc/config" or path.endswith("/.dvc/config"):
                root = posixpath.dirname(folder)
                _put(configs, root, None if content is None else read_dvc_config(root, content, None))
            pointer = read_lfs_pointer(path, content or b"")
            _put(pointers, path, pointer)
            for found in unread_mechanisms([path]):
                if content is None:
                    unread.pop((found.name, path), None)
                else:
                    unread[found.name, path] = found
        changed = msgspec.structs.replace(
            self,
            metafiles=metafiles,
            configs=configs,
            ignores=ignores,
            lfs_rules=rules,
            lfs_pointers=pointers,
            unread=tuple(unread.values()),
            lakefs=lakefs,
        )
        hashes, unhashed = dict(self.hashes), dict(self.unhashed)
        for path, content in contents.items():
            unhashed.pop(path, None)
            _put(hashes, path, hash_of(content) if content is not None and changed.is_covered(path) else None)
        return msgspec.structs.replace(changed, hashes=hashes, unhashed=unhashed)


def read_lfs_pointer(path: str, content: bytes) -> LfsPointer | None:
    """The Git LFS pointer that a file is; None when it is none."""
    if not content.startswith(_POINTER_START) or len(content) > _LARGEST_POINTER:
        return None
    fields = dict(line.split(" ", 1) for line in content.decode("latin-1").splitlines() if " " in line)
    kind, _, digest = fields.get("oid", "").partition(":")
    size = fields.get("size", "")
    return LfsPointer(path, digest, int(size)) if kind == "sha256" and size.isdecimal() else None


def read_lakefs_index(path: str, content: bytes) -> LakefsIndex:
    """What a `.lakefs_ref.yaml` notes; empty where it cannot be read or is no commit."""
    decoded = decode_text(content)
    root = None if decoded is None else read_yaml(decoded.content)
    if root is None or isinstance(root, Text):
        return LakefsIndex("", "", Location(path))
    source, head = root.get("src"), root.get("at_head")
    commit = head.text if head is not None and head.text and _LAKEFS_COMMIT.fullmatch(head.text) else ""
    line = head.line if commit and head is not None else source.line if source is not None else 0
    return LakefsIndex((source.text or "") if source is not None else "", commit, Location(path, line))


def ignore_lines(content: bytes) -> tuple[str, ...]:
    """The patterns of a `.dvcignore` file."""
    lines = content.decode("utf-8", "replace").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def unread_mechanisms(paths: list[str]) -> list[UnreadMechanism]:
    """Ways of versioning data that are recognised by a file or folder but not read yet."""
    found: dict[str, UnreadMechanism] = {}
    for path in paths:
        for part in path.split("/"):
            if part in _UNREAD:
                found.setdefault(_UNREAD[part], UnreadMechanism(_UNREAD[part], Location(path)))
    return list(found.values())


def _with_folders(path: str) -> list[str]:
    """A path and all folders above it, nearest first."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _put(mapping: dict[str, _Fact], key: str, value: _Fact | None) -> None:
    if value is None:
        mapping.pop(key, None)
    else:
        mapping[key] = value
