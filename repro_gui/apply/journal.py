"""The journal of a project: what was applied and undone, and what is under way; one SQLite file in the user's data folder."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from repro_gui.apply.disk import Attributes, FileWork
from repro_gui.changes.change_set import ChangeSet
from repro_gui.own_folders import data_folder, project_key

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEMA = 1
_TABLES = """
create table entry (id integer primary key autoincrement, made text not null, state text not null, undone_at text not null,
                    content text not null);
create table pending (only integer primary key check (only = 1), content text not null);
"""

T = TypeVar("T")


class State(StrEnum):
    """What became of an entry; one that is still being applied for the first time is `BEGUN`."""

    BEGUN = "begun"
    APPLIED = "applied"
    UNDONE = "undone"


class CommandTrace(msgspec.Struct, frozen=True):
    """What is needed to take a command back: the repository before and after it, kept files, what its own module noted.

    Index files of Git are kept as files in the entry's folder, by these names; empty means that there was none.
    """

    command: int
    is_done: bool = False
    head_before: str = ""
    head_after: str = ""
    refs_after: str = ""
    kept_index: str = ""
    index_after: str = ""
    had_repository: bool = True
    kept_files: dict[str, bytes | None] = {}
    files_after: dict[str, bytes | None] = {}
    note: str = ""


class Record(msgspec.Struct, frozen=True):
    """An entry's change set and what undo and redo need besides it.

    `folders` were made for it; `before` and `after` are the attributes of the files on either side. Of an entry that is
    too old to be undone `trimmed` keeps the names of its files, and their contents are gone.
    """

    changes: ChangeSet
    folders: tuple[str, ...] = ()
    before: dict[str, Attributes] = {}
    after: dict[str, Attributes] = {}
    traces: tuple[CommandTrace, ...] = ()
    trimmed: tuple[str, ...] | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that it changed."""
        if self.trimmed is not None:
            return self.trimmed
        return tuple(change.path for change in self.changes.files if change.before != change.after)

    def trim(self) -> Record:
        """What is kept of it once it is too old: what was done, not how to take it back."""
        changes = msgspec.structs.replace(self.changes, files=())
        return Record(changes, trimmed=self.paths)


class Direction(StrEnum):
    """Which way work under way goes."""

    APPLY = "apply"
    UNDO = "undo"
    REDO = "redo"


class Pending(msgspec.Struct, frozen=True):
    """Work under way: after a kill it is finished or taken back from this. `traces` are of the commands begun so far."""

    entry: int
    direction: Direction
    work: FileWork
    is_written: bool = False
    traces: tuple[CommandTrace, ...] = ()
    is_done: bool = False


class JournalEntry(msgspec.Struct, frozen=True):
    """One row of the journal; times are ISO 8601 in UTC."""

    id: int
    made: str
    state: State
    undone_at: str
    record: Record


class Journal:
    """The open journal of one project; hold the project's lock while writing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "journal.sqlite"
        try:
            self._connection = self._connect()
        except sqlite3.DatabaseError:
            # Damaged: kept for whoever can read it, and a new one begun.
            self._file.rename(self._file.with_name(f"damaged-{int(time.time())}.sqlite"))
            self._connection = self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=10, isolation_level=None)
        try:
            connection.execute("pragma synchronous = full")
            (version,) = connection.execute("pragma user_version").fetchone()
            if version == 0:
                connection.executescript(f"begin;{_TABLES}pragma user_version = {_SCHEMA};commit;")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Everything inside takes effect together."""
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def add(self, record: Record, made: str) -> int:
        """A new entry that is being applied; its number."""
        cursor = self._connection.execute(
            "insert into entry (made, state, undone_at, content) values (?, ?, '', ?)",
            (made, State.BEGUN.value, _dump(record)),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def update(self, entry: int, state: State, record: Record, undone_at: str = "") -> None:
        """What an entry is now."""
        self._connection.execute(
            "update entry set state = ?, undone_at = ?, content = ? where id = ?",
            (state.value, undone_at, _dump(record), entry),
        )

    def sizes(self) -> list[tuple[int, int]]:
        """Number and bytes of every finished entry, the newest first."""
        query = "select id, length(content) from entry where state != 'begun' order by id desc"
        return [(number, size) for number, size in self._connection.execute(query)]

    def vacuum(self) -> None:
        """Give the space of what was taken out back to the disk."""
        self._connection.execute("vacuum")

    def remove(self, entry: int) -> None:
        """Forget an entry that came to nothing."""
        self._connection.execute("delete from entry where id = ?", (entry,))

    def set_pending(self, pending: Pending | None) -> None:
        """What is under way now."""
        if pending is None:
            self._connection.execute("delete from pending")
        else:
            self._connection.execute("insert or replace into pending (only, content) values (1, ?)", (_dump(pending),))

    def pending(self) -> Pending | None:
        """What was under way when the last writer ended."""
        row = self._connection.execute("select content from pending").fetchone()
        return None if row is None else _load(row[0], Pending)

    def entry(self, number: int) -> JournalEntry | None:
        """One entry."""
        rows = self._rows("where id = ?", number)
        return rows[0] if rows else None

    def entries(self) -> list[JournalEntry]:
        """All entries, the newest first."""
        return self._rows("where state != 'begun' order by id desc")

    def _rows(self, where: str, *values: object) -> list[JournalEntry]:
        query = f"select id, made, state, undone_at, content from entry {where}"  # noqa: S608 -- constants of this class
        return [
            JournalEntry(number, made, State(state), undone_at, _load(content, Record))
            for number, made, state, undone_at, content in self._connection.execute(query, values)
        ]


def journal_folder(root: Path) -> Path:
    """Where the journal of a project is; by its real path."""
    return data_folder("history", project_key(root)[:32])


def _dump(value: Any) -> str:
    # The standard library's JSON carries lone surrogates, which stand for undecodable bytes in names.
    return json.dumps(msgspec.to_builtins(value), separators=(",", ":"))


def _load(content: str, kind: type[T]) -> T:
    return msgspec.convert(json.loads(content), kind)
