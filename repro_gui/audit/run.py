"""Runs checks over a snapshot."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.one_cause import Judged, tell_once
from repro_gui.audit.report import CheckResult, Note, OfferedFix, Outcome
from repro_gui.checks.check import CannotTell, Check, Evidence, Finding, NotApplicable, Place, Weight
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import Text, escape_undecodable, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from repro_gui.facts.settings import HandTick
    from repro_gui.location import Location
    from repro_gui.progress import Progress


def run_checks(facts: FactsFor, checks: Iterable[Check], progress: Progress) -> Iterator[CheckResult]:
    """One result per check; a check that breaks is a result too.

    Each comes at once, but for checks of which one may tell the cause of the other's findings: those come when all of them ran.
    """
    todo = list(checks)
    related = {check.id for check in todo if check.told_by} | {one for check in todo for one in check.told_by}
    waiting: list[tuple[Check, Judged]] = []
    for done, check in enumerate(todo):
        progress.step(text("Checking"), done, len(todo))
        judged = _judge(facts, check)
        if check.id in related:
            waiting.append((check, judged))
        else:
            yield judged.result
    results = tell_once([judged for _, judged in waiting])
    for (check, _), result in zip(waiting, results, strict=True):
        yield _settled(facts, check, result) if result.told_by else result


def _settled(facts: FactsFor, check: Check, result: CheckResult) -> CheckResult:
    """A result of which findings were taken away, since other checks tell of their cause."""
    unasked = text(
        "{checks} {count:tells|tell} of the same cause.", checks=", ".join(result.told_by), count=len(result.told_by)
    )
    outcome, why_not = _outcome(
        len(result.findings),
        len(result.waivers),
        [note.template for note in result.undecided],
        [unasked],
        _tick(facts, check),
    )
    return msgspec.structs.replace(result, outcome=outcome, why_not=why_not)


def run_check(facts: FactsFor, check: Check) -> CheckResult:
    """What one check says of a snapshot, by itself."""
    return _judge(facts, check).result


def _judge(facts: FactsFor, check: Check) -> Judged:
    arguments = facts.arguments(check.find)
    if isinstance(arguments, Unavailable):
        return Judged(_result(check, Outcome.COULD_NOT_RUN, why_not=arguments.reason))
    try:
        observed = list(check.find(**arguments))
    except Exception as error:  # noqa: BLE001 -- whatever a check raises is a result of this check, never the end of the audit
        return Judged(
            _result(
                check,
                Outcome.COULD_NOT_RUN,
                why_not=text("The check broke: {error}.", error=f"{type(error).__name__}: {error}"),
            )
        )
    settings = facts.snapshot.settings
    waived = {waiver.finding_key for waiver in settings.waivers if waiver.holds_on(settings.today)}
    keyed = keyed_findings(check.id, [item for item in observed if isinstance(item, Finding)])
    findings = tuple(
        note_of(
            finding.text,
            finding.location,
            key=key,
            cause=finding.cause,
            weight=finding.weight or check.weight,
            values=finding.values,
            places=finding.places,
        )
        for key, finding in keyed
    )
    undecided = [item for item in observed if isinstance(item, CannotTell)]
    unasked = [item for item in observed if isinstance(item, NotApplicable)]
    waivers = tuple(note.key for note in findings if note.key in waived)
    outcome, why_not = _outcome(
        len(findings),
        len(waivers),
        [item.reason for item in undecided],
        [item.reason for item in unasked],
        _tick(facts, check),
    )
    result = _result(
        check,
        outcome,
        findings=findings,
        evidence=tuple(
            note_of(item.text, item.location, values=item.values) for item in observed if isinstance(item, Evidence)
        ),
        undecided=tuple(note_of(item.reason, item.location) for item in undecided),
        why_not=why_not,
        waivers=waivers,
    )
    return Judged(
        result,
        {
            key: tuple((name, escape_undecodable(cause)) for name, cause in finding.told_by)
            for key, finding in keyed
            if finding.told_by
        },
    )


def _tick(facts: FactsFor, check: Check) -> HandTick | None:
    return next((tick for tick in facts.snapshot.settings.ticks if tick.check_id == check.id), None)


def _outcome(
    found: int,
    waived: int,
    undecided: Sequence[Text],
    unasked: Sequence[Text],
    tick: HandTick | None,
) -> tuple[Outcome, Text | None]:
    """What observations amount to: a finding that nobody waived decides; then a doubt, which a person may settle."""
    if found > waived:
        return Outcome.FAILED, None
    if undecided and tick is not None:
        return Outcome.BY_HAND, text("{name} answered this: {note}", name=tick.name, note=tick.note)
    if undecided:
        return Outcome.COULD_NOT_RUN, undecided[0]
    if found:
        return Outcome.WAIVED, text("Every finding is waived.")
    if unasked:
        return Outcome.NOT_APPLICABLE, unasked[0]
    return Outcome.PASSED, None


def keyed_findings(check_id: str, findings: Iterable[Finding]) -> list[tuple[str, Finding]]:
    """Findings in the order of their places, each with its key.

    A key is the hash of check, path, symbol, normalised expression and the ordinal among equals: it survives edits
    elsewhere in the file.
    """
    seen: Counter[str] = Counter()
    keyed: list[tuple[str, Finding]] = []
    for finding in sorted(findings, key=_place_in_project):
        path = finding.location.path if finding.location else ""
        expression = re.sub(r"\s+", " ", finding.expression) or finding.text.template
        identity = f"{check_id}\0{path}\0{finding.symbol}\0{expression}"
        digest = hashlib.sha256(f"{identity}\0{seen[identity]}".encode("utf-8", "surrogateescape"))
        seen[identity] += 1
        keyed.append((digest.hexdigest()[:16], finding))
    return keyed


def _place_in_project(finding: Finding) -> tuple[str, int, int, int, str]:
    place = finding.location
    if place is None:
        return ("", -1, 0, 0, finding.expression)
    return (place.path, place.cell, place.line, place.column, finding.expression)


def note_of(
    wording: Text,
    location: Location | None,
    *,
    key: str = "",
    cause: str = "",
    weight: Weight | None = None,
    values: dict[str, str | int | float | bool | None] | None = None,
    places: tuple[Place, ...] = (),
) -> Note:
    r"""A text and its place as the report holds them: undecodable bytes of names as `\xNN`, since JSON takes no others."""
    return Note(
        message=str(wording),
        template=wording,
        path=escape_undecodable(location.path) if location else "",
        line=location.line if location else 0,
        column=location.column if location else 0,
        end_line=location.end_line if location else 0,
        end_column=location.end_column if location else 0,
        cell=location.cell if location else -1,
        key=key,
        cause=escape_undecodable(cause),
        weight=weight,
        values={
            name: escape_undecodable(value) if isinstance(value, str) else value
            for name, value in (values or {}).items()
        },
        places=tuple(note_of(place.text, place.location) for place in places),
    )


def _result(
    check: Check,
    outcome: Outcome,
    *,
    findings: tuple[Note, ...] = (),
    evidence: tuple[Note, ...] = (),
    undecided: tuple[Note, ...] = (),
    why_not: Text | None = None,
    waivers: tuple[str, ...] = (),
) -> CheckResult:
    return CheckResult(
        check_id=check.id,
        pillar=check.pillar,
        weight=check.weight,
        title=check.title,
        failure_title=check.failure_title,
        explanation=check.explanation,
        outcome=outcome,
        findings=findings,
        evidence=evidence,
        undecided=undecided,
        why_not=why_not,
        fix=(
            OfferedFix(check.fix.title, check.fix.safety, check.fix.effort, check.fix.plan is not None)
            if check.fix
            else None
        ),
        waivers=waivers,
    )
