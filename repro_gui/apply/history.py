"""Applies change sets and takes them back: every step is in the journal before it is made.

After a kill at any moment the next verb here first finishes what was under way: the old tree comes back, or, when
everything was written already, the new one stays.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import sqlite3
from typing import TYPE_CHECKING

import msgspec

from repro_gui.apply.commands import (
    check_commands,
    prepare_command,
    run_command,
    undo_command,
    why_not_undone,
)
from repro_gui.apply.disk import FileWork, changed_since, clean, perform, prepare, roll_back
from repro_gui.apply.journal import (
    Direction,
    Journal,
    JournalEntry,
    Pending,
    Record,
    State,
    journal_folder,
)
from repro_gui.apply.project_lock import project_lock
from repro_gui.errors import CannotApply, CannotUndo, ReproGuiError, StaleFile
from repro_gui.progress import NoProgress
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from repro_gui.changes.change_set import ChangeSet
    from repro_gui.progress import Progress

# So many change sets, and so many bytes of them, are kept with everything that undo needs; of older ones the record.
MOST_UNDOABLE = 200
_MOST_BYTES = 256 * 1024 * 1024
# However large they are, the newest ones stay.
_ALWAYS_KEPT = 10
_MOST_RECORDS = 2_000


class HistoryEntry(msgspec.Struct, frozen=True):
    """One applied change set; `when` is ISO 8601 in UTC, `why_not` says why it cannot be undone now."""

    id: str
    title: Text
    when: str
    check_id: str
    files: tuple[str, ...]
    commands: tuple[str, ...]
    undone: bool
    can_undo: bool
    why_not: Text | None = None


def apply_change_set(root: Path, changes: ChangeSet, progress: Progress | None = None) -> HistoryEntry:
    """Write files and run commands, all or nothing.

    Raises `StaleFile`, `CannotApply`, `NeedsTrust`, `ProgramFailed` or `Cancelled` with the project as it was.
    """
    with _writer(root, progress) as writer:
        record = Record(changes)
        check_commands(root, changes.commands)
        work = prepare(root, changes.files, secrets.token_hex(4))
        with writer.journal.at_once():
            number = writer.journal.add(record, _now())
            writer.journal.set_pending(Pending(number, Direction.APPLY, work))
        return writer.carry_out(number, record)


def undo(root: Path, entry: str = "", progress: Progress | None = None) -> HistoryEntry:
    """Take back the newest change set that is not undone, or the one named; raises `CannotUndo`."""
    with _writer(root, progress) as writer:
        chosen = _to_undo(writer.journal, entry)
        reason = _why_not_undone(root, chosen)
        if reason is not None:
            raise reason
        writer.journal.set_pending(Pending(chosen.id, Direction.UNDO, FileWork("", ())))
        return writer.carry_out(chosen.id, chosen.record)


def redo(root: Path, progress: Progress | None = None) -> HistoryEntry:
    """Apply again what was undone last; raises `CannotUndo` when there is nothing, else as `apply_change_set`."""
    with _writer(root, progress) as writer:
        rows = writer.journal.entries()
        undone = [row for row in rows if row.state is State.UNDONE and row.record.trimmed is None]
        if not undone:
            raise CannotUndo(text("Nothing was undone here."), text("Apply a fix first."))
        chosen = max(undone, key=lambda row: (row.undone_at, -row.id))
        record = chosen.record
        check_commands(root, record.changes.commands)
        work = prepare(root, record.changes.files, secrets.token_hex(4), record.after)
        with writer.journal.at_once():
            writer.journal.set_pending(Pending(chosen.id, Direction.REDO, work))
        return writer.carry_out(chosen.id, record)


def recover(root: Path) -> None:
    """Finish what a killed process left under way; call it before anything of the project is read.

    Costs one look for a file when nothing was ever applied here.
    """
    if not (journal_folder(root) / "journal.sqlite").exists():
        return
    with Journal(journal_folder(root)) as journal:
        if journal.pending() is None:
            return
    with _writer(root, None):
        pass  # taking the pen finishes what was under way


def read_history(root: Path, *, look: bool = True) -> tuple[HistoryEntry, ...]:
    """What was applied and undone in this project, newest first.

    Without `look` nothing of the project is read, and what can be undone is not told.
    """
    folder = journal_folder(root)
    if not (folder / "journal.sqlite").exists():
        return ()
    with Journal(folder) as journal:
        return tuple(_shown(root, row, look=look) for row in journal.entries())


# ---- the one who writes ----


class _Writer:
    """Holds the lock and the journal of a project while something is under way."""

    def __init__(self, root: Path, journal: Journal, lock: int, progress: Progress) -> None:
        self.root = root
        self.journal = journal
        self.lock = lock
        self.progress = progress

    def carry_out(self, number: int, record: Record) -> HistoryEntry:
        """Do what is pending; when it fails, take it back and raise what it raised."""
        try:
            pending = self._pending()
            if pending.direction is Direction.UNDO:
                self._undo(pending, record)
            else:
                self._apply(pending, record)
        except BaseException:
            self.take_back()
            raise
        self.finish()
        row = self.journal.entry(number)
        assert row is not None
        if row.state is State.APPLIED:
            # What was applied is applied, also where our own journal cannot be made smaller.
            with contextlib.suppress(OSError, sqlite3.Error):
                self._trim()
        return _shown(self.root, row)

    def _trim(self) -> None:
        """Forget how to take back what is older than the bounds; the history says so of each."""
        kept = freed = 0
        for place, (number, size) in enumerate(self.journal.sizes()):
            kept += size
            if place < _ALWAYS_KEPT or (place < MOST_UNDOABLE and kept <= _MOST_BYTES):
                continue
            row = self.journal.entry(number)
            if place >= _MOST_RECORDS:
                self.journal.remove(number)
            elif row is not None and row.record.trimmed is None:
                self.journal.update(number, row.state, row.record.trim(), row.undone_at)
            else:
                kept -= size
                continue
            freed += size
            kept -= size
            self._forget_kept(number)
        if freed > _MOST_BYTES // 16:
            self.journal.vacuum()

    def _apply(self, pending: Pending, record: Record) -> None:
        self.progress.step(text("Writing files"), 0, 0)
        perform(self.root, pending.work)
        pending = self._note(msgspec.structs.replace(pending, is_written=True))
        kept = self._kept_folder(pending.entry)
        for number, command in enumerate(record.changes.commands):
            self.progress.step(text("Running {command}", command=command.shown), number, len(record.changes.commands))
            trace = prepare_command(self.root, command, number, kept)
            pending = self._note(msgspec.structs.replace(pending, traces=(*pending.traces, trace)))
            trace = run_command(self.root, command, trace, self.lock, self.progress)
            pending = self._note(msgspec.structs.replace(pending, traces=(*pending.traces[:-1], trace)))
        before, given = pending.work.attributes, pending.work.given
        self._done(
            pending,
            State.APPLIED,
            msgspec.structs.replace(
                record,
                folders=pending.work.folders or record.folders,
                before={**given, **before},
                traces=pending.traces,
            ),
        )

    def _undo(self, pending: Pending, record: Record) -> None:
        commands = record.changes.commands
        for number, trace in reversed(tuple(enumerate(record.traces))):
            self.progress.step(text("Taking back {command}", command=commands[trace.command].shown), 0, 0)
            # From here on a kill is answered by going on.
            pending = self._note(msgspec.structs.replace(pending, traces=record.traces[: number + 1]))
            undo_command(self.root, commands[trace.command], trace, self._kept_folder(pending.entry), self.progress)
        # Commands write files too (DVC adds to .gitignore): what is to be undone is looked at after them.
        pending = self._note(msgspec.structs.replace(pending, work=_prepare_undo(self.root, record)))
        perform(self.root, pending.work)
        self._done(pending, State.UNDONE, msgspec.structs.replace(record, after=pending.work.attributes, traces=()))

    def _done(self, pending: Pending, state: State, record: Record) -> None:
        with self.journal.at_once():
            self.journal.update(pending.entry, state, record, _now() if state is State.UNDONE else "")
            self.journal.set_pending(msgspec.structs.replace(pending, is_done=True, is_written=True))

    def finish(self) -> None:
        """Take the traces of finished work away."""
        pending = self._pending()
        row = self.journal.entry(pending.entry)
        folders = row.record.folders if row is not None and pending.direction is Direction.UNDO else ()
        clean(self.root, pending.work, folders)
        self.journal.set_pending(None)

    def take_back(self) -> None:
        """Bring back what was before the work under way; also called for the work of a killed process."""
        pending = self.journal.pending()
        if pending is None:
            return
        if pending.is_done:
            self.finish()
            return
        row = self.journal.entry(pending.entry)
        assert row is not None
        if pending.direction is Direction.UNDO:
            self._take_back_undo(pending, row)
            return
        commands = row.record.changes.commands
        for trace in reversed(pending.traces):
            # One that cannot be taken back must not keep the files from coming back.
            with contextlib.suppress(ReproGuiError):
                undo_command(self.root, commands[trace.command], trace, self._kept_folder(pending.entry), NoProgress())
        roll_back(self.root, pending.work)
        with self.journal.at_once():
            if pending.direction is Direction.APPLY:
                self.journal.remove(pending.entry)
            self.journal.set_pending(None)
        if pending.direction is Direction.APPLY:
            self._forget_kept(pending.entry)

    def _take_back_undo(self, pending: Pending, row: JournalEntry) -> None:
        roll_back(self.root, pending.work)
        if not pending.traces:
            self.journal.set_pending(None)
            return
        # Commands cannot be made undone again; so the undo is brought to its end instead.
        pending = self._note(msgspec.structs.replace(pending, work=FileWork("", ())))
        try:
            self._undo(pending, row.record)
        except ReproGuiError:
            roll_back(self.root, self._pending().work)
            self.journal.set_pending(None)
        else:
            self.finish()

    def _pending(self) -> Pending:
        pending = self.journal.pending()
        assert pending is not None
        return pending

    def _note(self, pending: Pending) -> Pending:
        self.journal.set_pending(pending)
        return pending

    def _forget_kept(self, entry: int) -> None:
        """Remove what was kept for an entry that came to nothing; a repository that was moved away stays."""
        folder = self.journal.folder / f"kept-{entry}"
        for copy in folder.glob("index-*"):
            copy.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()

    def _kept_folder(self, entry: int) -> Path:
        folder = self.journal.folder / f"kept-{entry}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder


@contextlib.contextmanager
def _writer(root: Path, progress: Progress | None) -> Iterator[_Writer]:
    """The lock and the journal, with the work of a killed process finished."""
    try:
        folder = journal_folder(root)
        with project_lock(folder, progress or NoProgress()) as lock, Journal(folder) as journal:
            writer = _Writer(root, journal, lock, progress or NoProgress())
            writer.take_back()
            yield writer
    except (OSError, sqlite3.Error) as error:
        # Of the project every refusal has its own words; this is our own journal, on a full or read-only disk.
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotApply(
            text("The journal of changes could not be written ({reason}), so nothing was changed.", reason=reason),
            text("Free some space in your home folder and check that you may write there, then try again."),
        ) from error


# ---- what can be undone ----


def _to_undo(journal: Journal, entry: str) -> JournalEntry:
    rows = journal.entries()
    if entry:
        for row in rows:
            if str(row.id) == entry:
                if row.state is State.UNDONE:
                    raise CannotUndo(text("This change is undone already."), text("Redo it first if you want it back."))
                return row
        raise CannotUndo(
            text("There is no change {entry} in the history.", entry=entry), text("Choose one that is listed.")
        )
    for row in rows:
        if row.state is State.APPLIED:
            return row
    raise CannotUndo(text("There is nothing to undo here."), text("Apply a fix first."))


def _prepare_undo(root: Path, record: Record) -> FileWork:
    try:
        return prepare(root, record.changes.reversed().files, secrets.token_hex(4), record.before)
    except StaleFile as error:
        raise CannotUndo(error.what, text("Bring back the state after the fix, or undo by hand.")) from error


def _why_not_undone(root: Path, row: JournalEntry) -> CannotUndo | None:
    if row.record.trimmed is not None:
        return CannotUndo(
            text("It is older than what is kept for undo: the newest {count} changes.", count=MOST_UNDOABLE),
            text("Bring the files back by hand, or from Git."),
        )
    ran = [(row.record.changes.commands[trace.command], trace) for trace in row.record.traces]
    for number, (command, trace) in reversed(tuple(enumerate(ran))):
        reason = why_not_undone(root, command, trace, ran[:number], ran[-1][1])
        if reason is not None:
            return reason
    # What a command wrote to as well is for the command to judge.
    touched = {path for command, _ in ran for path in command.touches if command.argv[0] != "git"}
    changed = changed_since(
        root,
        {
            change.path: change.after
            for change in row.record.changes.files
            if change.before != change.after and change.path not in touched
        },
    )
    if changed:
        return CannotUndo(
            text("Changed since: {paths}. Undoing would lose that work.", paths=", ".join(changed)),
            text("Save what you need elsewhere and bring back the state after the fix, or undo by hand."),
        )
    return None


def _shown(root: Path, row: JournalEntry, *, look: bool = True) -> HistoryEntry:
    reason = _why_not_undone(root, row) if look and row.state is State.APPLIED else None
    changes = row.record.changes
    return HistoryEntry(
        id=str(row.id),
        title=changes.title,
        when=row.made,
        check_id=changes.check_id,
        files=row.record.paths,
        commands=tuple(command.shown for command in changes.commands),
        undone=row.state is State.UNDONE,
        can_undo=look and row.state is State.APPLIED and reason is None,
        why_not=None if reason is None else reason.what,
    )


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
