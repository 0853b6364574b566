"""What the determinism probe saw on this machine."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What the probe says of one operation; *stable* means no difference was seen in so many repeats."""

    STABLE = "stable"
    VARIES = "varies"
    STABLE_UNDER_FLAG = "stable-under-flag"
    RAISES = "raises"
    FLAG_IGNORED = "flag-ignored"
    UNSUPPORTED = "unsupported"
    NOT_REACHED = "not-reached"
    DISAGREES_WITH_TABLE = "disagrees-with-table"


class ProbedOperation(msgspec.Struct, frozen=True):
    """One operation of the battery; `price` is time under the flag divided by time without, 0 where not measured."""

    operation: str
    device: str
    verdict: Verdict
    repeats: int = 0
    price: float = 0.0


class Determinism(msgspec.Struct, frozen=True):
    """The last probe of the project's interpreter on this machine; all empty when nobody has run one.

    `when` is ISO 8601 in UTC. `controls_held` is false when a control of the battery failed, and then no verdict
    counts.
    """

    when: str = ""
    interpreter_version: str = ""
    torch_version: str = ""
    device: str = ""
    controls_held: bool = True
    operations: tuple[ProbedOperation, ...] = ()
