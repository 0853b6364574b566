"""The report laid out for paper: which words and rows stand where, as plain lists and strings."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from repro_gui.audit.report import Answer, AuditReport, CheckResult, Note, Outcome
from repro_gui.checks.check import Effort, Pillar, Safety, Weight
from repro_gui.export.checklist_sheet import CHECKLIST_TITLE, checklist_sheet
from repro_gui.export.package_table import COLUMNS, SENTENCE, TITLE, table_rows
from repro_gui.export.probe_sheet import probe_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ANSWER_WORDS = {
    Answer.YES: "Yes",
    Answer.PARTLY: "Partly",
    Answer.NO: "No",
    Answer.CANNOT_TELL: "Cannot tell",
}
OUTCOME_WORDS = {
    Outcome.PASSED: "Passed",
    Outcome.FAILED: "Failed",
    Outcome.COULD_NOT_RUN: "Cannot tell",
    Outcome.NOT_APPLICABLE: "Not applicable",
    Outcome.BY_HAND: "By hand",
    Outcome.WAIVED: "Waived",
}
PILLAR_WORDS = {
    Pillar.CODE: "Code",
    Pillar.DATA: "Data",
    Pillar.ENVIRONMENT: "Environment",
    Pillar.RANDOMNESS: "Randomness",
    Pillar.TRACKING: "Tracking",
    Pillar.PROOF: "Proof",
}
WEIGHT_WORDS = {Weight.MUST: "Must", Weight.SHOULD: "Should", Weight.ADVICE: "Advice"}
_SAFETY_WORDS = {
    Safety.SAFE: "does not change results",
    Safety.CHANGES_RESULTS: "numbers change once, then stay",
    Safety.SHOW_ONLY: "steps to do by hand",
}
_EFFORT_WORDS = {Effort.SECONDS: "seconds", Effort.MINUTES: "minutes", Effort.HOURS: "hours"}

# How much of one check or answer is printed; the attached JSON report has everything.
_MOST_NOTES = 12
_MOST_EVIDENCE = 10
_MOST_PACKAGES = 60
_LONGEST_CELL = 28
_MOST_LEFT_OUT = 40


def sheet_of(report: AuditReport, attachment_digest: str, attachment: str) -> dict[str, Any]:
    """Everything that `templates/report.typ` shows; the digest is the SHA-256 of the attached JSON."""
    counted = Counter(answered.answer for answered in report.answers)
    summary = " · ".join(f"{counted[answer]} {ANSWER_WORDS[answer].lower()}" for answer in Answer if counted[answer])
    present = [outcome for outcome in OUTCOME_WORDS if any(result.outcome is outcome for result in report.results)]
    return {
        "title": f"Reproducibility audit of {report.project}",
        "kind": "Reproducibility audit",
        "description": "Whether the result of this project can be had again, with the evidence.",
        "tool": f"Repro GUI {report.tool_version}",
        "language": "en",
        "project": report.project,
        "summary": f"Five questions: {summary}.",
        "footer": f"Repro GUI {report.tool_version} · {report.when}",
        "answers": [
            {
                "answer": answered.answer,
                "answer_word": ANSWER_WORDS[answered.answer],
                "wording": answered.wording,
                "why": str(answered.why),
                "evidence": _notes(answered.evidence, _MOST_EVIDENCE),
                "evidence_more": _more(answered.evidence, _MOST_EVIDENCE),
                "details": _notes(answered.details, 40),
            }
            for answered in report.answers
        ],
        "identity": _identity(report),
        "outcome_columns": [OUTCOME_WORDS[outcome] for outcome in present],
        "outcome_rows": [
            {"pillar": PILLAR_WORDS[pillar], "counts": [_count(report, pillar, outcome) for outcome in present]}
            for pillar in Pillar
            if any(result.pillar is pillar for result in report.results)
        ],
        "findings": _findings(report),
        "every_check": [
            {
                "name": PILLAR_WORDS[pillar],
                "rows": [_row(result) for result in report.results if result.pillar is pillar],
            }
            for pillar in Pillar
            if any(result.pillar is pillar for result in report.results)
        ],
        "entry_points": [_entry_point(report, index) for index in range(len(report.entry_points))],
        "history": [
            _plain(
                f"{item.when}: {item.title}{' (undone)' if item.undone else ''}",
                [_plain(what) for what in (*item.files, *item.commands)],
            )
            for item in report.history
        ],
        "waivers": [
            _plain(
                f"{waiver.finding_key}: {waiver.reason} ({waiver.name}"
                f"{', until ' + waiver.until if waiver.until else ''})"
            )
            for waiver in report.waivers
        ],
        "packages": _packages(report),
        "checklist": checklist_sheet(report.checklist),
        "probe": probe_sheet(report.probe),
        "device": [
            {"name": _device_name(name), "value": _device_value(name, value), "mono": False}
            for name, value in report.device.items()
            if value not in ("", None, [], {})
        ],
        "not_verified": [str(sentence) for sentence in report.not_verified],
        "left_out": [_plain(f"{item.path}: {item.reason}") for item in report.left_out[:_MOST_LEFT_OUT]],
        "left_out_more": _more(report.left_out, _MOST_LEFT_OUT),
        "how_to_check": [
            f"The complete report is attached to this PDF as {attachment}; a PDF reader or pdfdetach saves it.",
            "Check out the commit named on the first page, run repro-gui audit on it with the same version, and compare.",
        ],
        "fingerprints": [
            {"name": "Attached report, SHA-256", "value": attachment_digest, "mono": True},
            {"name": "Knowledge", "value": report.knowledge_hash, "mono": True},
            *(
                [{"name": "Files judged, SHA-256", "value": report.sources_hash, "mono": True}]
                if report.sources_hash
                else []
            ),
        ],
        "attachment": attachment,
        "words": _WORDS,
    }


def _packages(report: AuditReport) -> dict[str, Any] | None:
    """The consistency table, None without rows."""
    rows, more = table_rows(report, _MOST_PACKAGES)
    if not rows:
        return None
    return {
        "title": TITLE,
        "sentence": SENTENCE,
        "columns": list(COLUMNS),
        "rows": [{"odd": is_odd, "cells": [_shortened(cell) for cell in cells]} for is_odd, cells in rows],
        "more": more.replace("the JSON report has", "the attached report has"),
    }


def _shortened(cell: str) -> str:
    return cell if len(cell) <= _LONGEST_CELL else f"{cell[: _LONGEST_CELL - 1]}…"


def open_results(report: AuditReport) -> list[CheckResult]:
    """What somebody should look at: failures by weight, then what could not be told; in the report's order."""
    weights = list(Weight)
    ordered = [result for result in report.results if result.is_open]
    ordered.sort(key=lambda result: (result.outcome is not Outcome.FAILED, weights.index(_weight(result))))
    return ordered


def _weight(result: CheckResult) -> Weight:
    """The heaviest weight among the findings; the check's own without any."""
    weights = list(Weight)
    return min((note.weight or result.weight for note in result.findings), key=weights.index, default=result.weight)


_WORDS = {
    "page": "Page",
    "pillar": "Pillar",
    "check": "Check",
    "weight": "Weight",
    "outcome": "Outcome",
    "what_was_audited": "What was audited",
    "checks_at_a_glance": "Checks at a glance",
    "answers": "The five answers",
    "evidence": "Evidence",
    "details": "Line by line",
    "findings": "Findings",
    "no_findings": "No check failed, and every check could decide.",
    "how_to_fix": "How to fix it.",
    "every_check": "Every check",
    "the_record": "The record",
    "entry_points": "Entry points",
    "no_entry_points": "No entry point was found.",
    "fixes_applied": "Fixes applied",
    "no_fixes_applied": "None with Repro GUI.",
    "waivers": "Waivers",
    "checklist": CHECKLIST_TITLE,
    "checklist_item": "Item",
    "checklist_state": "State",
    "checklist_by": "Answered by",
    "probe": "Determinism probe",
    "probe_operation": "Operation",
    "probe_verdict": "Verdict",
    "probe_seen": "Seen",
    "probe_price": "Price",
    "probe_used": "Used at",
    "probe_not_steady": "Operations that were not simply steady",
    "probe_all_steady": "Every operation that ran was steady.",
    "device": "The machine of this audit",
    "no_device": "The machine was not recorded.",
    "not_verified": "What was not verified",
    "left_out": "What was not read",
    "how_to_check": "How to check this report",
    "attachment": "The audit report as JSON",
}


def _identity(report: AuditReport) -> list[dict[str, Any]]:
    return [
        {"name": "Project", "value": report.project, "mono": False},
        {"name": "Commit", "value": report.commit or "none", "mono": bool(report.commit)},
        {"name": "Time of the audit", "value": report.when, "mono": False},
        {"name": "Files seen", "value": str(report.file_count), "mono": False},
        {"name": "Checks", "value": str(len(report.results)), "mono": False},
        {
            "name": "Made with",
            "value": f"Repro GUI {report.tool_version}, report schema {report.schema}",
            "mono": False,
        },
    ]


def _count(report: AuditReport, pillar: Pillar, outcome: Outcome) -> int:
    return sum(result.pillar is pillar and result.outcome is outcome for result in report.results)


def _findings(report: AuditReport) -> list[dict[str, Any]]:
    """A section for each open check; those that one unknown keeps from deciding share one."""
    found: list[dict[str, Any]] = []
    undecided: dict[str, list[CheckResult]] = {}
    for result in open_results(report):
        if result.outcome is Outcome.FAILED:
            found.append(_finding(result))
        else:
            undecided.setdefault(str(result.why_not or ""), []).append(result)
    for reason, results in undecided.items():
        found.append(_finding(results[0]) if len(results) == 1 else _undecided_together(reason, results))
    return found


def _undecided_together(reason: str, results: Sequence[CheckResult]) -> dict[str, Any]:
    places = {note.location: note for result in results for note in result.undecided if note.location is not None}
    return {
        "heading": reason,
        "outcome": Outcome.COULD_NOT_RUN,
        "outcome_word": OUTCOME_WORDS[Outcome.COULD_NOT_RUN],
        "line": f"{len(results)} checks could not decide",
        "summary": "",
        "why_not": "",
        "notes": [
            *(_plain(f"{PILLAR_WORDS[result.pillar]}: {result.title} (`{result.check_id}`)") for result in results),
            *_notes(tuple(places.values()), _MOST_NOTES),
        ],
        "notes_more": _more(tuple(places), _MOST_NOTES),
        "fix": "",
    }


def _finding(result: CheckResult) -> dict[str, Any]:
    failed = result.outcome is Outcome.FAILED
    notes = result.findings if failed else result.undecided
    fix = result.fix
    return {
        "heading": result.failure_title if failed else result.title,
        "outcome": result.outcome,
        "outcome_word": OUTCOME_WORDS[result.outcome],
        "line": f"{PILLAR_WORDS[result.pillar]} · {WEIGHT_WORDS[_weight(result)]} · {result.check_id}",
        "summary": plain_summary(result.explanation),
        "why_not": ""
        if failed or str(result.why_not or "") in {note.message for note in notes}
        else str(result.why_not or ""),
        "notes": _notes(notes, _MOST_NOTES),
        "notes_more": _more(notes, _MOST_NOTES),
        "fix": (
            f"{fix.title} – {_EFFORT_WORDS[fix.effort]}, {_SAFETY_WORDS[fix.safety]}."
            if fix is not None and failed
            else ""
        ),
    }


def plain_summary(explanation: str) -> str:
    """The first paragraph of a Markdown explanation without links and bold marks; code keeps its backticks."""
    paragraph = " ".join(explanation.strip().split("\n\n", 1)[0].split())
    paragraph = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", paragraph)
    return paragraph.replace("**", "")


def _row(result: CheckResult) -> dict[str, Any]:
    return {
        "title": result.failure_title if result.outcome is Outcome.FAILED else result.title,
        "id": result.check_id,
        "weight": WEIGHT_WORDS[_weight(result)],
        "outcome": result.outcome,
        "outcome_word": OUTCOME_WORDS[result.outcome],
        "reason": "" if result.why_not is None else str(result.why_not),
    }


def _entry_point(report: AuditReport, index: int) -> dict[str, Any]:
    point = report.entry_points[index]
    kind = "makes results" if point.makes_results else "does not enter the answers"
    chosen = ", chosen by a person" if point.chosen_by == "person" else ""
    return {**_plain(f"{point.how} ({kind}{chosen})"), "place": point.path}


def _plain(message: str, steps: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    return {"message": message, "place": "", "steps": list(steps), "code": []}


def _notes(notes: Sequence[Note], most: int) -> list[dict[str, Any]]:
    """Notes for paper; neighbours whose excerpts overlap share one, below the last of them."""
    shown = [_note(note) for note in notes[:most]]
    for (first, before), (second, after) in pairwise(zip(notes, shown, strict=False)):
        if before["code"] and after["code"] and _overlap(first, second):
            after["code"] = _joined(before["code"], after["code"])
            before["code"] = []
    return shown


def _overlap(first: Note, second: Note) -> bool:
    same_file = (first.path, first.cell) == (second.path, second.cell)
    return same_file and first.code_start <= second.code_start <= first.code_start + first.code.count("\n") + 1


def _joined(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of two overlapping excerpts, marked where either is."""
    rows = {row["number"]: row for row in first}
    for row in second:
        rows[row["number"]] = {**row, "marked": row["marked"] or rows.get(row["number"], row)["marked"]}
    return [rows[number] for number in sorted(rows)]


def _note(note: Note) -> dict[str, Any]:
    place = note.location
    return {
        "message": note.message,
        "place": "" if place is None else str(place),
        "steps": [_note(step) for step in note.places],
        "code": list(_code(note)),
    }


def _code(note: Note) -> Iterable[dict[str, Any]]:
    last = max(note.line, note.end_line - (note.end_column <= 1))
    for number, line in enumerate(note.code.split("\n") if note.code else (), note.code_start):
        shown = line.replace("\t", "    ")
        yield {"number": number, "text": shown[:160], "marked": note.line <= number <= last}


def _more(items: Sequence[object], shown: int) -> str:
    hidden = len(items) - shown
    return f"{hidden} more in the attached report." if hidden > 0 else ""


# Words of the fingerprint's names that are not written small.
_CAPITALS = {"cpu": "CPU", "gpu": "GPU", "gpus": "GPUs", "cuda": "CUDA", "mig": "MIG", "ecc": "ECC", "mhz": "MHz"}


def _device_name(name: str) -> str:
    words = [_CAPITALS.get(word, word) for word in name.removesuffix("_bytes").split("_")]
    return words[0][:1].upper() + " ".join(words)[1:]


def _device_value(name: str, value: object) -> str:
    if isinstance(value, dict):
        parts = ((key, _device_value(key, item)) for key, item in value.items() if item)
        return ", ".join(shown if key == "model" else f"{_device_name(key)} {shown}" for key, shown in parts)
    if isinstance(value, list | tuple):
        return "; ".join(_device_value(name, item) for item in value)
    if name.endswith("_bytes") and isinstance(value, int):
        return f"{value / 2**30:.1f} GiB"
    return str(value)
