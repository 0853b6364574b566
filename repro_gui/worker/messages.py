"""What windows and workers say to each other: one JSON object a line, the protocol version first.

A worker says `Hello` first. The window then sends requests, each with a number of its own. A worker answers with any number of
`Step` and parts, and then with exactly one end: a result, `Refusal`, `Fault` or `CancelledEnd`. Answers carry
the number of their request; a window drops those of requests it no longer cares for. A line is at most `LONGEST_LINE`
bytes: whatever can be longer (reports, previews, exports) travels as a file whose path the message names; the window reads and then
deletes files in the worker's exchange folder.
"""

from __future__ import annotations

import msgspec

from repro_gui.audit.report import AnsweredQuestion, CheckResult, EntryPointNote
from repro_gui.facts.settings import HandTick, Settings
from repro_gui.text import Text
from repro_gui.worker.message_kinds import Reply, Request
from repro_gui.worker.run_messages import (
    BatterySaved,
    CaseProbed,
    CompareProbes,
    CompareRuns,
    DocumentedNote,
    ImportProbe,
    InterpreterMade,
    InterpreterPlanned,
    MakeInterpreter,
    PlanInterpreter,
    Probe,
    Probed,
    ProbeDevice,
    ProbesCompared,
    ProbeView,
    ReadProbe,
    ReadRebuild,
    ReadRuns,
    RebuildEnvironment,
    RebuildSaid,
    Rebuilt,
    RunsCompared,
    RunsRead,
    SaveBattery,
)

# Those of the other files are here too: everybody asks this one.
__all__ = [
    "BatterySaved",
    "CaseProbed",
    "CompareProbes",
    "CompareRuns",
    "DocumentedNote",
    "ImportProbe",
    "InterpreterMade",
    "InterpreterPlanned",
    "MakeInterpreter",
    "PlanInterpreter",
    "Probe",
    "ProbeDevice",
    "ProbeView",
    "Probed",
    "ProbesCompared",
    "ReadProbe",
    "ReadRebuild",
    "ReadRuns",
    "RebuildEnvironment",
    "RebuildSaid",
    "Rebuilt",
    "Reply",
    "Request",
    "RunsCompared",
    "RunsRead",
    "SaveBattery",
]

PROTOCOL = 1
LONGEST_LINE = 256 * 1024


# ---- requests ----


class Cancel(Request, frozen=True, tag="cancel"):
    """Stop the request numbered `which`; has no end of its own."""

    which: int


class Quit(Request, frozen=True, tag="quit"):
    """End the process when nothing is under way."""


class Recognise(Request, frozen=True, tag="recognise"):
    """Look at a folder before the audit; ends with `Recognised`."""

    root: str


class FindInterpreters(Request, frozen=True, tag="find-interpreters"):
    """List the Pythons that may be the project's, by reading folders only; ends with `Interpreters`."""

    root: str


class Audit(Request, frozen=True, tag="audit"):
    """Gather (only what changed since the last time) and audit; parts `CheckDone` and `AnswersSoFar`, ends with `Audited`."""

    root: str
    settings: Settings


class ReadSource(Request, frozen=True, tag="read-source"):
    """The text of one file (a notebook's cell when `cell` ≥ 0) for display; ends with `Source`."""

    root: str
    path: str
    cell: int = -1


class WantedFix(msgspec.Struct, frozen=True):
    """A check whose findings are to be fixed: those of `keys`, or all of them."""

    check_id: str
    keys: tuple[str, ...] | None = None


class PlanFixes(Request, frozen=True, tag="plan-fixes"):
    """Plan fixes on the last audited snapshot; empty `wanted` means every safe fix. Ends with `Planned`.

    `network` is the person's consent to look-ups that ask an index.
    """

    root: str
    wanted: tuple[WantedFix, ...] = ()
    network: bool = False


class ApplyPlan(Request, frozen=True, tag="apply-plan"):
    """Write a planned change set; ends with `Applied`.

    `paths` and `commands` choose a part of it (None = all), `hunks` the single changes of a file by their numbers from
    the top (a file that is not in it is taken whole).
    """

    root: str
    plan: str
    paths: tuple[str, ...] | None = None
    commands: tuple[int, ...] | None = None
    hunks: dict[str, tuple[int, ...]] = {}


class Undo(Request, frozen=True, tag="undo"):
    """Take back the newest change set that is not undone (or the one named); ends with `Applied`."""

    root: str
    entry: str = ""


class Redo(Request, frozen=True, tag="redo"):
    """Apply again what was undone last; ends with `Applied`."""

    root: str


class ReadHistory(Request, frozen=True, tag="read-history"):
    """What was applied and undone in this project; ends with `History`."""

    root: str


class ReadSettings(Request, frozen=True, tag="read-settings"):
    """What the person chose for this project, here or on the command line; ends with `ProjectSettings`."""

    root: str


class SaveSettings(Request, frozen=True, tag="save-settings"):
    """Remember the choices for this project (in the user's own folder, never in the project); ends with `ProjectSettings`."""

    root: str
    settings: Settings


class Watch(Request, frozen=True, tag="watch"):
    """Tell of edits in the folder while other requests run; parts `FilesChanged` until it is cancelled.

    Refused when the folder cannot be watched; a folder that vanishes ends it with a `Refusal`.
    """

    root: str


class ReadTrust(Request, frozen=True, tag="read-trust"):
    """Whether this folder may run its interpreter and commands; ends with `Trust`."""

    root: str


class SetTrust(Request, frozen=True, tag="set-trust"):
    """Remember or revoke the person's yes for this folder; ends with `Trust`."""

    root: str
    trusted: bool


class Export(Request, frozen=True, tag="export"):
    """Render a report file (as written by `Audited`) in a format; ends with `Exported`.

    An empty `output` means a file in the exchange folder, for a preview.
    """

    report: str
    format: str
    output: str = ""


class JudgeChecklist(Request, frozen=True, tag="judge-checklist"):
    """Judge a report file (as written by `Audited`) by a checklist; ends with `ChecklistJudged`.

    `checklist` is the id of a bundled one or the path of a policy file, as in `Settings`.
    """

    report: str
    checklist: str
    ticks: tuple[HandTick, ...] = ()


class MakeExample(Request, frozen=True, tag="make-example"):
    """Make a fresh copy of the bundled example project; ends with `ExampleMade`."""


AnyRequest = (
    Cancel
    | Quit
    | Recognise
    | FindInterpreters
    | Audit
    | ReadSource
    | PlanFixes
    | ApplyPlan
    | Undo
    | Redo
    | ReadHistory
    | ReadSettings
    | SaveSettings
    | Watch
    | ReadTrust
    | SetTrust
    | Export
    | MakeExample
    | JudgeChecklist
    | Probe
    | ReadProbe
    | ImportProbe
    | CompareProbes
    | PlanInterpreter
    | MakeInterpreter
    | RebuildEnvironment
    | ReadRebuild
    | ReadRuns
    | CompareRuns
    | SaveBattery
)


# ---- answers ----


class Hello(Reply, frozen=True, tag="hello"):
    """The worker is ready; `log_folder` is where it writes its log."""

    protocol: int
    version: str
    pid: int
    log_folder: str = ""


class Step(Reply, frozen=True, tag="step"):
    """Where a request is: `done` of `total` items, `total` 0 where it is not known."""

    what: Text
    done: int
    total: int


class Refusal(Reply, frozen=True, tag="refusal"):
    """The end of a request that cannot be done: what, and how to mend it. `kind` is the name of the error's class.

    `also` is what else stands in the way, where several things were asked for at once.
    """

    what: Text
    mend: Text
    kind: str = ""
    also: tuple[Text, ...] = ()


class Fault(Reply, frozen=True, tag="fault"):
    """The end of a request that broke: a mistake of ours."""

    error: str
    traceback: str


class CancelledEnd(Reply, frozen=True, tag="cancelled"):
    """The end of a request that the person stopped."""


class RecognisedItem(msgspec.Struct, frozen=True):
    """One thing seen in a folder: `kind` is git, python, notebooks, data, environment, tracking, dvc …; paths are samples."""

    kind: str
    text: Text
    count: int = 0
    paths: tuple[str, ...] = ()


class Recognised(Reply, frozen=True, tag="recognised"):
    """What a folder seems to be; `projects` are paths of several projects or repositories inside, to choose from."""

    root: str
    items: tuple[RecognisedItem, ...]
    file_count: int
    over_limit: bool = False
    projects: tuple[str, ...] = ()
    trusted: bool = False
    entry_points: tuple[EntryPointNote, ...] = ()
    data_folders: tuple[str, ...] = ()


class InterpreterChoice(msgspec.Struct, frozen=True):
    """A Python that may be the project's; `broken` says why it cannot be used."""

    path: str
    kind: str
    python: str = ""
    torch: str = ""
    cuda: str = ""
    package_count: int = 0
    broken: Text | None = None


class Interpreters(Reply, frozen=True, tag="interpreters"):
    """Interpreters, the best guess first."""

    choices: tuple[InterpreterChoice, ...]


class CheckDone(Reply, frozen=True, tag="check-done"):
    """One result of an audit under way, without its explanation and with at most a page of findings; the report has all."""

    result: CheckResult


class AnswersSoFar(Reply, frozen=True, tag="answers-so-far"):
    """The five answers as far as they are known while an audit is under way.

    They rest on `read` of `count` Python sources; both are 0 once they rest on all, and only then are they the report's.
    """

    answers: tuple[AnsweredQuestion, ...]
    read: int = 0
    count: int = 0


class Audited(Reply, frozen=True, tag="audited"):
    """The report is in a file of the exchange folder (JSON, as `audit.report` reads it)."""

    report: str
    seconds: float
    file_count: int


class Source(Reply, frozen=True, tag="source"):
    """The text of a file, or the reason why it is not shown; `file` is set instead of `content` when it is long."""

    path: str
    content: str = ""
    file: str = ""
    language: str = ""
    reason: Text | None = None


class PlannedFile(msgspec.Struct, frozen=True):
    """One file of a preview: its unified diff, and why it changes; `before` and `after` are texts for a side-by-side view.

    `hunks` counts its single changes; 0 where it can only be taken as a whole.
    """

    path: str
    diff: str
    before: str
    after: str
    is_new: bool
    is_binary: bool = False
    reason: Text | None = None
    hunks: int = 0


class PlannedCommand(msgspec.Struct, frozen=True):
    """One command of a preview."""

    shown: str
    can_be_undone: bool
    needs_trust: bool
    touches: tuple[str, ...] = ()


class RefusedFinding(msgspec.Struct, frozen=True):
    """A finding that the plan does not mend, and why."""

    key: str
    what: Text
    mend: Text


class Preview(msgspec.Struct, frozen=True):
    """What a plan would do; travels as a JSON file."""

    plan: str
    title: Text
    files: tuple[PlannedFile, ...]
    commands: tuple[PlannedCommand, ...]
    mended: tuple[str, ...]
    refused: tuple[RefusedFinding, ...] = ()
    effect: Text | None = None
    notes: tuple[Text, ...] = ()
    answers_before: tuple[AnsweredQuestion, ...] = ()
    answers_after: tuple[AnsweredQuestion, ...] = ()
    needs_trust: bool = False
    safe: bool = True


class Planned(Reply, frozen=True, tag="planned"):
    """The plan is made and kept by the worker under `plan`; `preview` is the path of a `Preview` file."""

    plan: str
    preview: str


class Applied(Reply, frozen=True, tag="applied"):
    """A change set was written, undone or redone as a whole; audit again to see what it did."""

    entry: str
    title: Text
    files: tuple[str, ...]


class HistoryEntry(msgspec.Struct, frozen=True):
    """One change set in the journal; `when` is ISO 8601 in UTC; `why_not` says why it cannot be undone now."""

    entry: str
    title: Text
    when: str
    check_id: str
    files: tuple[str, ...]
    commands: tuple[str, ...]
    undone: bool
    can_undo: bool
    why_not: Text | None = None


class History(Reply, frozen=True, tag="history"):
    """Newest first."""

    entries: tuple[HistoryEntry, ...]


class ProjectSettings(Reply, frozen=True, tag="project-settings"):
    """The choices for one project as they are remembered now; `today` in them is not."""

    root: str
    settings: Settings


class FilesChanged(Reply, frozen=True, tag="files-changed"):
    """Files of the watched folder changed; paths are POSIX and relative, at most a hundred of `count`."""

    root: str
    paths: tuple[str, ...]
    count: int


class Trust(Reply, frozen=True, tag="trust"):
    """Whether the folder may run things now."""

    root: str
    trusted: bool


class Exported(Reply, frozen=True, tag="exported"):
    """The rendered report."""

    path: str
    format: str


class ChecklistLine(msgspec.Struct, frozen=True):
    """One item of a checklist; `tick` is met, not-met, confirm, cannot-tell or by-hand."""

    id: str
    text: str
    tick: str
    why: Text
    checks: tuple[str, ...] = ()


class ChecklistJudged(Reply, frozen=True, tag="checklist-judged"):
    """The items of a checklist in its own order; no name and no items for our own pillars."""

    checklist: str
    name: str
    owner: str
    items: tuple[ChecklistLine, ...]
    id: str = ""


class ExampleMade(Reply, frozen=True, tag="example-made"):
    """Where the example project is."""

    root: str


AnyReply = (
    Hello
    | Step
    | Refusal
    | Fault
    | CancelledEnd
    | Recognised
    | Interpreters
    | CheckDone
    | AnswersSoFar
    | Audited
    | Source
    | Planned
    | Applied
    | History
    | ProjectSettings
    | FilesChanged
    | Trust
    | Exported
    | ExampleMade
    | ChecklistJudged
    | CaseProbed
    | Probed
    | ProbesCompared
    | RebuildSaid
    | Rebuilt
    | RunsRead
    | RunsCompared
    | BatterySaved
    | InterpreterPlanned
    | InterpreterMade
)


def encode_line(message: Request | Reply) -> bytes:
    """One message as a line; raises ValueError when it is longer than `LONGEST_LINE`."""
    line = msgspec.json.encode(message) + b"\n"
    if len(line) > LONGEST_LINE:
        problem = f"{type(message).__name__} takes {len(line)} bytes; send it as a file"
        raise ValueError(problem)
    return line


_REQUESTS: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_REPLIES: msgspec.json.Decoder[AnyReply] = msgspec.json.Decoder(AnyReply)


def decode_request(line: bytes) -> AnyRequest:
    """The request in a line; raises `msgspec.DecodeError`."""
    return _REQUESTS.decode(line)


def decode_reply(line: bytes) -> AnyReply:
    """The reply in a line; raises `msgspec.DecodeError`."""
    return _REPLIES.decode(line)
