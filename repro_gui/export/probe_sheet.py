"""The determinism probe in a report: the same words in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from repro_gui.facts.determinism import Verdict
from repro_gui.text import neutralise

if TYPE_CHECKING:
    from repro_gui.audit.report import ProbedOperation, ProbeNote

VERDICT_WORDS = {
    Verdict.VARIES: "Varies",
    Verdict.FLAG_IGNORED: "Varies, also under the flag",
    Verdict.DISAGREES_WITH_TABLE: "Unlike documented",
    Verdict.STABLE_UNDER_FLAG: "Steady under the flag",
    Verdict.RAISES: "Raises under the flag",
    Verdict.NOT_REACHED: "Not reached",
    Verdict.UNSUPPORTED: "Not possible here",
    Verdict.STABLE: "Steady",
}
# Foreground and background of each verdict are those of an answer.
_STATES = {
    Verdict.VARIES: "no",
    Verdict.FLAG_IGNORED: "no",
    Verdict.DISAGREES_WITH_TABLE: "partly",
    Verdict.STABLE_UNDER_FLAG: "partly",
    Verdict.RAISES: "partly",
}
# One page holds so many lines; the attached report has all.
_MOST_LINES = 26
_MOST_PLACES = 3
_LONGEST_PLACE = 20
_LONGEST_FACT = 80


def probe_sheet(note: ProbeNote | None) -> dict[str, Any] | None:
    """What `templates/report.typ` shows of a probe; None without one."""
    if note is None:
        return None
    ordered = told_operations(note)
    rows: list[dict[str, Any]] = []
    lines = 0
    for one in ordered:
        row = _row(one)
        lines += max(2, len(row["used"]) + bool(row["used_more"]))
        if lines > _MOST_LINES:
            break
        rows.append(row)
    return {
        "sentences": probe_sentences(note),
        "facts": [
            {"name": name, "value": _shortened(value, _LONGEST_FACT), "mono": False} for name, value in _facts(note)
        ],
        "rows": rows,
        "more": f"{len(ordered) - len(rows)} more in the attached report." if len(ordered) > len(rows) else "",
    }


def probe_sentences(note: ProbeNote) -> list[str]:
    """Whether it counts, how long it took, the verdicts counted, and what nothing is said about."""
    failed = "A control of the battery came out wrong, so no verdict counts."
    held = f"All {note.controls} controls held." if note.controls_held else failed
    counted = [
        f"{words.lower()} {note.counts[verdict]}" for verdict, words in VERDICT_WORDS.items() if verdict in note.counts
    ]
    sentences = [
        f"Each operation was repeated with the same input and compared bit for bit. {held}",
        f"{sum(note.counts.values())} operations: {', '.join(counted)}.",
        "Steady means that no difference was seen in a few repeats, on this machine, with these libraries.",
    ]
    if all(device == "cpu" for device in note.devices):
        sentences.append("Nothing is claimed about a GPU: none was measured.")
    return [*sentences, *map(str, note.remarks)]


def operation_line(one: ProbedOperation) -> str:
    """One operation in one line, for formats without tables."""
    parts = [f"{one.name} ({one.dtype}, {one.device}): {VERDICT_WORDS[one.verdict].lower()}"]
    parts += [words for words in (_seen(one), _price(one), _used(one)) if words]
    return "; ".join(parts)


def told_operations(note: ProbeNote) -> list[ProbedOperation]:
    """The operations that were not simply steady, those of the project first."""
    return sorted(note.operations, key=lambda one: not one.used)


def _row(one: ProbedOperation) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": f"{one.dtype}, {one.device}",
        "state": _STATES.get(one.verdict, "cannot-tell"),
        "verdict": VERDICT_WORDS[one.verdict],
        "seen": _seen(one),
        "price": "–" if one.price is None else f"{one.price:g}×",
        # The line, at the end, matters most.
        "used": [_shortened(place, _LONGEST_PLACE, keep_end=True) for place in one.used[:_MOST_PLACES]],
        "used_more": f"and {len(one.used) - _MOST_PLACES} more" if len(one.used) > _MOST_PLACES else "",
    }


def _seen(one: ProbedOperation) -> str:
    if one.distinct > 1:
        return f"{one.distinct} results in {one.repeats} repeats"
    return f"no difference in {one.repeats} repeats" if one.repeats else ""


def _price(one: ProbedOperation) -> str:
    return "" if one.price is None else f"price of the flag {one.price:g}×"


def _used(one: ProbedOperation) -> str:
    if not one.used:
        return ""
    more = f" and {len(one.used) - _MOST_PLACES} more" if len(one.used) > _MOST_PLACES else ""
    return f"used at {', '.join(one.used[:_MOST_PLACES])}{more}"


def _facts(note: ProbeNote) -> list[tuple[str, str]]:
    budget = note.budget
    spent = f"{budget.used:g} s of {budget.asked:g} s, and {budget.starting:g} s to start the interpreter"
    facts = [("Time of the probe", note.when), ("Devices", ", ".join(note.devices))]
    facts += [("Budget", spent)] if budget.asked else []
    return facts + [(name.replace("_", " "), _value(value)) for name, value in note.fingerprint.items()]


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={item}" for name, item in value.items())
    return str(value)


def _shortened(words: str, most: int, *, keep_end: bool = False) -> str:
    shown = neutralise(words)
    if len(shown) <= most:
        return shown
    return f"…{shown[-most:]}" if keep_end else f"{shown[:most]}…"
