"""One finding for one cause, though several checks see it: the one that names the cause tells of it for the others.

A finding says under which causes of other checks it would be told (`Finding.told_by`). While a finding of such a cause stands, that
one weighs as much as the heaviest for which it speaks and shows their places too; the others become evidence. What was waived, what
another check did not find or could not decide tells of nothing: then the finding stands by itself.
"""

from __future__ import annotations

import msgspec

from repro_gui.audit.report import CheckResult, Note
from repro_gui.checks.check import Weight
from repro_gui.text import text

_WEIGHTS = tuple(Weight)
_MOST_PLACES = 100

# The id of a check and a cause that it tells of.
Cause = tuple[str, str]


class Judged(msgspec.Struct, frozen=True):
    """A result, and for the keys of its findings the causes under which others tell of them."""

    result: CheckResult
    told_by: dict[str, tuple[Cause, ...]] = {}


def tell_once(judged: list[Judged]) -> list[CheckResult]:
    """The results in their order, each cause told by one of them; `told_by` of a result names the checks that tell for it."""
    tellers = _tellers(judged)
    spoken: dict[Cause, list[Note]] = {}
    for one in judged:
        for note in one.result.findings:
            cause = tellers.get((one.result.check_id, note.key))
            if cause is not None:
                spoken.setdefault(cause, []).append(note)
    return [_told(one.result, tellers, spoken) for one in judged]


def _tellers(judged: list[Judged]) -> dict[tuple[str, str], Cause]:
    """For findings (check, key) of which another check tells: under which cause."""
    standing: set[Cause] = set()
    pending: list[tuple[CheckResult, Note, tuple[Cause, ...]]] = []
    for one in judged:
        for note in one.result.findings:
            if note.key in one.result.waivers:
                continue
            causes = one.told_by.get(note.key, ())
            if causes:
                pending.append((one.result, note, causes))
            elif note.cause:
                standing.add((one.result.check_id, note.cause))
    found: dict[tuple[str, str], Cause] = {}
    while pending:
        left = []
        for result, note, causes in pending:
            teller = next((cause for cause in causes if cause in standing), None)
            if teller is None:
                left.append((result, note, causes))
            else:
                found[result.check_id, note.key] = teller
        # Those that wait for nothing stand; where each waits for another, the first does.
        waited_for = {(result.check_id, note.cause) for result, note, _ in left}
        free = [one for one in left if not waited_for.intersection(one[2])] or left[:1]
        standing.update((result.check_id, note.cause) for result, note, _ in free if note.cause)
        pending = [one for one in left if one not in free]
    return found


def _told(result: CheckResult, tellers: dict[tuple[str, str], Cause], spoken: dict[Cause, list[Note]]) -> CheckResult:
    kept: list[Note] = []
    moved: list[Note] = []
    for note in result.findings:
        if (result.check_id, note.key) in tellers:
            moved.append(msgspec.structs.replace(note, key="", cause="", weight=None))
        else:
            kept.append(_speaking(note, spoken.get((result.check_id, note.cause), [])))
    told_by = dict.fromkeys(
        tellers[result.check_id, note.key][0] for note in result.findings if (result.check_id, note.key) in tellers
    )
    return msgspec.structs.replace(
        result, findings=tuple(kept), evidence=(*moved, *result.evidence), told_by=tuple(told_by)
    )


def _speaking(note: Note, others: list[Note]) -> Note:
    """A finding with the weight and the places of those for which it speaks."""
    if not others:
        return note
    weights = [one.weight for one in (note, *others) if one.weight is not None]
    places = list(note.places)
    shown = {note.location, *[place.location for place in places]}
    for other in others:
        for place in (*other.places[:1], other):
            if place.location is not None and place.location not in shown and len(places) < _MOST_PLACES:
                shown.add(place.location)
                template = place.template if place is not other else text("{what}", what=other.message)
                places.append(msgspec.structs.replace(_bare(place), template=template))
    return msgspec.structs.replace(note, weight=min(weights, key=_WEIGHTS.index, default=None), places=tuple(places))


def _bare(note: Note) -> Note:
    return msgspec.structs.replace(note, key="", cause="", weight=None, values={}, places=())
