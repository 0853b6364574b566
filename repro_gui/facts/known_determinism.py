"""What torch documents about the determinism of its operations, by version and device."""

from __future__ import annotations

import fnmatch
from enum import StrEnum
from functools import cached_property

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version


class Documented(StrEnum):
    """What is said of an operation in a mode."""

    MAY_VARY = "may-vary"
    STEADY = "steady"
    RAISES = "raises"


class DocumentedOperation(msgspec.Struct, frozen=True):
    """Cases by name (`*` allowed), and what holds for them on a device in the versions named (empty: all).

    `replacement` says what steadies the operation, in plain words.
    """

    names: tuple[str, ...]
    device: str
    default: Documented
    strict: Documented
    versions: str = ""
    replacement: str = ""
    source: str = ""

    def holds_for(self, name: str, device: str, torch: str) -> bool:
        """Whether this entry speaks about a case on a device under a torch version; "" is a version nobody knows."""
        if self.device not in {device.split(":", 1)[0], "any"}:
            return False
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in self.names):
            return False
        if not torch:
            return True
        try:
            return Version(torch) in SpecifierSet(self.versions, prereleases=True)
        except InvalidVersion:
            return not self.versions


class OperationUse(msgspec.Struct, frozen=True):
    """Calls that run cases of the battery; with `parameter` only when that argument, or its default, has the value.

    `value` and `default` are Python literals as text. Where `value` is empty, the argument runs the case unless it is one of `spared`,
    or a number where `spares_numbers`; an argument that is not given runs none then.
    """

    names: tuple[str, ...]
    cases: tuple[str, ...]
    parameter: str = ""
    position: int = -1
    value: str = ""
    default: str = ""
    spared: tuple[str, ...] = ()
    spares_numbers: bool = False


class DocumentedDeterminism(msgspec.Struct, frozen=True, dict=True):
    """The built-in table, where the first entry that holds counts, and which calls run which cases."""

    operations: tuple[DocumentedOperation, ...] = ()
    uses: tuple[OperationUse, ...] = ()

    @cached_property
    def uses_by_name(self) -> dict[str, tuple[OperationUse, ...]]:
        """Uses by the name of the call."""
        found: dict[str, list[OperationUse]] = {}
        for use in self.uses:
            for name in use.names:
                found.setdefault(name, []).append(use)
        return {name: tuple(uses) for name, uses in found.items()}

    def about(self, name: str, device: str, torch: str) -> DocumentedOperation | None:
        """What is documented of a case, or None."""
        for entry in self.operations:
            if entry.holds_for(name, device, torch):
                return entry
        return None
