"""What a fix asks for before it can plan: requests, and the answers as one more fact."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from repro_gui.errors import CannotPlan
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text


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

    `exclude_newer` is an RFC 3339 date, empty for none.
    """

    requirements: tuple[str, ...]
    python: str
    exclude_newer: str = ""
    hashes: bool = True

    @property
    def consent(self) -> Consent:
        """Asks the package index."""
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
