"""The report of an audit: the only input of the exports and of the checklist, and a stable JSON format."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from repro_gui.checks.check import Effort, Pillar, Safety, Weight
from repro_gui.errors import ReportUnreadable
from repro_gui.facts.determinism import Budget, Verdict
from repro_gui.location import Location
from repro_gui.text import Text, text

__all__ = [
    "SCHEMA",
    "Answer",
    "AnsweredQuestion",
    "AppliedNote",
    "AuditReport",
    "CheckResult",
    "Effort",
    "EntryPointNote",
    "LeftOutNote",
    "Note",
    "OfferedFix",
    "Outcome",
    "PackageRow",
    "Pillar",
    "ProbeNote",
    "ProbedOperation",
    "Question",
    "Safety",
    "WaiverNote",
    "Weight",
    "is_package_note",
    "package_rows",
    "report_from_json",
    "report_schema",
]

SCHEMA = 1


class Outcome(StrEnum):
    """What came of a check; the last four carry a reason. *Could not run* is never a pass and never a failure."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"
    COULD_NOT_RUN = "could-not-run"
    BY_HAND = "by-hand"
    WAIVED = "waived"


class Answer(StrEnum):
    """The answer to one of the five questions."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    CANNOT_TELL = "cannot-tell"


class Note(msgspec.Struct, frozen=True):
    """A finding, a piece of evidence, or a step of the way to one: what, and where.

    `message` is the rendered English text for machines, `template` and `values` allow translation. `key` identifies a finding over
    time (waivers, history, SARIF); it is empty for evidence. `code` is a few lines around the place, from line `code_start` on.
    """

    message: str
    template: Text
    path: str = ""
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    cell: int = -1
    key: str = ""
    cause: str = ""
    weight: Weight | None = None
    values: dict[str, str | int | float | bool | None] = {}
    places: tuple[Note, ...] = ()
    code: str = ""
    code_start: int = 0

    @property
    def location(self) -> Location | None:
        """The place as a `Location`; None where the note is about the whole project."""
        if not self.path:
            return None
        return Location(self.path, self.line, self.column, self.end_line, self.end_column, self.cell)


class OfferedFix(msgspec.Struct, frozen=True):
    """What the button of a check says and does to results; `can_plan` is false for shown steps."""

    title: str
    safety: Safety
    effort: Effort
    can_plan: bool


class CheckResult(msgspec.Struct, frozen=True):
    """What one check said; flat, so that a saved report is shown without the code that made it.

    `told_by` are the ids of checks whose findings tell of faults that this one sees too; these are among its evidence.
    """

    check_id: str
    pillar: Pillar
    weight: Weight
    title: str
    failure_title: str
    explanation: str
    outcome: Outcome
    findings: tuple[Note, ...] = ()
    evidence: tuple[Note, ...] = ()
    undecided: tuple[Note, ...] = ()
    why_not: Text | None = None
    fix: OfferedFix | None = None
    waivers: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()

    @property
    def has_fault(self) -> bool:
        """True where a fault stands, whoever tells of it."""
        return self.outcome is Outcome.FAILED or bool(self.told_by)

    @property
    def is_open(self) -> bool:
        """True while somebody should look at it: failed, or could not be decided."""
        return self.outcome in {Outcome.FAILED, Outcome.COULD_NOT_RUN}


class Question(StrEnum):
    """The five questions at the top of the checklist."""

    CODE = "code"
    DATA = "data"
    SEEDS = "seeds"
    ENVIRONMENT = "environment"
    TRACKING = "tracking"

    @property
    def wording(self) -> str:
        """The question as people read it."""
        return _WORDING[self]

    @property
    def pillar(self) -> Pillar:
        """The pillar whose checks stand behind the question."""
        return Pillar.RANDOMNESS if self is Question.SEEDS else Pillar(self.value)


_WORDING = {
    Question.CODE: "Is the code committed to Git?",
    Question.DATA: "Is the data versioned?",
    Question.SEEDS: "Are all random seeds explicitly set?",
    Question.ENVIRONMENT: "Is the environment frozen?",
    Question.TRACKING: "Are the hyperparameters logged?",
}


class AnsweredQuestion(msgspec.Struct, frozen=True):
    """One answer, why it is that one, and the notes it rests on; `checks` are the ids behind it.

    `details` are further lines under the answer: the depth of the environment answer, the seed snippet line by line.
    """

    question: Question
    wording: str
    answer: Answer
    why: Text
    evidence: tuple[Note, ...] = ()
    details: tuple[Note, ...] = ()
    checks: tuple[str, ...] = ()


class EntryPointNote(msgspec.Struct, frozen=True):
    """An entry point: where, how it was found, whether it makes results, and who chose it (`found` or `person`)."""

    path: str
    how: Text
    makes_results: bool
    chosen_by: str = "found"
    symbol: str = ""


class LeftOutNote(msgspec.Struct, frozen=True):
    """A path that was not read, and why."""

    path: str
    reason: Text


class WaiverNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding that somebody answers for: which, why, who, until when (ISO date, empty: no end)."""

    finding_key: str
    reason: str
    name: str
    until: str = ""


class AppliedNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fix that was applied to the project with Repro GUI; `when` is ISO 8601 in UTC."""

    title: Text
    when: str
    files: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    undone: bool = False


class ProbedOperation(msgspec.Struct, frozen=True, omit_defaults=True):
    """An operation that was not simply steady in the last probe; `used` are the places of the project that use it.

    `price` is the time under the flag divided by the time without.
    """

    name: str
    dtype: str
    device: str
    verdict: Verdict
    repeats: int = 0
    distinct: int = 0
    price: float | None = None
    largest_difference: float | None = None
    used: tuple[str, ...] = ()
    why: Text | None = None


class ProbeNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last determinism probe: on what, how long (seconds), whether its controls held, and what was not steady.

    `counts` are operations by verdict, all of them; `devices` are those that were measured, and nothing is said of others.
    `why_not` says why no verdict counts, `remarks` what was not measured and where the probe itself has not been tried.
    """

    when: str
    fingerprint: dict[str, Any]
    devices: tuple[str, ...]
    controls: int
    controls_held: bool
    budget: Budget
    counts: dict[str, int]
    operations: tuple[ProbedOperation, ...] = ()
    why_not: Text | None = None
    remarks: tuple[Text, ...] = ()


class Tick(StrEnum):
    """The state of an item of a published checklist; only a person or an item that the tool may decide alone can be `met`."""

    MET = "met"
    NOT_MET = "not-met"
    CONFIRM = "confirm"
    CANNOT_TELL = "cannot-tell"
    BY_HAND = "by-hand"


class ChecklistItemNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item: its state, what answers it, the checks of ours behind it that are in the report; `on` is the ISO date of a tick by hand."""

    id: str
    text: str
    tick: Tick
    why: Text
    checks: tuple[str, ...] = ()
    on: str = ""


class ChecklistNote(msgspec.Struct, frozen=True):
    """The published checklist, or the organisation's own, that was chosen for the project, item by item."""

    id: str
    name: str
    owner: str
    year: int
    items: tuple[ChecklistItemNote, ...] = ()


class PackageRow(msgspec.Struct, frozen=True):
    """One package of the consistency table: what is imported, declared, locked, installed and in the image; "" for nothing.

    `installed` is None where no environment was found. `is_odd`: these do not agree, or an import is in no list.
    """

    name: str
    imported: str
    declared: str
    locked: str
    installed: str | None
    container: str
    path: str
    line: int
    is_odd: bool = False

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as words: a dash for nothing, a question mark for what is not known."""
        installed = "?" if self.installed is None else self.installed
        values = (self.imported, self.declared, self.locked, installed, self.container)
        return (self.name, *(value or "–" for value in values))


def is_package_note(note: Note) -> bool:
    """True for the evidence that is a row of the table."""
    return {"imported", "declared", "locked", "installed", "container"} <= note.values.keys()


def package_rows(results: Iterable[CheckResult]) -> tuple[PackageRow, ...]:
    """The consistency table as far as these results have it, what does not agree first."""
    rows: list[PackageRow] = []
    for result in results:
        notes = [note for note in result.evidence if is_package_note(note)]
        odd = {note.values.get("name") for note in result.findings} if notes else set()
        for note in notes:
            name, installed = str(note.values["name"]), note.values["installed"]
            imported, declared, locked, container = (
                str(note.values[key] or "") for key in ("imported", "declared", "locked", "container")
            )
            rows.append(
                PackageRow(
                    name=name,
                    imported=imported,
                    declared=declared,
                    locked=locked,
                    installed=None if installed is None else str(installed),
                    container=container,
                    path=note.path,
                    line=note.line,
                    is_odd=name in odd or bool(imported and not (declared or locked or container)),
                )
            )
    return tuple(sorted(rows, key=lambda row: (not row.is_odd, row.name)))


class AuditReport(msgspec.Struct, frozen=True):
    """One audit of one project. Holds no absolute path, host or user name after `redact`.

    `when` is ISO 8601 in UTC. `is_so_far` marks answers from the entry points only, before the whole tree was read. `device` is the
    fingerprint of the machine by name and value. `sources_hash` identifies the bytes that were judged.
    """

    schema: int
    tool: str
    tool_version: str
    knowledge_hash: str
    project: str
    commit: str
    when: str
    answers: tuple[AnsweredQuestion, ...]
    results: tuple[CheckResult, ...]
    entry_points: tuple[EntryPointNote, ...] = ()
    device: dict[str, Any] = {}
    not_verified: tuple[Text, ...] = ()
    left_out: tuple[LeftOutNote, ...] = ()
    waivers: tuple[WaiverNote, ...] = ()
    history: tuple[AppliedNote, ...] = ()
    file_count: int = 0
    sources_hash: str = ""
    is_so_far: bool = False
    probe: ProbeNote | None = None
    checklist: ChecklistNote | None = None

    def result(self, check_id: str) -> CheckResult:
        """The result of a check; raises KeyError for an unknown id."""
        for result in self.results:
            if result.check_id == check_id:
                return result
        raise KeyError(check_id)

    def answer(self, question: Question) -> AnsweredQuestion:
        """The answer to one of the five questions."""
        return next(answered for answered in self.answers if answered.question == question)

    def to_json(self) -> bytes:
        """The report as indented JSON; equal reports give equal bytes."""
        return msgspec.json.format(msgspec.json.encode(self, order="deterministic"), indent=2) + b"\n"


def report_from_json(content: bytes) -> AuditReport:
    """Open a saved report; raises `ReportUnreadable` when it is not one or comes from a newer schema."""
    try:
        head = msgspec.json.decode(content, type=_ReportHead)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReportUnreadable(
            text("This file is not a Repro GUI report ({reason}).", reason=str(error)),
            text("Choose a file that `repro-gui audit --format json` wrote."),
        ) from error
    if head.schema > SCHEMA:
        raise ReportUnreadable(
            text("This report has schema {theirs}; this version reads up to {ours}.", theirs=head.schema, ours=SCHEMA),
            text("Open it with a newer version of Repro GUI."),
        )
    try:
        return msgspec.json.decode(content, type=AuditReport)
    except msgspec.DecodeError as error:
        raise ReportUnreadable(
            text("This report is damaged ({reason}).", reason=str(error)), text("Audit the project again.")
        ) from error


def report_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `AuditReport`."""
    schema = msgspec.json.schema(AuditReport)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Repro GUI audit report", **schema}


class _ReportHead(msgspec.Struct):
    schema: int
    tool: str
