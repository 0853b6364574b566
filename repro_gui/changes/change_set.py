"""Change sets: what a fix would do to files and which commands it would run, as values."""

from __future__ import annotations

import difflib
import shlex
from enum import StrEnum

import msgspec

from repro_gui.text import Text, text


class FileChange(msgspec.Struct, frozen=True):
    """One file before and after, whole; `None` is "no such file".

    `executable` is the mode bit of a file that is created; an existing file keeps its mode.
    """

    path: str
    before: bytes | None
    after: bytes | None
    executable: bool = False
    reason: Text | None = None

    def reversed(self) -> FileChange:
        """The change that brings the earlier bytes back."""
        return FileChange(self.path, self.after, self.before, self.executable, self.reason)


class UndoKind(StrEnum):
    """How the effect of a command is taken back; `apply/commands.py` knows how to carry out each kind."""

    NONE = "none"
    UNCOMMIT = "uncommit"
    UNSTAGE = "unstage"
    MOVE_REPOSITORY_AWAY = "move-repository-away"
    DVC_RESTORE = "dvc-restore"


class Command(msgspec.Struct, frozen=True):
    """A program that a fix runs in the project's folder, after its files are written.

    `argv[0]` is a logical name (`git`, `dvc`, `uv`) that `apply/commands.py` resolves. `touches` are the paths that it
    may change; `runs_project_code` is true where hooks or filters of the repository would run (needs trust). With `joins`
    the words after the first `joins` are paths, and commands alike but for them become one when change sets are joined.
    """

    argv: tuple[str, ...]
    shown: str
    undo: UndoKind = UndoKind.NONE
    touches: tuple[str, ...] = ()
    runs_project_code: bool = False
    joins: int = 0

    def joined(self, other: Command) -> Command | None:
        """One command for both, when they differ in their paths only; None when they do not fit together."""
        start = self.argv[: self.joins]
        if not self.joins or other.argv[: other.joins] != start or other.undo is not self.undo:
            return None
        return msgspec.structs.replace(
            self,
            argv=(*start, *dict.fromkeys(self.argv[self.joins :] + other.argv[self.joins :])),
            shown=show_command((*start, *dict.fromkeys(self.argv[self.joins :] + other.argv[self.joins :]))),
            touches=tuple(dict.fromkeys(self.touches + other.touches)),
            runs_project_code=self.runs_project_code or other.runs_project_code,
        )


def show_command(argv: tuple[str, ...]) -> str:
    """A command as a person would type it into a shell."""
    return shlex.join(argv)


class ChangeSet(msgspec.Struct, frozen=True):
    """Everything that one fix does, applied as a whole or not at all.

    `effect` says what it does to results; `notes` are shown above the preview.
    """

    title: Text
    check_id: str
    files: tuple[FileChange, ...] = ()
    commands: tuple[Command, ...] = ()
    effect: Text | None = None
    notes: tuple[Text, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when applying it would do nothing."""
        return not self.commands and all(change.before == change.after for change in self.files)

    def reversed(self) -> ChangeSet:
        """The change set that restores the files; commands are undone as each declares, not by this value."""
        return ChangeSet(
            title=text("Undo: {title}", title=str(self.title)),
            check_id=self.check_id,
            files=tuple(change.reversed() for change in reversed(self.files)),
        )

    def diff(self) -> str:
        """All file changes as one unified diff; binary content is said to differ, not shown."""
        return "".join(unified_diff(change) for change in self.files)


def unified_diff(change: FileChange, context: int = 3) -> str:
    """Unified diff of one file as Git would head it; empty when nothing changes."""
    if change.before == change.after:
        return ""
    old_name = f"a/{change.path}" if change.before is not None else "/dev/null"
    new_name = f"b/{change.path}" if change.after is not None else "/dev/null"
    before, after = shown_lines(change.before), shown_lines(change.after)
    if before is None or after is None:
        return f"Binary files {old_name} and {new_name} differ\n"
    lines: list[str] = []
    for line in difflib.unified_diff(before, after, old_name, new_name, n=context):
        lines.append(line)
        if not line.endswith("\n"):
            lines.append("\n\\ No newline at end of file\n")
    return "".join(lines)


def shown_lines(content: bytes | None) -> list[str] | None:
    """The lines of a file as a diff shows them, ends included; None for binary content, none for no file."""
    if content is None:
        return []
    if b"\0" in content[:8192]:
        return None
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = content.decode("latin-1")
    # Only \n ends a line for Git and editors; str.splitlines would also cut at form feeds and U+2028.
    return [line + "\n" for line in decoded.split("\n")[:-1]] + ([last] if (last := decoded.split("\n")[-1]) else [])
