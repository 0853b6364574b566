"""A published checklist, or an organisation's own, over the results of an audit."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from repro_gui.audit.checklists import judge_checklist, note_of_checklist
from repro_gui.audit.report import report_from_json
from repro_gui.checks.find_checks import all_checks
from repro_gui.errors import PolicyUnreadable, ReportUnreadable
from repro_gui.facts.known_checklists import Checklist
from repro_gui.knowledge import load_knowledge
from repro_gui.text import text
from repro_gui.worker.messages import ChecklistJudged, ChecklistLine, JudgeChecklist

if TYPE_CHECKING:
    from repro_gui.audit.report import AuditReport
    from repro_gui.facts.settings import Settings
    from repro_gui.progress import Progress

_MOST_BYTES = 1024 * 1024


def find_checklist(name: str) -> Checklist | None:
    """The bundled checklist of that id, or the one in the policy file at that path; None for our own pillars.

    Raises `PolicyUnreadable` for a file that is none, and for an id that nobody knows.
    """
    if name in {"", "pillars"}:
        return None
    if name.endswith(".toml"):
        return read_policy(Path(name))
    known = load_knowledge().checklists
    for checklist in known:
        if checklist.id == name:
            return checklist
    names = ", ".join(["pillars", *(checklist.id for checklist in known)])
    raise PolicyUnreadable(
        text("There is no checklist {name}.", name=name), text("Choose one of: {names}.", names=names)
    )


def with_checklist(report: AuditReport, settings: Settings) -> AuditReport:
    """The report with the chosen checklist; one that cannot be read any more is told among what was not verified."""
    try:
        checklist = find_checklist(settings.checklist)
    except PolicyUnreadable as error:
        return msgspec.structs.replace(report, not_verified=(*report.not_verified, error.what))
    if checklist is None:
        return report
    return msgspec.structs.replace(report, checklist=note_of_checklist(checklist, report.results, settings.ticks))


def read_policy(path: Path) -> Checklist:
    """A checklist that an organisation wrote in the form of the bundled ones; raises `PolicyUnreadable`."""
    try:
        checklist = msgspec.convert(tomllib.loads(_read(path).decode("utf-8")), Checklist)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PolicyUnreadable(
            text("The policy file {path} could not be read: {reason}.", path=str(path), reason=reason),
            text(
                "Write it in TOML: id, name, owner, year, source, read, and items with id, text, pillar, decided and checks."
            ),
        ) from error
    known = {check.id for check in all_checks()}
    for item in checklist.items:
        for check in item.checks:
            if check not in known:
                raise PolicyUnreadable(
                    text("{path} names the check {check}, which does not exist.", path=str(path), check=check),
                    text("`repro-gui list` shows the ids of all checks."),
                )
    return checklist


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError("it is larger than 1 MiB")
    return content


def answer_judge_checklist(request: JudgeChecklist, _progress: Progress) -> ChecklistJudged:
    """Judge the results of a report file by a checklist."""
    checklist = find_checklist(request.checklist)
    if checklist is None:
        return ChecklistJudged(number=request.number, checklist=request.checklist, name="", owner="", items=())
    try:
        report = report_from_json(Path(request.report).read_bytes())
    except OSError as error:
        raise ReportUnreadable(text("The report is not there any more."), text("Audit the project again.")) from error
    items = tuple(
        ChecklistLine(item.id, item.text, item.tick.value, item.why, item.checks)
        for item in judge_checklist(checklist, report.results, request.ticks)
    )
    return ChecklistJudged(
        number=request.number,
        checklist=request.checklist,
        name=checklist.name,
        owner=checklist.owner,
        items=items,
        id=checklist.id,
    )
