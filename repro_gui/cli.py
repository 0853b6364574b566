"""The command line: the verbs, their options, their exit codes.

0 fine · 1 findings at or above `--fail-on` · 2 something the person can act on, or not decided · 3 a fault of ours · 130 cancelled.
"""

from __future__ import annotations

import argparse
import difflib
import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from repro_gui import __version__
from repro_gui.audit.report import Outcome, report_from_json, report_schema
from repro_gui.checks.check import Check, Weight
from repro_gui.checks.find_checks import all_checks, find_check
from repro_gui.cli_probe import add_probe_options, probe_machine
from repro_gui.cli_runs import add_run_options, list_runs
from repro_gui.errors import Cancelled, ReportUnreadable, ReproGuiError
from repro_gui.facts.settings import Settings
from repro_gui.logs import fault_text, start_log
from repro_gui.redact import redact_report, redact_secrets, redact_text
from repro_gui.terminal import Terminal, TerminalProgress
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from repro_gui.audit.answers_so_far import SoFar
    from repro_gui.audit.plan_fix import PlannedFix
    from repro_gui.audit.report import AuditReport, Note

FINE, FINDINGS, ACT, FAULT, CANCELLED = 0, 1, 2, 3, 130
_VERBS = "open audit report fix undo redo history runs probe rebuild trust explain list schema"
_WEIGHTS = [weight.value for weight in Weight]
_FORMATS = ["text", "json", "pdf", "html", "sarif", "markdown"]


def run(arguments: Sequence[str], open_windows: Callable[[list[str]], int]) -> int:
    """Run one command line; never raises."""
    terminal = Terminal()
    start_log("repro-gui")
    try:
        options = _parse(arguments)
        if options.verb == "open":
            return open_windows(options.paths)
        return int(options.run(options, terminal))
    except SystemExit as end:  # argparse: help, version, a wrong option
        return end.code if isinstance(end.code, int) else ACT
    except ReproGuiError as error:
        terminal.problem(error)
        return ACT
    except (Cancelled, KeyboardInterrupt):
        terminal.say("Cancelled.")
        return CANCELLED
    except BrokenPipeError:
        # Whoever read our output has enough of it; nothing more is written, not even at the end of the interpreter.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception as error:  # a fault of ours: its text is shown and logged, and the exit code tells
        logging.getLogger(__name__).exception("fault")
        terminal.say(fault_text(error))
        terminal.say("This is a fault of Repro GUI. Nothing is sent; the text above is also in the log.")
        return FAULT


# ---- options ----


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    given = list(arguments)
    if not given or not (given[0].startswith("-") or given[0] in _VERBS.split()):
        given.insert(0, "open")
    return _parser().parse_args(given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="repro-gui",
        description="Tells whether a machine-learning project can be reproduced, and mends what stands in the way.",
    )
    parser.add_argument("--version", action="version", version=f"repro-gui {__version__}")
    # Taken before the options are: `__main__.py`.
    parser.add_argument(
        "--self-test", action="store_true", help="try every part of this installation (must come first)"
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def add(
        verb: str, what: str, function: Callable[[argparse.Namespace, Terminal], int] | None
    ) -> argparse.ArgumentParser:
        command = verbs.add_parser(verb, help=what, description=what)
        command.set_defaults(run=function)
        return command

    add("open", "open the windows (also without a verb)", None).add_argument("paths", nargs="*", metavar="PATH")

    audit = add("audit", "audit projects and report", _audit)
    audit.add_argument("paths", nargs="+", metavar="PATH")
    _add_output(audit)
    audit.add_argument(
        "--fail-on",
        choices=[*_WEIGHTS, "never"],
        default="must",
        help="findings of this weight and above give exit code 1",
    )
    _add_choices(audit)

    report = add("report", "render a saved JSON report in another format", _report)
    report.add_argument("file", metavar="FILE")
    _add_output(report)

    fix = add("fix", "preview fixes, apply them, and audit again", _fix)
    fix.add_argument("path", metavar="PATH")
    fix.add_argument("checks", nargs="*", metavar="CHECK")
    fix.add_argument("--all", action="store_true", help="every fix that does not change results")
    fix.add_argument("--dry-run", action="store_true", help="show the diff and write nothing")
    fix.add_argument("--yes", action="store_true", help="do not ask before writing (this is not trust)")
    fix.add_argument("--trust", action="store_true", help="allow this call to run hooks and commands of the project")
    fix.add_argument("--network", action="store_true", help="allow this call to ask a package index")
    _add_choices(fix)

    for verb, what, function in (
        ("undo", "take back the newest fix, or the one named", _undo),
        ("redo", "apply again what was undone last", _redo),
        ("history", "list the fixes applied to a project", _history),
    ):
        command = add(verb, what, function)
        command.add_argument("path", metavar="PATH")
        if verb == "undo":
            command.add_argument("entry", nargs="?", default="", metavar="ENTRY", help="a number from `history`")

    add_run_options(add("runs", "list recorded runs with what each lacks, or compare two", list_runs))

    add_probe_options(
        add("probe", "repeat the operations of torch on this machine and tell which differ", probe_machine)
    )
    _add_rebuild(add("rebuild", "make the environment anew in a temporary folder, try the project's imports", _rebuild))

    trust = add("trust", "allow a folder to run its interpreter, hooks and commands", _trust)
    trust.add_argument("path", metavar="PATH")
    trust.add_argument("--revoke", action="store_true")

    add("explain", "what a check asks, why, and what to do", _explain).add_argument("check", metavar="CHECK")
    add("list", "list the checks", _list).add_argument("--format", choices=["text", "json"], default="text")
    add("schema", "print the JSON Schema of reports", _schema)
    return parser


def _add_rebuild(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", metavar="PATH")
    command.add_argument("--python", default="", metavar="EXE", help="in place of the Python that the project names")
    command.add_argument("--trust", action="store_true", help="allow this call to run installers and imports")
    command.add_argument("--format", choices=["text", "json"], default="text")


def _add_output(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=_FORMATS, default="text")
    command.add_argument("--output", metavar="FILE", help="write there instead of standard output")


def _add_choices(command: argparse.ArgumentParser) -> None:
    command.add_argument("--entry", action="append", default=[], metavar="PATH", help="an entry point; may be repeated")
    command.add_argument("--python", default="", metavar="EXE", help="the interpreter whose environment counts")
    command.add_argument(
        "--checklist", default="", metavar="NAME", help="a published checklist to answer, or a policy file (TOML)"
    )


def _settings(options: argparse.Namespace, root: Path) -> Settings:
    """What the person chose for this project before, and on this command line."""
    from repro_gui.worker.project_settings import read_settings

    settings = read_settings(root)
    if options.entry:
        settings = msgspec.structs.replace(settings, entry_points=tuple(options.entry))
    if options.python:
        settings = msgspec.structs.replace(settings, interpreter=str(Path(options.python).absolute()))
    if options.checklist:
        settings = msgspec.structs.replace(settings, checklist=_checklist(options.checklist))
    return settings


def _checklist(name: str) -> str:
    """The name itself, or the whole path of a policy file; raises when it names no checklist."""
    from repro_gui.worker.judge_checklist import find_checklist

    chosen = str(Path(name).absolute()) if name.endswith(".toml") else name
    find_checklist(chosen)
    return chosen


# ---- audit, report ----


def _audit(options: argparse.Namespace, terminal: Terminal) -> int:
    from repro_gui.worker.open_project import OpenProject

    reports: list[AuditReport] = []
    checklists: list[str] = []
    code = FINE
    if options.checklist:
        _checklist(options.checklist)
    with TerminalProgress(terminal) as progress:

        def tell(so_far: SoFar) -> None:
            progress.clear()
            _tell_answers(so_far, terminal)

        # Whoever waits at a terminal gets answers before the whole is read.
        told = tell if progress.is_shown else None
        for path in options.paths:
            try:
                with OpenProject(path) as project:
                    settings = _settings(options, project.root)
                    report = project.audit(settings, progress, on_answers=told)
            except ReproGuiError as error:
                # The others are audited all the same.
                progress.clear()
                terminal.problem(error)
                code = ACT
                continue
            reports.append(report)
            checklists += _checklist_lines(report, settings, terminal)
    if reports:
        _write(reports, options, terminal)
    if options.format == "text" and not options.output:
        terminal.print(*checklists)
    return max([code, *(_exit_code(report, options.fail_on, terminal) for report in reports)])


def _tell_answers(so_far: SoFar, terminal: Terminal) -> None:
    from repro_gui.export.sheet import ANSWER_WORDS

    terminal.say(f"Read so far: {so_far.read} of {so_far.count} Python sources.")
    for answered in so_far.answers:
        terminal.say(f"  {ANSWER_WORDS[answered.answer] + ', so far:':<21}{answered.wording}")
        terminal.say(f"  {'':<21}{terminal.safe(str(answered.why))}")


def _checklist_lines(report: AuditReport, settings: Settings, terminal: Terminal) -> list[str]:
    """The chosen published checklist, item by item; nothing for our own, which is the report itself."""
    from repro_gui.audit.checklists import judge_checklist
    from repro_gui.worker.judge_checklist import find_checklist

    checklist = find_checklist(settings.checklist)
    if checklist is None:
        return []
    judged = judge_checklist(checklist, report.results, settings.ticks)
    lines = ["", terminal.strong(f"{checklist.name} ({checklist.owner}, {checklist.year})")]
    for item in judged:
        lines.append(f"  {item.tick.value:<11}  {item.text}")
        lines.append(f"               {redact_text(str(item.why))}")
    return lines


def _exit_code(report: AuditReport, fail_on: str, terminal: Terminal) -> int:
    from repro_gui.export.causes import WEIGHTS, heaviest_weight

    if fail_on == "never":
        return FINE
    counted = WEIGHTS[: WEIGHTS.index(Weight(fail_on)) + 1]
    if any(result.outcome is Outcome.FAILED and heaviest_weight(result) in counted for result in report.results):
        return FINDINGS
    undecided = [
        result.check_id
        for result in report.results
        if result.outcome is Outcome.COULD_NOT_RUN and result.weight in counted
    ]
    if undecided:
        # No finding is no pass while a check of that weight could not be decided.
        terminal.say(f"{report.project}: cannot tell for {', '.join(undecided)}.")
        return ACT
    return FINE


def _report(options: argparse.Namespace, terminal: Terminal) -> int:
    try:
        content = Path(options.file).read_bytes()
    except OSError as error:
        raise ReportUnreadable(
            text("{path} cannot be read: {reason}.", path=options.file, reason=error.strerror or str(error)),
            text("Choose a file that `repro-gui audit --format json` wrote."),
        ) from error
    _write([redact_report(report_from_json(content))], options, terminal)
    return FINE


def _write(reports: list[AuditReport], options: argparse.Namespace, terminal: Terminal) -> None:
    from repro_gui.export.formats import find_format, render_all
    from repro_gui.export.text import lines_of
    from repro_gui.worker.write_out import write_out

    chosen = find_format(options.format)
    if options.output:
        write_out(Path(options.output), render_all(chosen, reports))
        terminal.say(f"Wrote {options.output}")
    elif options.format == "text":
        for number, report in enumerate(reports):
            terminal.print(
                *([""] if number else []), *lines_of(report, colour=terminal.has_colour, width=terminal.width)
            )
    elif not chosen.is_text and sys.stdout.isatty():
        raise ReproGuiError(
            text("A {format} is no text for a terminal.", format=chosen.title), text("Name a file: --output FILE.")
        )
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(render_all(chosen, reports))
        sys.stdout.buffer.flush()


# ---- fix, undo, redo, history ----


def _fix(options: argparse.Namespace, terminal: Terminal) -> int:
    """0 when every planned finding is gone, 1 when one remains or nothing was written for want of a yes."""
    from repro_gui.apply.history import apply_change_set
    from repro_gui.trust import trust_for_this_process
    from repro_gui.worker.open_project import OpenProject, checks_to_fix

    if bool(options.checks) == options.all:
        raise ReproGuiError(
            text("Say what to fix."),
            text("Name checks (`repro-gui list` shows them), or say --all for every safe fix."),
        )
    wanted = checks_to_fix(options.checks)
    with OpenProject(options.path) as project:
        if options.trust:
            trust_for_this_process(project.root)
        chosen = _settings(options, project.root)
        with TerminalProgress(terminal) as progress:
            before = project.audit(chosen, progress)
            planned = project.plan(wanted, project.consents(network=options.network), progress)
        _show_plan(planned, before, terminal)
        if options.dry_run:
            return FINE
        if not options.yes and not _may_write(terminal):
            terminal.say("Nothing was written.")
            return FINDINGS
        with TerminalProgress(terminal) as progress:
            entry = apply_change_set(project.root, planned.change_set, progress)
            after = project.audit(chosen, progress)
    terminal.print(f"Applied: {entry.title}. Take it back with: repro-gui undo {terminal.safe(options.path)}")
    return _show_outcome(planned, before, after, terminal)


def _may_write(terminal: Terminal) -> bool:
    if not sys.stdin.isatty():
        raise ReproGuiError(
            text("There is nobody to ask whether to write this."),
            text("Say --yes to write it, or --dry-run to look only."),
        )
    return terminal.ask("Write this?")


def _show_plan(planned: PlannedFix, before: AuditReport, terminal: Terminal) -> None:
    changes = planned.change_set
    terminal.print(terminal.strong(str(changes.title)))
    for note in (changes.effect, *changes.notes):
        if note is not None:
            terminal.print(str(note))
    for change in changes.files:
        if change.reason is not None:
            terminal.print(f"{terminal.safe(change.path)}: {change.reason}")
    # People paste what a terminal shows: credentials are hidden here, and written as they are.
    if diff := changes.diff():
        terminal.print("", *terminal.coloured_diff(redact_secrets(diff)))
    if changes.commands:
        terminal.print(terminal.strong("Then these commands run:"))
        terminal.print(*(f"  {terminal.safe(redact_text(command.shown))}" for command in changes.commands))
    found = {note.key: (result.check_id, note) for result in before.results for note in result.findings}
    for key, what, mend in planned.refused:
        check_id, finding = found.get(key, ("", None))
        place = f"{finding.location}: " if finding is not None and finding.location is not None else ""
        terminal.print(f"Not mended: {f'{check_id}: ' if check_id else ''}{terminal.safe(place)}{what} {mend}")


def _show_outcome(planned: PlannedFix, before: AuditReport, after: AuditReport, terminal: Terminal) -> int:
    messages = {note.key: note for result in before.results for note in result.findings}
    remaining = {note.key for result in after.results for note in result.findings}
    still = [key for key in planned.mended if key in remaining]
    gone = len(set(planned.mended)) - len(set(still))
    terminal.print(f"{gone} of {len(set(planned.mended))} findings are gone.")
    for key in still:
        note = messages.get(key)
        if note is not None:
            terminal.print(f"Still there: {terminal.safe(_placed(note))}")
    for result in after.results:
        for note in result.findings:
            if note.key not in messages and note.key not in planned.mended:
                # What a fix writes may be for another to commit, pin or declare.
                terminal.print(f"New: {result.check_id}: {terminal.safe(_placed(note))}")
    answers = {answered.question: answered for answered in before.answers}
    for answered in after.answers:
        old = answers.get(answered.question)
        if old is not None and old.answer != answered.answer:
            terminal.print(f"{answered.wording} {old.answer.value} → {answered.answer.value}")
    return FINDINGS if still else FINE


def _placed(note: Note) -> str:
    """A message with its place, unless that is what it starts with."""
    place = str(note.location or "")
    return note.message if note.message.startswith(place) else f"{place}: {note.message}"


def _undo(options: argparse.Namespace, terminal: Terminal) -> int:
    from repro_gui.apply.history import undo

    with TerminalProgress(terminal) as progress:
        entry = undo(_folder(options.path), options.entry, progress)
    terminal.print(f"Undone: {entry.title}")
    return FINE


def _redo(options: argparse.Namespace, terminal: Terminal) -> int:
    from repro_gui.apply.history import redo

    with TerminalProgress(terminal) as progress:
        entry = redo(_folder(options.path), progress)
    terminal.print(f"Applied again: {entry.title}")
    return FINE


def _history(options: argparse.Namespace, terminal: Terminal) -> int:
    from repro_gui.apply.history import read_history, recover

    root = _folder(options.path)
    recover(root)
    entries = read_history(root)
    if not entries:
        terminal.print("No fix was applied to this project.")
    for entry in entries:
        state = "undone" if entry.undone else "can be undone" if entry.can_undo else f"stays: {entry.why_not}"
        terminal.print(f"{entry.id:>4}  {entry.when[:19].replace('T', ' ')}  {entry.title}  ({state})")
        for what in (*entry.files, *entry.commands):
            terminal.print(f"      {terminal.safe(what)}")
    return FINE


def _folder(path: str) -> Path:
    from repro_gui.gather.files import ProjectFiles

    with ProjectFiles(path) as opened:
        return Path(opened.root)


# ---- rebuild ----


def _rebuild(options: argparse.Namespace, terminal: Terminal) -> int:
    """0 when all was installed and every import worked, 1 when not; 2 when nothing could be learnt."""
    from repro_gui.facts.rebuild import RebuildState, tell_rebuild
    from repro_gui.trust import trust_for_this_process
    from repro_gui.worker.project_settings import read_settings
    from repro_gui.worker.rebuild_project import rebuild_project

    root = _folder(options.path)
    if options.trust:
        trust_for_this_process(root)
    python = str(Path(options.python).absolute()) if options.python else ""
    with TerminalProgress(terminal) as progress:
        rebuild = rebuild_project(root, read_settings(root), progress, python=python)
    if options.format == "json":
        terminal.print(rebuild.to_json().decode().rstrip("\n"))
    else:
        terminal.print(str(tell_rebuild(rebuild)))
        for tried in rebuild.failed_imports:
            terminal.print(terminal.safe(f"  {tried.path}:{tried.line}  {tried.module}: {tried.error}"))
        terminal.print(*(f"  {terminal.safe(str(reason))}" for reason in rebuild.left_out))
        terminal.print(f"  {rebuild.install_seconds:g} s to install, {rebuild.import_seconds:g} s to import.")
    return FINE if rebuild.state is RebuildState.PASSED else FINDINGS


# ---- trust, explain, list, schema ----


def _trust(options: argparse.Namespace, terminal: Terminal) -> int:
    from repro_gui.trust import remember_trust, revoke_trust

    path = Path(options.path)
    if options.revoke:
        revoke_trust(path)
        terminal.print(f"{terminal.safe(options.path)} may not run anything any more.")
    else:
        remember_trust(_folder(options.path))
        terminal.print(
            f"{terminal.safe(options.path)} may run its interpreter, hooks and commands until it is revoked or replaced."
        )
    return FINE


def _explain(options: argparse.Namespace, terminal: Terminal) -> int:
    check = find_check(options.check)
    if check is None:
        near = difflib.get_close_matches(options.check, [known.id for known in all_checks()], 1)
        raise ReproGuiError(
            text("There is no check {name}.", name=options.check),
            text("Did you mean {near}?", near=near[0]) if near else text("`repro-gui list` shows all checks."),
        )
    terminal.print(terminal.strong(check.title), f"{check.id} · {check.pillar.value} · {check.weight.value}", "")
    for line in check.explanation.strip().splitlines():
        terminal.print(terminal.strong(line) if line.startswith("#") else line)
    if check.fix is not None:
        how = f"repro-gui fix PATH {check.id}" if check.fix.plan is not None else "shown steps only"
        terminal.print("", f"Fix: {check.fix.title} ({how})")
    return FINE


def _list(options: argparse.Namespace, terminal: Terminal) -> int:
    if options.format == "json":
        terminal.print(json.dumps([_listed(check) for check in all_checks()], indent=2))
        return FINE
    widest = max((len(check.id) for check in all_checks()), default=0)
    pillar = ""
    for check in all_checks():
        if check.pillar != pillar:
            pillar = check.pillar
            terminal.print("", terminal.strong(pillar.capitalize()))
        mark = "fix" if check.fix is not None and check.fix.plan is not None else "   "
        terminal.print(f"  {check.id:<{widest}}  {check.weight.value:<6}  {mark}  {check.title}")
    return FINE


def _listed(check: Check) -> dict[str, str | bool]:
    return {
        "id": check.id,
        "pillar": check.pillar.value,
        "weight": check.weight.value,
        "title": check.title,
        "failure_title": check.failure_title,
        "has_fix": check.fix is not None and check.fix.plan is not None,
    }


def _schema(_options: argparse.Namespace, terminal: Terminal) -> int:
    terminal.print(json.dumps(report_schema(), indent=2))
    return FINE
