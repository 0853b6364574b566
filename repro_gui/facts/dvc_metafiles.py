"""What the files of DVC say: `.dvc` files, `dvc.yaml`, `dvc.lock` and `.dvc/config`, read without dvc."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from repro_gui.location import Location
from repro_gui.text import Text


class DvcRole(StrEnum):
    """What a path is to the stage that names it."""

    OUTPUT = "output"
    DEPENDENCY = "dependency"


class ManifestFile(msgspec.Struct, frozen=True):
    """One file of a folder under DVC: path relative to that folder, and its digest."""

    path: str
    digest: str


class DvcEntry(msgspec.Struct, frozen=True):
    """One path that DVC records.

    `path` is relative to the project's folder and empty when it lies outside or is a URL; `target` is the path as written. `digest` is lower-case
    hexadecimal without `.dir`, empty when DVC has recorded none yet. `hash_name` is `md5`, `md5-dos2unix` (what DVC before 3 took: text
    with its line ends made `\\n`) or a name that is not read (`etag`, …). `files` is the listing where the file itself carries it. `source` and
    `revision` say where an import came from.
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


class DvcMetafile(msgspec.Struct, frozen=True):
    """A `.dvc`, `dvc.yaml` or `dvc.lock` file; `reason` says why it could not be read, and then it has no entries."""

    path: str
    entries: tuple[DvcEntry, ...] = ()
    reason: Text | None = None


class DvcRemote(msgspec.Struct, frozen=True):
    """A place that `dvc push` writes to; `url` is redacted, `scheme` is `local` for folders."""

    name: str
    url: str
    scheme: str
    location: Location


class DvcConfig(msgspec.Struct, frozen=True):
    """`.dvc/config` of one DVC repository and, apart, what only this machine's `config.local` adds."""

    folder: str
    remotes: tuple[DvcRemote, ...] = ()
    default_remote: str = ""
    cache_folder: str = ""
    has_local: bool = False
    local_remotes: tuple[DvcRemote, ...] = ()
    local_default_remote: str = ""
    reason: Text | None = None
