"""What a fix asks for before it can plan: requests, and the answers as one more fact."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from repro_gui.errors import CannotPlan
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

# The way on for every look-up that asks a server; the windows put a button beside it.
ALLOW_NETWORK = text("Allow it in the preview, or add --network on the command line.")


class Consent(StrEnum):
    """What the person must have allowed before a request is answered."""

    READS = "reads"
    NETWORK = "network"
    RUNS_PROJECT_CODE = "runs-project-code"


class Lookup(msgspec.Struct, frozen=True, tag_field="lookup"):
    """A frozen request; subclasses are the kinds, `gather/lookups/` has one answerer for each."""

    @property
    def consent(self) -> Consent:
        """The consent this request needs."""
        return Consent.READS


class FileContent(Lookup, frozen=True, tag="file-content"):
    """The bytes of one file of the project as they are now (`None` when there is no such file)."""

    path: str


class InstalledPackages(Lookup, frozen=True, tag="installed-packages"):
    """The distributions in an environment, from its files; answer: `facts.environment.InstalledEnvironment`."""

    interpreter: str


class ResolvedLock(Lookup, frozen=True, tag="resolved-lock"):
    """The closure of requirement lines resolved by uv, with hashes; answer: the lock file's bytes.

    `exclude_newer` is an RFC 3339 date, empty for none. `name` is the file that is written: `pylock.toml` (PEP 751) is one in
    that format, any other a requirements file. `previous` is the lock so far: what it fixes stays, as far as it fits.
    """

    requirements: tuple[str, ...]
    python: str
    exclude_newer: str = ""
    hashes: bool = True
    name: str = "requirements.lock"
    previous: bytes = b""

    @property
    def consent(self) -> Consent:
        """Asks the package index."""
        return Consent.NETWORK


class ProjectLock(Lookup, frozen=True, tag="project-lock"):
    """The `uv.lock` of the project in a folder (`""` for the top), resolved anew by uv; answer: its bytes.

    What the lock fixed stays as far as the list still allows it.
    """

    folder: str

    @property
    def consent(self) -> Consent:
        """Asks the package index."""
        return Consent.NETWORK


class RemoteCommit(Lookup, frozen=True, tag="remote-commit"):
    """The commit that a branch or tag (`""` for the default branch) of a Git repository has on its server; answer: str."""

    url: str
    revision: str

    @property
    def consent(self) -> Consent:
        """Asks the repository's server."""
        return Consent.NETWORK


class ImageDigest(Lookup, frozen=True, tag="image-digest"):
    """The digest that a tag of an image (`latest` when empty) has in its registry; answer: str, `sha256:…`."""

    image: str
    tag: str

    @property
    def consent(self) -> Consent:
        """Asks the image's registry."""
        return Consent.NETWORK


class HubRevision(Lookup, frozen=True, tag="hub-revision"):
    """The commit that this machine's cache of the Hugging Face hub has for a branch or tag; answer: str.

    `kind` is "model" or "dataset".
    """

    repository: str
    kind: str
    revision: str = "main"


class FileDigest(Lookup, frozen=True, tag="file-digest"):
    """The digest of a file of the project as it is now; answer: str in hexadecimal. `algorithm` is "sha256" or "md5"."""

    path: str
    algorithm: str = "sha256"


class LakefsCommit(Lookup, frozen=True, tag="lakefs-commit"):
    """The commit that a branch or tag of a lakeFS repository has on the server of the person's configuration; answer: str."""

    repository: str
    ref: str

    @property
    def consent(self) -> Consent:
        """Asks the lakeFS server."""
        return Consent.NETWORK


class FreeSpace(Lookup, frozen=True, tag="free-space"):
    """Bytes that may still be written where the project's folder lies; answer: int."""


class Answers(msgspec.Struct, frozen=True):
    """Answers by request; asked for by parameter type like every other fact."""

    by_lookup: Mapping[Lookup, Any] = {}

    def get(self, lookup: Lookup) -> Any:
        """The answer to a request; raises `CannotPlan` with the reason when it could not be had."""
        answer = self.by_lookup.get(lookup, Unavailable(text("A fact that this fix needs was not asked for.")))
        if isinstance(answer, Unavailable):
            raise CannotPlan(answer.reason, answer.mend or text("Use the shown steps instead."))
        return answer

    def file(self, path: str) -> bytes:
        """The bytes of a file that must exist; raises `CannotPlan` otherwise."""
        content = self.get(FileContent(path))
        if content is None:
            raise CannotPlan(text("{path} is not there any more.", path=path), text("Audit the project again."))
        assert isinstance(content, bytes)
        return content

    def file_or_none(self, path: str) -> bytes | None:
        """The bytes of a file, or None when there is no such file."""
        content: bytes | None = self.get(FileContent(path))
        return content
