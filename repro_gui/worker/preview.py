"""A planned fix as the window shows it before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.audit.report import AuditReport
from repro_gui.changes.change_set import Command, FileChange, UndoKind, unified_diff
from repro_gui.changes.hunks import hunks_of, with_hunks
from repro_gui.checks.check import Check, Safety
from repro_gui.errors import CannotPlan
from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.partial_change import check_part
from repro_gui.text import escape_undecodable, text
from repro_gui.trust import is_trusted
from repro_gui.worker.messages import PlannedCommand, PlannedFile, Preview, RefusedFinding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from repro_gui.audit.plan_fix import PlannedFix
    from repro_gui.progress import Progress
    from repro_gui.worker.open_project import OpenProject


def make_preview(
    plan: str,
    planned: PlannedFix,
    project: OpenProject,
    before: AuditReport,
    wanted: Sequence[tuple[Check, frozenset[str] | None]],
    progress: Progress,
) -> Preview:
    """Files, commands, refused findings, and the five answers before and after."""
    changes = planned.change_set
    trusted = is_trusted(project.root)
    commands = tuple(_command(changes.commands, number, trusted=trusted) for number in range(len(changes.commands)))
    return Preview(
        plan=plan,
        title=changes.title,
        files=tuple(_file(change) for change in changes.files),
        commands=commands,
        mended=planned.mended,
        refused=tuple(RefusedFinding(key, what, mend) for key, what, mend in planned.refused),
        effect=changes.effect,
        notes=changes.notes,
        answers_before=before.answers,
        answers_after=project.answers_after(changes, progress),
        needs_trust=any(command.needs_trust for command in commands),
        safe=all(check.fix is not None and check.fix.safety is Safety.SAFE for check, _ in wanted),
    )


def _file(change: FileChange) -> PlannedFile:
    before, after = _shown(change.before), _shown(change.after)
    return PlannedFile(
        path=escape_undecodable(change.path),
        diff=unified_diff(change),
        before=before or "",
        after=after or "",
        is_new=change.before is None,
        is_binary=before is None or after is None,
        reason=change.reason,
        hunks=len(hunks_of(change)),
    )


def _shown(content: bytes | None) -> str | None:
    """The text of a file, "" for no file; None for binary content."""
    if content is None:
        return ""
    decoded = decode_text(content)
    return None if decoded is None else decoded.content


def _command(commands: tuple[Command, ...], number: int, *, trusted: bool) -> PlannedCommand:
    command = commands[number]
    return PlannedCommand(
        shown=escape_undecodable(command.shown),
        can_be_undone=can_be_undone(commands, number),
        needs_trust=command.runs_project_code and not trusted,
        touches=tuple(escape_undecodable(path) for path in command.touches),
    )


def can_be_undone(commands: Sequence[Command], number: int) -> bool:
    """Whether undo takes a command back: as it declares, with the repository that an earlier one made, or by its kept files."""
    command = commands[number]
    if command.undo is not UndoKind.NONE:
        return True
    if command.argv[0] == "git":
        return any(earlier.undo is UndoKind.MOVE_REPOSITORY_AWAY for earlier in commands[:number])
    return bool(command.touches)


def part_of(
    planned: PlannedFix,
    paths: tuple[str, ...] | None,
    commands: tuple[int, ...] | None,
    hunks: Mapping[str, tuple[int, ...]] | None = None,
) -> PlannedFix:
    """The plan with only the chosen files (by their shown path), their chosen hunks, and commands.

    Raises `CannotPlan` when nothing is left, or when a file does not hold together with the chosen hunks alone.
    """
    changes = planned.change_set
    files = changes.files
    if paths is not None:
        files = tuple(change for change in files if escape_undecodable(change.path) in paths)
    if hunks:
        files = tuple(_with_chosen(change, hunks) for change in files)
    chosen = changes.commands
    if commands is not None:
        chosen = tuple(command for number, command in enumerate(chosen) if number in commands)
    part = msgspec.structs.replace(changes, files=files, commands=chosen)
    if part.is_empty:
        raise CannotPlan(text("Nothing is chosen to be applied."), text("Choose at least one file or command."))
    if part != changes:
        part = msgspec.structs.replace(part, title=text("In part: {title}", title=str(changes.title)))
    return msgspec.structs.replace(planned, change_set=part)


def _with_chosen(change: FileChange, hunks: Mapping[str, tuple[int, ...]]) -> FileChange:
    chosen = hunks.get(escape_undecodable(change.path))
    if chosen is None:
        return change
    part = with_hunks(change, chosen)
    check_part(change, part)
    return part
