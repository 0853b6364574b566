"""Findings as people read them: those with one cause together, shown once with all their places."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from repro_gui.audit.report import CheckResult, Note, Outcome
from repro_gui.checks.check import Weight

WEIGHTS = tuple(Weight)


class Cause(msgspec.Struct, frozen=True):
    """Notes that share a cause; the heaviest speaks for all, the first among equals."""

    notes: tuple[Note, ...]

    @property
    def first(self) -> Note:
        """The note that speaks for all."""
        return min(self.notes, key=lambda note: WEIGHTS.index(note.weight) if note.weight else -1)


def causes_of(notes: Iterable[Note]) -> list[Cause]:
    """The notes by cause in their order; a note without a cause is one of its own."""
    groups: dict[object, list[Note]] = {}
    for index, note in enumerate(notes):
        groups.setdefault(note.cause or index, []).append(note)
    return [Cause(tuple(group)) for group in groups.values()]


def heaviest_weight(result: CheckResult) -> Weight:
    """The heaviest weight among the findings that are not waived; the check's own without any."""
    weights = [note.weight or result.weight for note in result.findings if note.key not in result.waivers]
    return min(weights, key=WEIGHTS.index, default=result.weight)


def results_by_weight(results: Iterable[CheckResult], outcome: Outcome) -> list[CheckResult]:
    """Results with an outcome, the heaviest first, else in the report's order."""
    return sorted(
        (result for result in results if result.outcome is outcome),
        key=lambda result: WEIGHTS.index(heaviest_weight(result)),
    )
