"""Runs the commands of a change set, and takes each back as it declares.

`git`, `dvc` and `uv` are the programs there are. What must be known to take a command back is noted before it starts
(`prepare_command`), so that a kill in its middle can be mended too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.apply import git_repository as git
from repro_gui.apply.disk import changed_since
from repro_gui.apply.journal import CommandTrace
from repro_gui.apply.loose_files import restore_files, take_files
from repro_gui.changes.change_set import Command, UndoKind
from repro_gui.errors import CannotUndo, ProgramFailed
from repro_gui.processes import ProgramLimits, find_program, run_program
from repro_gui.text import text
from repro_gui.trust import require_trust

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from repro_gui.progress import Progress

_PROGRAMS = frozenset({"git", "dvc", "uv"})
_LIMITS = ProgramLimits(seconds=3600, keep_last_output=True)


def check_commands(root: Path, commands: Sequence[Command]) -> None:
    """Raise what would stop a command, before anything is written: no program, no trust, no identity."""
    for command in commands:
        program = command.argv[0]
        if program not in _PROGRAMS:
            raise ProgramFailed(
                text("{program} is not a program that a fix may run.", program=program),
                text("Report this as a fault of Repro GUI."),
            )
        if program != "dvc":
            find_program(program, root)
        if command.runs_project_code:
            require_trust(root, ", ".join(git.project_programs(root)) or command.shown)
        if program == "git":
            git.require_no_unknown_programs(root)
            if "commit" in command.argv:
                git.require_identity(root)


def prepare_command(root: Path, command: Command, number: int, kept: Path) -> CommandTrace:
    """Note what is needed to take the command back; `kept` is a folder for whole files."""
    trace = CommandTrace(number)
    if command.argv[0] in {"git", "dvc"}:
        state = git.read_state(root)
        trace = msgspec.structs.replace(
            trace,
            had_repository=state is not None,
            head_before="" if state is None else state.head,
            kept_index="" if state is None else git.keep_index(root, kept / f"index-{number}"),
        )
    if command.undo is UndoKind.NONE and command.argv[0] != "git":
        trace = msgspec.structs.replace(trace, kept_files=take_files(root, command.touches))
    if command.argv[0] == "dvc":
        from repro_gui.apply import dvc_commands

        trace = msgspec.structs.replace(trace, note=dvc_commands.prepare_dvc(root, command.argv, kept))
    return trace


def run_command(root: Path, command: Command, trace: CommandTrace, lock: int, progress: Progress) -> CommandTrace:
    """Run a prepared command to its end; raises `ProgramFailed`, `NeedsTrust` or `Cancelled`.

    `lock` is the descriptor of the project's lock: a program that outlives us keeps it.
    """
    if command.runs_project_code:
        require_trust(root, command.shown)
    if command.argv[0] == "git":
        git.require_no_unknown_programs(root)
        git.run_git(root, command.argv[1:], lock=lock, progress=progress, shown=command.shown)
    elif command.argv[0] == "dvc":
        from repro_gui.apply import dvc_commands

        note = dvc_commands.run_dvc(root, command.argv, trace.note, progress)
        trace = msgspec.structs.replace(trace, note=note)
    else:
        done = run_program(command.argv, folder=root, limits=_LIMITS, progress=progress, keep_open=(lock,))
        done.require_success(
            text("Nothing was changed. Run it in a terminal to see what it needs: {command}", command=command.shown)
        )
    return _finished(root, command, trace)


def undo_command(root: Path, command: Command, trace: CommandTrace, kept: Path, progress: Progress) -> None:
    """Take a command back as far as it got; raises `CannotUndo`. A second time does nothing."""
    match command.undo:
        case UndoKind.UNCOMMIT:
            git.uncommit(root, trace)
            git.restore_index(root, trace, kept, command.touches)
        case UndoKind.UNSTAGE:
            git.restore_index(root, trace, kept, command.touches)
        case UndoKind.MOVE_REPOSITORY_AWAY:
            git.move_repository_away(root, trace, kept)
        case UndoKind.DVC_RESTORE:
            from repro_gui.apply import dvc_commands

            dvc_commands.undo_dvc(root, command.argv, trace.note, kept, progress)
            git.restore_index(root, trace, kept, ())
        case UndoKind.NONE:
            if trace.kept_files:
                restore_files(root, trace.kept_files)


def why_not_undone(
    root: Path,
    command: Command,
    trace: CommandTrace,
    before: Sequence[tuple[Command, CommandTrace]],
    last: CommandTrace,
) -> CannotUndo | None:
    """Why a finished command cannot be taken back now, without touching anything.

    `before` are the commands that ran before it; `last` is the trace of the last one of its change set.
    """
    match command.undo:
        case UndoKind.UNCOMMIT:
            return git.why_commit_stays(root, trace)
        case UndoKind.MOVE_REPOSITORY_AWAY:
            return git.why_repository_stays(root, trace, last)
        case UndoKind.DVC_RESTORE:
            from repro_gui.apply import dvc_commands

            return dvc_commands.why_dvc_stays(root, command.argv, trace.note)
        case UndoKind.UNSTAGE:
            return None
        case UndoKind.NONE:
            return _why_nothing_declared(root, command, trace, before)


def _why_nothing_declared(
    root: Path, command: Command, trace: CommandTrace, before: Sequence[tuple[Command, CommandTrace]]
) -> CannotUndo | None:
    """A command without an undo of its own: gone with the repository that an earlier one made, or its files were kept."""
    if command.argv[0] == "git" and any(
        earlier.undo is UndoKind.MOVE_REPOSITORY_AWAY and not its_trace.had_repository for earlier, its_trace in before
    ):
        return None
    if command.touches and set(trace.kept_files) == set(command.touches):
        changed = changed_since(root, trace.files_after)
        if not changed:
            return None
        return CannotUndo(
            text("Changed since: {paths}. Undoing would lose that work.", paths=", ".join(changed)),
            text("Bring back the state after the fix, or undo by hand."),
        )
    return CannotUndo(text("{command} cannot be taken back.", command=command.shown), text("Undo what it did by hand."))


def _finished(root: Path, command: Command, trace: CommandTrace) -> CommandTrace:
    state = git.read_state(root) if command.argv[0] in {"git", "dvc"} else None
    return msgspec.structs.replace(
        trace,
        is_done=True,
        head_after="" if state is None else state.head,
        refs_after="" if state is None else state.refs,
        index_after="" if state is None else state.index,
        files_after=take_files(root, tuple(trace.kept_files)),
    )
