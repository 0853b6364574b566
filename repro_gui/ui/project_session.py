"""The open project: what is known of it, what is under way, and one `changed` signal for all screens."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from repro_gui.audit.report import AnsweredQuestion, AuditReport, CheckResult, report_from_json
from repro_gui.errors import ReportUnreadable
from repro_gui.facts.settings import HandTick, Settings, Waiver
from repro_gui.text import Text, text
from repro_gui.ui.activity import Activity
from repro_gui.ui.notice import Level, Notice, NoticeAction, notice_of
from repro_gui.ui.translate import _, shown
from repro_gui.ui.worker_client import WorkerClient, WorkerRequest
from repro_gui.worker.messages import (
    AnswersSoFar,
    Applied,
    ApplyPlan,
    Audit,
    Audited,
    CancelledEnd,
    CheckDone,
    ChecklistJudged,
    Export,
    Fault,
    FilesChanged,
    FindInterpreters,
    History,
    HistoryEntry,
    InterpreterChoice,
    Interpreters,
    JudgeChecklist,
    PlanFixes,
    ProjectSettings,
    ReadHistory,
    ReadSettings,
    ReadSource,
    ReadTrust,
    Recognise,
    Recognised,
    Redo,
    Refusal,
    Reply,
    Request,
    SaveSettings,
    SetTrust,
    Step,
    Trust,
    Undo,
    WantedFix,
    Watch,
)

# Editors write a file in several steps; what follows within this time belongs to one edit.
_SETTLE_MILLISECONDS = 120
# Results come one by one; the screens are told at most this often.
_GATHER_MILLISECONDS = 60


class ProjectSession(QObject):
    """One project in one window."""

    changed = Signal()
    activity_changed = Signal(object)
    notice_raised = Signal(object)
    notice_settled = Signal(str)
    applied = Signal(object)

    def __init__(self, root: str, client: WorkerClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root = root
        self.client = client
        self.settings = Settings()
        self.report: AuditReport | None = None
        self.report_file = ""
        self.seconds = 0.0
        self.results: dict[str, CheckResult] = {}
        self.answers: dict[str, AnsweredQuestion] = {}
        # The answers rest on a part of the sources; a report is never in this state.
        self.is_so_far = False
        self.history: tuple[HistoryEntry, ...] = ()
        # The chosen published checklist or policy over the report; None for our own pillars.
        self.judged: ChecklistJudged | None = None
        self.recognised: Recognised | None = None
        self.interpreters: tuple[InterpreterChoice, ...] | None = None
        self.trusted = False
        self.activity: Activity | None = None
        self._audit: WorkerRequest | None = None
        self._watch: WorkerRequest | None = None
        self._writing: WorkerRequest | None = None
        self._is_audit_stale = False
        self._is_closed = False
        self._recognises_first = False
        self._settle = self._timer(_SETTLE_MILLISECONDS, self._audit_after_edits)
        self._gather = self._timer(_GATHER_MILLISECONDS, self.changed.emit)
        self._own_folder: tempfile.TemporaryDirectory[str] | None = None
        client.lost.connect(self._on_worker_lost)
        client.replaced.connect(self._on_worker_replaced)

    @property
    def name(self) -> str:
        """The folder's own name."""
        return Path(self.root).name or self.root

    @property
    def is_auditing(self) -> bool:
        """True while an audit is under way."""
        return self._audit is not None

    @property
    def next_undo(self) -> HistoryEntry | None:
        """What *Undo* would take back."""
        return next((entry for entry in self.history if not entry.undone), None)

    @property
    def next_redo(self) -> HistoryEntry | None:
        """What *Redo* would do again: what was undone last, as long as nothing was applied since."""
        undone: HistoryEntry | None = None
        for entry in self.history:
            if not entry.undone:
                break
            undone = entry
        return undone

    # ---- opening ----

    def open(self, *, recognise_first: bool = False) -> None:
        """Read what the person chose before, then audit and watch the folder.

        `recognise_first` looks at it before the audit, for the wizard's first page, and asks when it is over the limit.
        """
        root = self.root
        self._recognises_first = recognise_first
        self._show(Activity(text("Looking at the folder")))
        self._ask(lambda number: ReadSettings(number=number, root=root), self._on_settings, self._on_unreadable)
        self._ask(lambda number: ReadTrust(number=number, root=root), self._on_trust, quietly=True)
        self.read_history()
        if recognise_first:
            self._recognise(self._on_recognised)
        self.watch()

    def _recognise(self, then: Callable[[Recognised], None]) -> None:
        root = self.root
        self._ask(lambda number: Recognise(number=number, root=root), then, self._on_unreadable)

    def find_interpreters(self) -> None:
        """Ask for the Pythons that may be the project's; `interpreters` is set later."""
        root = self.root
        self._ask(lambda number: FindInterpreters(number=number, root=root), self._on_interpreters, quietly=True)

    def close(self) -> None:
        """Stop everything of this project that runs; an apply under way finishes."""
        self._is_closed = True
        self._settle.stop()
        self._gather.stop()
        for request in (self._audit, self._watch):
            if request is not None:
                request.drop()
        self._audit = self._watch = None
        self._forget_report_file()

    # ---- audit ----

    def audit(self) -> None:
        """Audit again; while one is under way the next follows it."""
        if self._is_closed:
            return
        if self._audit is not None:
            self._is_audit_stale = True
            return
        self._is_audit_stale = False
        root, settings = self.root, msgspec.structs.replace(self.settings, today=dt.datetime.now(dt.UTC).date())
        self._show(Activity(text("Auditing")))
        request = self.client.send(lambda number: Audit(number=number, root=root, settings=settings))
        self._audit = request
        request.stepped.connect(self._on_step)
        request.part_arrived.connect(self._on_part)
        request.ended.connect(self._on_audit_ended)
        self.changed.emit()

    def cancel(self) -> None:
        """Stop the audit under way; what is known stays."""
        self._is_audit_stale = False
        if self._audit is not None:
            self._audit.cancel()

    def change_settings(self, settings: Settings) -> None:
        """Remember other choices for this project and audit with them."""
        if settings == self.settings:
            return
        self.settings = settings
        root = self.root
        self._ask(lambda number: SaveSettings(number=number, root=root, settings=settings), self._on_saved)
        self.audit()

    def waive(self, keys: tuple[str, ...], reason: str, name: str, until: str) -> None:
        """Answer for findings by name; they stay visible as waived."""
        kept = tuple(waiver for waiver in self.settings.waivers if waiver.finding_key not in keys)
        new = tuple(Waiver(key, reason, name, until) for key in keys)
        self.change_settings(msgspec.structs.replace(self.settings, waivers=kept + new))

    def take_back_waivers(self, keys: tuple[str, ...]) -> None:
        """Let findings count again."""
        kept = tuple(waiver for waiver in self.settings.waivers if waiver.finding_key not in keys)
        self.change_settings(msgspec.structs.replace(self.settings, waivers=kept))

    def tick(self, check_id: str, name: str, note: str) -> None:
        """Answer by hand what no program can judge; an empty name takes the answer back."""
        ticks = tuple(tick for tick in self.settings.ticks if tick.check_id != check_id)
        if name:
            today = dt.datetime.now(dt.UTC).date().isoformat()
            ticks += (HandTick(check_id, name, note, today),)
        self.change_settings(msgspec.structs.replace(self.settings, ticks=ticks))

    # ---- fixes, history ----

    def plan_fixes(self, wanted: tuple[WantedFix, ...], *, network: bool = False) -> WorkerRequest:
        """Ask for a preview; empty `wanted` means every safe fix."""
        root = self.root
        return self.client.send(lambda number: PlanFixes(number=number, root=root, wanted=wanted, network=network))

    def apply(
        self,
        plan: str,
        paths: tuple[str, ...] | None,
        commands: tuple[int, ...] | None,
        hunks: dict[str, tuple[int, ...]] | None = None,
    ) -> WorkerRequest:
        """Write a planned change set or a part of it; audits again by itself. Who asks says what stands in the way."""
        root, some = self.root, hunks or {}
        return self._write(
            lambda number: ApplyPlan(number=number, root=root, plan=plan, paths=paths, commands=commands, hunks=some),
            text("Applying the fix"),
            _("Applied: {title}"),
            tells_trouble=False,
        )

    def undo(self, entry: str = "") -> WorkerRequest:
        """Take back the newest change set, or the named one."""
        root = self.root
        return self._write(
            lambda number: Undo(number=number, root=root, entry=entry), text("Undoing"), _("Undone: {title}")
        )

    def redo(self) -> WorkerRequest:
        """Do again what was undone last."""
        root = self.root
        return self._write(lambda number: Redo(number=number, root=root), text("Redoing"), _("Done again: {title}"))

    def read_history(self) -> None:
        """Ask for the journal; `history` is set later."""
        root = self.root
        self._ask(lambda number: ReadHistory(number=number, root=root), self._on_history, quietly=True)

    # ---- trust, source, export ----

    def set_trust(self, *, trusted: bool) -> WorkerRequest:
        """Remember or revoke the yes for this folder."""
        root = self.root
        return self._ask(lambda number: SetTrust(number=number, root=root, trusted=trusted), self._on_trust)

    def read_source(self, path: str, cell: int) -> WorkerRequest:
        """Ask for the text of a file."""
        root = self.root
        return self.client.send(lambda number: ReadSource(number=number, root=root, path=path, cell=cell))

    def export(self, format_name: str, output: str = "") -> WorkerRequest:
        """Render the last report; without an output into the exchange folder, for a preview."""
        report = self.report_file
        return self.client.send(lambda number: Export(number=number, report=report, format=format_name, output=output))

    def watch(self) -> None:
        """Hear of edits in the folder."""
        if self._is_closed or self._watch is not None:
            return
        root = self.root
        self._watch = self.client.send(lambda number: Watch(number=number, root=root))
        self._watch.part_arrived.connect(self._on_files_changed)
        self._watch.ended.connect(self._on_watch_ended)

    # ---- what comes back ----

    def _on_settings(self, reply: ProjectSettings) -> None:
        self.settings = reply.settings
        if not self._recognises_first:
            self.audit()

    def _on_saved(self, reply: ProjectSettings) -> None:
        self.changed.emit()

    def _on_trust(self, reply: Trust) -> None:
        self.trusted = reply.trusted
        self.changed.emit()

    def _on_interpreters(self, reply: Interpreters) -> None:
        self.interpreters = reply.choices
        self.changed.emit()

    def _on_history(self, reply: History) -> None:
        self.history = reply.entries
        self.changed.emit()

    def _on_recognised_later(self, reply: Recognised) -> None:
        self.recognised = reply
        self.trusted = self.trusted or reply.trusted
        self._show(None)
        self.changed.emit()
        if reply.over_limit:
            self.notice_raised.emit(
                Notice(
                    _("This folder holds {count} files, more than the limit of {limit}.").format(
                        count=f"{reply.file_count:,}", limit=f"{self.settings.limits.files:,}"
                    ),
                    _("Only the files up to the limit were audited; open a folder inside it, or raise the limit."),
                    Level.WARNING,
                    "limit",
                )
            )

    def _on_recognised(self, reply: Recognised) -> None:
        self.recognised = reply
        self.trusted = self.trusted or reply.trusted
        self._show(None)
        self.changed.emit()
        if reply.over_limit and self.report is None:
            self.notice_raised.emit(
                Notice(
                    _("This folder holds {count} files, more than the limit of {limit}.").format(
                        count=f"{reply.file_count:,}", limit=f"{self.settings.limits.files:,}"
                    ),
                    _("Audit the files up to the limit, or open a folder inside it."),
                    Level.WARNING,
                    "limit",
                    (NoticeAction(_("Audit up to the limit"), self._audit_despite_limit),),
                )
            )
            return
        self.audit()

    def _audit_despite_limit(self) -> None:
        self.notice_settled.emit("limit")
        self.audit()

    def _on_unreadable(self, end: Refusal | Fault) -> None:
        self._show(None)
        self.notice_raised.emit(notice_of(end, NoticeAction(_("Try again"), self._try_again), topic="project"))
        self.changed.emit()

    def _try_again(self) -> None:
        self.notice_settled.emit("project")
        self.open()

    def _on_step(self, step: Step) -> None:
        self._show(Activity(step.what, step.done, step.total))

    def _on_part(self, part: Reply) -> None:
        # Parts hold a page of the findings at most: they fill an empty window, a whole report is never taken back for them.
        if self.report is not None:
            return
        if isinstance(part, CheckDone):
            self.results[part.result.check_id] = part.result
        elif isinstance(part, AnswersSoFar):
            self.answers = {answered.question: answered for answered in part.answers}
            self.is_so_far = part.read < part.count
        if not self._gather.isActive():
            self._gather.start()

    def _on_audit_ended(self, end: Reply) -> None:
        self._audit = None
        self._gather.stop()
        if self._is_closed:
            return
        self._show(None)
        if isinstance(end, Audited):
            self._take_report(end)
            if self.recognised is None:
                self._recognise(self._on_recognised_later)
        elif isinstance(end, Refusal) and end.kind == "ProjectUnreadable":
            self._on_unreadable(end)
        elif isinstance(end, CancelledEnd):
            self.notice_raised.emit(
                Notice(
                    _("The audit was stopped; what was found before is shown."),
                    level=Level.NOTICE,
                    topic="audit",
                    actions=(NoticeAction(_("Audit again"), self.audit),),
                )
            )
        elif isinstance(end, Refusal | Fault):
            self.notice_raised.emit(notice_of(end, NoticeAction(_("Audit again"), self.audit), topic="audit"))
        self.changed.emit()
        if self._is_audit_stale:
            self.audit()

    def _take_report(self, end: Audited) -> None:
        try:
            content = Path(end.report).read_bytes()
            report = report_from_json(content)
            kept = self._keep_report(content)
            Path(end.report).unlink(missing_ok=True)
        except (OSError, ReportUnreadable) as error:
            self.notice_raised.emit(
                Notice(
                    _("The report of the audit could not be read ({reason}).").format(reason=error),
                    _("Audit again; make sure that the disk with temporary files is not full."),
                    Level.ERROR,
                    "audit",
                    (NoticeAction(_("Audit again"), self.audit),),
                )
            )
            return
        self.report, self.report_file, self.seconds = report, kept, end.seconds
        self.results = {result.check_id: result for result in report.results}
        self.answers = {answered.question: answered for answered in report.answers}
        self.is_so_far = False
        self.notice_settled.emit("audit")
        self.notice_settled.emit("project")
        self._judge()

    def _keep_report(self, content: bytes) -> str:
        """A file of the window's own, so that a report can be exported whatever becomes of the worker that made it."""
        if self._own_folder is None:
            self._own_folder = tempfile.TemporaryDirectory(prefix="repro-gui-")
        kept = Path(self._own_folder.name) / "report.json"
        # At once: the worker may be reading the one before.
        fresh = kept.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.replace(kept)
        return str(kept)

    def _judge(self) -> None:
        """Ask what the chosen checklist says of the report."""
        name, ticks, report = self.settings.checklist, self.settings.ticks, self.report_file
        if name == "pillars":
            self.judged = None
            self.notice_settled.emit("checklist")
            return
        self._ask(
            lambda number: JudgeChecklist(number=number, report=report, checklist=name, ticks=ticks),
            self._on_judged,
            self._on_not_judged,
        )

    def _on_judged(self, reply: ChecklistJudged) -> None:
        self.judged = reply
        self.notice_settled.emit("checklist")
        self.changed.emit()

    def _on_not_judged(self, end: Refusal | Fault) -> None:
        self.judged = None
        # A report that went meanwhile is judged when the next one is there.
        if isinstance(end, Fault) or end.kind == "PolicyUnreadable":
            self.notice_raised.emit(notice_of(end, topic="checklist"))
        self.changed.emit()

    def _on_files_changed(self, part: Reply) -> None:
        if isinstance(part, FilesChanged):
            self._settle.start()

    def _audit_after_edits(self) -> None:
        if self._writing is None and (self.report is not None or self._audit is not None):
            self.audit()

    def _on_watch_ended(self, end: Reply) -> None:
        self._watch = None
        if isinstance(end, Refusal) and end.kind == "ProjectUnreadable" and not self._is_closed:
            self.notice_raised.emit(notice_of(end, NoticeAction(_("Try again"), self._try_again), topic="project"))
        elif isinstance(end, Refusal) and end.kind != "WorkerLost":
            self.notice_raised.emit(notice_of(end, topic="watch"))

    def _on_worker_replaced(self) -> None:
        # The new one has to know the project before it can plan a fix of it.
        if not self._is_closed and self.report is not None and self._audit is None:
            self.audit()

    def _on_worker_lost(self, last_words: str) -> None:
        if self._is_closed:
            return
        self._show(None)
        self.notice_raised.emit(
            Notice(
                _("The background worker ended unexpectedly; it was started again."),
                _("Nothing in your project was changed by this. Audit again to go on."),
                Level.WARNING,
                "audit",
                (NoticeAction(_("Audit again"), self.audit),),
                details=last_words,
            )
        )
        self.watch()

    # ---- asking ----

    def _ask(
        self,
        make: Callable[[int], Request],
        on_result: Callable[[Any], None],
        on_trouble: Callable[[Refusal | Fault], None] | None = None,
        *,
        quietly: bool = False,
    ) -> WorkerRequest:
        request = self.client.send(make)

        def take(end: Reply) -> None:
            if self._is_closed or isinstance(end, CancelledEnd):
                return
            if not isinstance(end, Refusal | Fault):
                on_result(end)
            elif on_trouble is not None:
                on_trouble(end)
            elif not quietly:
                self.notice_raised.emit(notice_of(end))

        request.stepped.connect(self._on_step)
        request.ended.connect(take)
        return request

    def _write(
        self, make: Callable[[int], Request], what: Text, done: str, *, tells_trouble: bool = True
    ) -> WorkerRequest:
        self._show(Activity(what, can_cancel=False))
        request = self.client.send(make)
        self._writing = request

        def take(end: Reply) -> None:
            self._writing = None
            if self._is_closed:
                return
            self._show(None)
            if isinstance(end, Applied):
                self.notice_settled.emit("write")
                self.applied.emit(end)
                self.notice_raised.emit(
                    Notice(done.format(title=shown(end.title)), level=Level.DONE, topic="applied", fades=True)
                )
                self.audit()
            elif isinstance(end, Refusal | Fault) and tells_trouble:
                self.notice_raised.emit(notice_of(end, topic="write"))
            self.read_history()

        request.stepped.connect(lambda step: self._show(Activity(step.what, step.done, step.total, can_cancel=False)))
        request.ended.connect(take)
        return request

    def _show(self, activity: Activity | None) -> None:
        self.activity = activity
        self.activity_changed.emit(activity)

    def _forget_report_file(self) -> None:
        if self._own_folder is not None:
            self._own_folder.cleanup()
            self._own_folder = None
        self.report_file = ""

    def _timer(self, milliseconds: int, run: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(run)
        return timer
