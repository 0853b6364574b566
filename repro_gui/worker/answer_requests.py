"""What the reader does for each request."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

import msgspec

from repro_gui import trust
from repro_gui.apply.history import HistoryEntry as JournalEntry
from repro_gui.apply.history import apply_change_set, read_history, recover, redo, undo
from repro_gui.audit.answers_so_far import SoFar
from repro_gui.audit.plan_fix import PlannedFix
from repro_gui.audit.report import AnsweredQuestion, AuditReport, CheckResult, report_from_json
from repro_gui.checks.check import Check
from repro_gui.checks.find_checks import find_check
from repro_gui.errors import CannotPlan, ReportUnreadable
from repro_gui.export.formats import find_format
from repro_gui.facts.settings import Settings
from repro_gui.facts.unavailable import Unavailable
from repro_gui.own_folders import data_folder
from repro_gui.progress import Progress
from repro_gui.redact import redact_report, redact_result
from repro_gui.text import escape_undecodable, text
from repro_gui.worker import messages as m
from repro_gui.worker.answer_probes import answers_about_probes
from repro_gui.worker.answer_rebuilds import answer_read_rebuild
from repro_gui.worker.answer_runs import answers_about_runs
from repro_gui.worker.exchange import Exchange
from repro_gui.worker.judge_checklist import answer_judge_checklist
from repro_gui.worker.open_project import OpenProject, checks_to_fix
from repro_gui.worker.preview import make_preview, part_of
from repro_gui.worker.project_settings import read_settings, save_settings
from repro_gui.worker.recognise import describe_interpreters, recognise
from repro_gui.worker.transport import encode_json
from repro_gui.worker.write_out import write_out

_MOST_PROJECTS = 3
_PAGE = 50
_MOST_ENTRIES = 200
_MOST_NAMES = 100
# Longer texts travel as files.
_LONG_TEXT = 64 * 1024
_LANGUAGES = {
    ".py": "python", ".pyi": "python", ".ipynb": "python", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".json": "json",
    ".md": "markdown", ".sh": "bash", ".cfg": "ini", ".ini": "ini", ".dvc": "yaml", ".lock": "toml", ".r": "r", ".jl": "julia",
}  # fmt: skip


class Answering:
    """Keeps the open projects and the plans between requests; of one thread."""

    def __init__(self, send: Callable[[m.Reply], None], exchange: Exchange) -> None:
        self._send = send
        self._exchange = exchange
        self._projects: OrderedDict[str, OpenProject] = OrderedDict()
        self._reports: dict[str, AuditReport] = {}
        self._plans: dict[str, tuple[str, PlannedFix]] = {}
        self._answers: dict[type[m.Request], Callable[[Any, Progress], m.Reply]] = {
            m.Recognise: self._recognise,
            m.FindInterpreters: self._find_interpreters,
            m.Audit: self._audit,
            m.ReadSource: self._read_source,
            m.PlanFixes: self._plan_fixes,
            m.ApplyPlan: self._apply_plan,
            m.Undo: self._undo,
            m.Redo: self._redo,
            m.ReadHistory: self._read_history,
            m.ReadSettings: self._read_settings,
            m.SaveSettings: self._save_settings,
            m.ReadTrust: self._read_trust,
            m.SetTrust: self._set_trust,
            m.Export: self._export,
            m.JudgeChecklist: answer_judge_checklist,
            m.MakeExample: self._make_example,
            **answers_about_probes(exchange),
            **answers_about_runs(exchange),
            m.ReadRebuild: lambda request, _progress: answer_read_rebuild(request, exchange),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for project in self._projects.values():
            project.close()

    def answer(self, request: m.Request, progress: Progress) -> m.Reply:
        """Carry a request out and return its end; parts are sent on the way."""
        return self._answers[type(request)](request, progress)

    # ---- looking ----

    def _recognise(self, request: m.Recognise, progress: Progress) -> m.Reply:
        project = self._open(request.root)
        snapshot = project.look_over(read_settings(project.root), progress)
        return recognise(project, snapshot, request.number, request.root)

    def _find_interpreters(self, request: m.FindInterpreters, progress: Progress) -> m.Reply:
        project = self._open(request.root)
        snapshot = project.look_over(read_settings(project.root), progress)
        return m.Interpreters(number=request.number, choices=describe_interpreters(snapshot, progress))

    def _audit(self, request: m.Audit, progress: Progress) -> m.Reply:
        started = time.monotonic()
        project = self._open(request.root)
        settings = msgspec.structs.replace(request.settings, today=read_settings(project.root).today)

        def tell(so_far: SoFar) -> None:
            page = _page_of_answers(so_far.answers)
            self._send(m.AnswersSoFar(number=request.number, answers=page, read=so_far.read, count=so_far.count))

        report = project.audit(settings, progress, lambda result: self._send_result(request.number, result), tell)
        self._send(m.AnswersSoFar(number=request.number, answers=_page_of_answers(report.answers)))
        self._reports[request.root] = report
        return m.Audited(
            number=request.number,
            report=self._exchange.write("report.json", report.to_json()),
            seconds=round(time.monotonic() - started, 3),
            file_count=report.file_count,
        )

    def _send_result(self, number: int, result: CheckResult) -> None:
        """Send one result: as many findings and evidence as a line holds, at most a page."""
        shown = msgspec.structs.replace(redact_result(result), explanation="")
        size = _PAGE
        while True:
            page = msgspec.structs.replace(
                shown, findings=shown.findings[:size], evidence=shown.evidence[:size], undecided=shown.undecided[:size]
            )
            try:
                self._send(m.CheckDone(number=number, result=page))
            except ValueError:
                if not size:
                    raise
                size //= 2
            else:
                return

    def _read_source(self, request: m.ReadSource, _progress: Progress) -> m.Reply:
        content = self._open(request.root).read_text(request.path, request.cell)
        if isinstance(content, Unavailable):
            return m.Source(number=request.number, path=request.path, reason=content.reason)
        name = request.path.rpartition("/")[2].lower()
        language = "docker" if name.startswith("dockerfile") else _LANGUAGES.get(os.path.splitext(name)[1], "")  # noqa: PTH122
        source = m.Source(number=request.number, path=request.path, language=language)
        if len(content) > _LONG_TEXT:
            file = self._exchange.write("source.txt", content.encode("utf-8", "backslashreplace"))
            return msgspec.structs.replace(source, file=file)
        return msgspec.structs.replace(source, content=content)

    # ---- fixing ----

    def _plan_fixes(self, request: m.PlanFixes, progress: Progress) -> m.Reply:
        project = self._open(request.root)
        report = self._reports.get(request.root)
        if report is None:
            raise CannotPlan(text("This project was not audited yet."), text("Audit it first."))
        wanted = _wanted(request.wanted)
        planned = project.plan(wanted, project.consents(network=request.network), progress)
        plan = f"plan-{request.number}"
        preview = make_preview(plan, planned, project, report, wanted, progress)
        self._plans[plan] = (str(project.root), planned)
        return m.Planned(
            number=request.number, plan=plan, preview=self._exchange.write("preview.json", encode_json(preview))
        )

    def _apply_plan(self, request: m.ApplyPlan, progress: Progress) -> m.Reply:
        project = self._open(request.root)
        root, planned = self._plans.get(request.plan, ("", None))
        if planned is None or root != str(project.root):
            raise CannotPlan(text("This preview is not known any more."), text("Open the preview again."))
        part = part_of(planned, request.paths, request.commands, request.hunks)
        entry = apply_change_set(project.root, part.change_set, progress)
        # Whatever was planned started from files that are others now.
        self._plans = {name: plan for name, plan in self._plans.items() if plan[0] != root}
        return _applied(request.number, entry)

    def _undo(self, request: m.Undo, progress: Progress) -> m.Reply:
        return _applied(request.number, undo(self._open(request.root).root, request.entry, progress))

    def _redo(self, request: m.Redo, progress: Progress) -> m.Reply:
        return _applied(request.number, redo(self._open(request.root).root, progress))

    def _read_history(self, request: m.ReadHistory, _progress: Progress) -> m.Reply:
        root = self._open(request.root).root
        recover(root)
        entries = tuple(_history_entry(entry) for entry in read_history(root)[:_MOST_ENTRIES])
        return m.History(number=request.number, entries=entries)

    # ---- choices ----

    def _read_settings(self, request: m.ReadSettings, _progress: Progress) -> m.Reply:
        return _project_settings(request.number, request.root, read_settings(self._open(request.root).root))

    def _save_settings(self, request: m.SaveSettings, _progress: Progress) -> m.Reply:
        root = self._open(request.root).root
        save_settings(root, request.settings)
        return _project_settings(request.number, request.root, read_settings(root))

    def _read_trust(self, request: m.ReadTrust, _progress: Progress) -> m.Reply:
        return m.Trust(number=request.number, root=request.root, trusted=trust.is_trusted(Path(request.root)))

    def _set_trust(self, request: m.SetTrust, _progress: Progress) -> m.Reply:
        root = Path(request.root)
        if request.trusted:
            trust.remember_trust(root)
        else:
            trust.revoke_trust(root)
        return m.Trust(number=request.number, root=request.root, trusted=trust.is_trusted(root))

    # ---- reports, example ----

    def _export(self, request: m.Export, _progress: Progress) -> m.Reply:
        chosen = find_format(request.format)
        try:
            content = Path(request.report).read_bytes()
        except OSError as error:
            raise ReportUnreadable(
                text("The report is not there any more."), text("Audit the project again, then export.")
            ) from error
        rendered = chosen.render(redact_report(report_from_json(content)))
        if request.output:
            write_out(Path(request.output), rendered)
            path = request.output
        else:
            path = self._exchange.write(f"report{chosen.suffix}", rendered)
        return m.Exported(number=request.number, path=path, format=request.format)

    def _make_example(self, request: m.MakeExample, progress: Progress) -> m.Reply:
        from repro_gui.apply.example import make_example

        progress.step(text("Making the example project"), 0, 0)
        place = data_folder("examples")
        number = 1 + max((int(path.name) for path in place.iterdir() if path.name.isdigit()), default=0)
        return m.ExampleMade(number=request.number, root=str(make_example(place / str(number) / "example")))

    def _open(self, root: str) -> OpenProject:
        """The open project of a folder; the one that was not asked for the longest is closed."""
        project = self._projects.get(root)
        if project is None or not project.is_same():
            if project is not None:
                self._close(root)
            project = self._projects[root] = OpenProject(root)
        self._projects.move_to_end(root)
        while len(self._projects) > _MOST_PROJECTS:
            self._close(next(iter(self._projects)))
        return project

    def _close(self, root: str) -> None:
        self._projects.pop(root).close()
        self._reports.pop(root, None)


def _wanted(wanted: tuple[m.WantedFix, ...]) -> list[tuple[Check, frozenset[str] | None]]:
    if not wanted:
        return checks_to_fix(())
    found: list[tuple[Check, frozenset[str] | None]] = []
    for fix in wanted:
        check = find_check(fix.check_id)
        if check is None:
            raise CannotPlan(text("There is no check {name}.", name=fix.check_id), text("Audit the project again."))
        found.append((check, None if fix.keys is None else frozenset(fix.keys)))
    return found


def _page_of_answers(answers: Iterable[AnsweredQuestion]) -> tuple[AnsweredQuestion, ...]:
    return tuple(
        msgspec.structs.replace(answered, evidence=answered.evidence[:10], details=answered.details[:20])
        for answered in answers
    )


def _project_settings(number: int, root: str, settings: Settings) -> m.ProjectSettings:
    return m.ProjectSettings(number=number, root=root, settings=settings)


def _applied(number: int, entry: JournalEntry) -> m.Applied:
    files = tuple(escape_undecodable(path) for path in entry.files[:_MOST_NAMES])
    return m.Applied(number=number, entry=entry.id, title=entry.title, files=files)


def _history_entry(entry: JournalEntry) -> m.HistoryEntry:
    return m.HistoryEntry(
        entry=entry.id,
        title=entry.title,
        when=entry.when,
        check_id=entry.check_id,
        files=tuple(escape_undecodable(path) for path in entry.files[:_MOST_NAMES]),
        commands=tuple(escape_undecodable(command)[:2000] for command in entry.commands[:20]),
        undone=entry.undone,
        can_undo=entry.can_undo,
        why_not=entry.why_not,
    )
