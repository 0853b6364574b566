"""The report as SARIF 2.1.0, for code scanning and editors."""

from __future__ import annotations

import json
import posixpath
import re
import urllib.parse
from typing import TYPE_CHECKING, Any

from repro_gui.audit.report import AuditReport, CheckResult, Note, Outcome
from repro_gui.checks.check import Weight
from repro_gui.export.sheet import plain_summary
from repro_gui.text import neutralise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SCHEMA_ADDRESS = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "PROJECTROOT"
# SARIF's three levels are our three weights.
_LEVELS = {Weight.MUST: "error", Weight.SHOULD: "warning", Weight.ADVICE: "note"}
# Version of what our keys are made of; it belongs to the name of a fingerprint.
_FINGERPRINT = "reproGuiKey/v1"


def render(report: AuditReport) -> bytes:
    """UTF-8 JSON with one run."""
    return render_runs([report])


def render_runs(reports: Sequence[AuditReport]) -> bytes:
    """UTF-8 JSON with a run for each report; equal reports give equal bytes."""
    log = {"$schema": SCHEMA_ADDRESS, "version": "2.1.0", "runs": [_run(report) for report in reports]}
    return (json.dumps(log, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8", "backslashreplace")


def _run(report: AuditReport) -> dict[str, Any]:
    return {
        "tool": {
            "driver": {
                "name": "Repro GUI",
                "semanticVersion": report.tool_version,
                "rules": [_rule(result) for result in report.results],
            }
        },
        "automationDetails": {"id": f"repro-gui/{_shown(report.project)}/"},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The audited project's folder."}}},
        "columnKind": "unicodeCodePoints",
        "results": [
            found
            for index, result in enumerate(report.results)
            if result.outcome in {Outcome.FAILED, Outcome.WAIVED}
            for found in _results(report, result, index)
        ],
        # What could not be decided is no result, and must not vanish either.
        "invocations": [
            {
                "executionSuccessful": True,
                "endTimeUtc": _utc(report.when),
                "toolExecutionNotifications": [
                    _notification(result, index)
                    for index, result in enumerate(report.results)
                    if result.outcome is Outcome.COULD_NOT_RUN
                ],
            }
        ],
        "properties": {
            "commit": report.commit,
            "knowledge": report.knowledge_hash,
            "answers": [
                {"question": answered.question, "answer": answered.answer, "why": str(answered.why)}
                for answered in report.answers
            ],
            "outcomes": {result.check_id: result.outcome for result in report.results},
            "notVerified": [str(sentence) for sentence in report.not_verified],
        },
    }


def _rule(result: CheckResult) -> dict[str, Any]:
    return {
        "id": result.check_id,
        "name": "".join(part.capitalize() for part in result.check_id.split("-")),
        "shortDescription": {"text": _shown(result.failure_title)},
        "fullDescription": {"text": _shown(plain_summary(result.explanation)) or _shown(result.failure_title)},
        "help": {
            "text": result.explanation.strip() or result.title,
            "markdown": result.explanation.strip() or result.title,
        },
        "defaultConfiguration": {"level": _LEVELS[result.weight]},
        "properties": {"tags": ["reproducibility", result.pillar], "weight": result.weight},
    }


def _results(report: AuditReport, result: CheckResult, index: int) -> Iterable[dict[str, Any]]:
    reasons = {waiver.finding_key: waiver for waiver in report.waivers}
    for note in result.findings:
        found: dict[str, Any] = {
            "ruleId": result.check_id,
            "ruleIndex": index,
            "level": _LEVELS[note.weight or result.weight],
            "message": {"text": _shown(note.message)},
            # A finding about the whole project still needs a place to be shown at.
            "locations": [_location(note)],
            "partialFingerprints": {_FINGERPRINT: note.key},
        }
        if note.places:
            found["relatedLocations"] = [
                {"id": number, **_location(place), "message": {"text": _shown(place.message)}}
                for number, place in enumerate(note.places)
            ]
        if note.key in result.waivers:
            waiver = reasons.get(note.key)
            why = f"{waiver.reason} ({waiver.name})" if waiver is not None else "waived"
            found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": _shown(why)}]
        if note.values:
            found["properties"] = {"values": note.values}
        yield found


def _notification(result: CheckResult, index: int) -> dict[str, Any]:
    return {
        "level": "warning",
        "message": {"text": _shown(str(result.why_not or "This check could not be decided."))},
        "associatedRule": {"id": result.check_id, "index": index},
        "locations": [_location(note) for note in result.undecided if note.path],
    }


def _location(note: Note) -> dict[str, Any]:
    if not note.path:
        return {"physicalLocation": {"artifactLocation": {"uri": ".", "uriBaseId": _ROOT}}}
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(note.path), "uriBaseId": _ROOT}}
    if note.cell >= 0:
        # Lines count within a cell; a line of the file would be another one.
        name = f"cell {note.cell + 1}" + (f", line {note.line}" if note.line else "")
        return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": name, "kind": "module"}]}
    if note.line:
        region = {"startLine": note.line}
        if note.column:
            region["startColumn"] = note.column
        if note.end_line >= note.line:
            region["endLine"] = note.end_line
            if note.end_column:
                region["endColumn"] = note.end_column
        physical["region"] = region
    return {"physicalLocation": physical}


def _uri(path: str) -> str:
    """A relative URI reference; undecodable bytes, written as escapes in reports, become percent codes again."""
    raw = re.sub(
        rb"\\x([0-9a-f]{2})",
        lambda byte: bytes([int(byte[1], 16)]),
        posixpath.normpath(path).encode("utf-8", "surrogateescape"),
    )
    quoted = urllib.parse.quote(raw)
    # A colon in the first segment would be read as a scheme.
    first, slash, rest = quoted.partition("/")
    return first.replace(":", "%3A") + slash + rest


def _utc(when: str) -> str:
    """SARIF wants `Z` for UTC."""
    return when.replace("+00:00", "Z")


def _shown(value: str) -> str:
    return neutralise(value)
