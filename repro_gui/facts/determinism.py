"""What the determinism probe saw: which operations of deep learning come out the same, bit for bit, on a machine."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Any

import msgspec

from repro_gui.errors import ReproGuiError
from repro_gui.text import Text, text


class Verdict(StrEnum):
    """What the probe says of one operation; *stable* means that no difference was seen in so many repeats."""

    STABLE = "stable"
    VARIES = "varies"
    STABLE_UNDER_FLAG = "stable-under-flag"
    RAISES = "raises"
    FLAG_IGNORED = "flag-ignored"
    UNSUPPORTED = "unsupported"
    NOT_REACHED = "not-reached"
    DISAGREES_WITH_TABLE = "disagrees-with-table"


class ModeState(StrEnum):
    """How one case ended in one mode of the battery; `ended` means that it took the interpreter with it."""

    RAN = "ran"
    RAISED = "raised"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"
    OUT_OF_MEMORY = "out-of-memory"
    ENDED = "ended"
    HUNG = "hung"
    NOT_REACHED = "not-reached"


class ModeResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """One case in one mode: `distinct` different outcomes of `repeats`; `seconds` is the median of one repeat.

    `digest` is the positional digest of the first outcome, to compare processes and machines.
    """

    state: ModeState
    repeats: int = 0
    distinct: int = 0
    seconds: float = 0.0
    largest_difference: float | None = None
    digest: str = ""
    message: str = ""


class ProbedCase(msgspec.Struct, frozen=True, omit_defaults=True):
    """One operation in one dtype on one device.

    `repeats` and `distinct` are those of the default mode. `price` is the time under the flag divided by the time without; None
    where one was not measured. Where the verdict is that the built-in table disagrees, `measured` is what was seen
    and `why_not` says how.
    """

    name: str
    device: str
    dtype: str
    verdict: Verdict
    modes: dict[str, ModeResult]
    repeats: int = 0
    distinct: int = 0
    price: float | None = None
    largest_difference: float | None = None
    measured: Verdict | None = None
    why_not: Text | None = None


class Control(msgspec.Struct, frozen=True):
    """A case whose outcome is certain, in one mode; `held` is false when the instrument got it wrong."""

    name: str
    mode: str
    device: str
    held: bool


class Budget(msgspec.Struct, frozen=True):
    """Seconds asked for and used, counted from the first case of each process; starting the processes is apart."""

    asked: float
    used: float
    starting: float


class Determinism(msgspec.Struct, frozen=True, dict=True):
    """One probe of one interpreter on one machine; all empty when nobody has run one.

    `when` is ISO 8601 in UTC. `fingerprint` holds what of machine and torch can change bits, by name. `remarks` say what
    was not measured, and where the probe itself has not been tried.
    """

    when: str = ""
    fingerprint: dict[str, Any] = {}
    controls: tuple[Control, ...] = ()
    budget: Budget = Budget(0, 0, 0)
    cases: tuple[ProbedCase, ...] = ()
    why_not: Text | None = None
    remarks: tuple[Text, ...] = ()

    @property
    def controls_held(self) -> bool:
        """False when a control failed: then no verdict counts."""
        return all(control.held for control in self.controls)

    @cached_property
    def unsteady(self) -> tuple[ProbedCase, ...]:
        """Cases that were seen to vary in the default mode, while the controls held."""
        return tuple(case for case in self.cases if self.controls_held and case.distinct > 1)

    def to_json(self) -> bytes:
        """The probe as indented JSON; equal probes give equal bytes."""
        return msgspec.json.format(msgspec.json.encode(self, order="deterministic"), indent=2) + b"\n"


def probe_from_json(content: bytes) -> Determinism:
    """A probe that was saved, here or on another machine; raises `ProbeUnreadable`."""
    try:
        return msgspec.json.decode(content, type=Determinism)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProbeUnreadable(
            text("This file is not a saved probe ({reason}).", reason=str(error)),
            text("Choose a file that `repro-gui probe --format json` wrote."),
        ) from error


class ProbeUnreadable(ReproGuiError):
    """A file that should hold a saved probe does not."""
