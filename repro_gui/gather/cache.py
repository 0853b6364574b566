"""What was made of files before: so that an unchanged file is not read again, nor a moved or copied one made again.

One SQLite file in the user's cache folder, never in the project. An answer is found by what the file system says of
the file (path, size, times, inode), else by the hash of its content. It is only ever a shortcut: a damaged, locked or
foreign cache is thrown away or left alone without a word, and everything is read anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from repro_gui.facts.tree import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from repro_gui.facts.tree import FileTree, TreeEntry

_SCHEMA = 1
_FILE_NAME = "files.sqlite"
_MOST_BYTES = 512 * 1024 * 1024
_DAY = 86_400
# A file written within this time of being read may be written again without its times changing: file systems count in
# clock ticks of up to 10 ms, the oldest in 2 s (seen from times without a fraction).
_TICK_NS = 50_000_000
_COARSE_TICK_NS = 2_100_000_000
_TABLES = """
create table seen (project blob, path blob, size int, mtime_ns int, ctime_ns int, inode int, digest blob,
                   primary key (project, path)) without rowid;
create table made (kind text, digest blob, value blob, day int, primary key (kind, digest));
"""
_SEEN = "select path, size, mtime_ns, ctime_ns, inode, digest from seen where project = ?"
_MADE = """
select m.digest, m.value from seen s join made m on m.kind = ? and m.digest = s.digest where s.project = ?
"""


class Cache:
    """Values made of files, as bytes, for one project.

    `kind` names what was made and its version (`"module-summary/3"`): raise it whenever the same content would give
    another value. The Python version is added to it here, since what Python's own parsers say depends on it. One
    thread at a time.
    """

    def __init__(self, folder: str | os.PathLike[str] | None, project: str) -> None:
        self._project = hashlib.sha256(os.fsencode(os.path.realpath(project))).digest()
        self._path = None if folder is None else os.path.join(folder, _FILE_NAME)
        self._connection = None if self._path is None else _open(self._path)
        self._seen: dict[str, tuple[int, int, int, int, bytes]] = {}
        self._new_seen: dict[str, tuple[int, int, int, int, bytes]] = {}
        self._new_made: dict[tuple[str, bytes], bytes] = {}
        self._by_kind: dict[str, dict[bytes, bytes]] = {}
        self._records: dict[tuple[str, str], tuple[tuple[int, int, int, int], object]] = {}
        for path, size, mtime_ns, ctime_ns, inode, digest in self._rows(_SEEN, (self._project,)):
            self._seen[os.fsdecode(path)] = (size, mtime_ns, ctime_ns, inode, digest)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def recall(self, kind: str, entry: TreeEntry) -> object | None:
        """The record held of this file, when the file system says that it is still the same: nothing is decoded."""
        held = self._records.get((kind, entry.path))
        return None if held is None or held[0] != _identity(entry) else held[1]

    def hold(self, kind: str, entry: TreeEntry, record: object) -> None:
        """Hold what was made of a file while this cache is open, for `recall`."""
        if not _may_change_unseen(entry):
            self._records[kind, entry.path] = (_identity(entry), record)

    def find(self, kind: str, entry: TreeEntry) -> bytes | None:
        """The value made of this file, when the file system says that it is still the same; the file is not read."""
        identity = self._new_seen.get(entry.path) or self._seen.get(entry.path)
        if identity is None or identity[:4] != _identity(entry):
            return None
        return self._value(_versioned(kind), identity[4])

    def find_content(self, kind: str, entry: TreeEntry, content: bytes) -> bytes | None:
        """The value made earlier of the same bytes, wherever they were."""
        digest = _digest(content)
        value = self._value(_versioned(kind), digest)
        if value is not None:
            self._saw(entry, digest)
        return value

    def keep(self, kind: str, entry: TreeEntry, content: bytes, value: bytes) -> None:
        """Remember what was made of a file's content; written by `flush`."""
        digest = _digest(content)
        self._new_made[_versioned(kind), digest] = value
        self._saw(entry, digest)

    def keep_large(self, kind: str, entry: TreeEntry, digest: bytes, value: bytes) -> None:
        """As `keep`, for a file too large to hold: `digest` is any digest of its content that the caller took."""
        self._new_made[_versioned(kind), digest] = value
        self._saw(entry, digest)

    def forget_missing(self, tree: FileTree) -> None:
        """Drop what is known of files that are not in the project any more."""
        gone = [path for path in self._seen if path not in tree]
        self._write("delete from seen where project = ? and path = ?", [(self._project, os.fsencode(p)) for p in gone])
        for path in gone:
            del self._seen[path]
        self._records = {key: held for key, held in self._records.items() if key[1] in tree}

    def close(self) -> None:
        """Write what is new and let go of the file."""
        self.flush()
        if self._connection is None:
            return
        self._shrink()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def flush(self) -> None:
        """Write what is new, and let go of all values: what is held as a record is not held as bytes too."""
        today = int(time.time()) // _DAY
        self._write(
            "insert or replace into made values (?, ?, ?, ?)",
            [(kind, digest, value, today) for (kind, digest), value in self._new_made.items()],
        )
        self._write(
            "insert or replace into seen values (?, ?, ?, ?, ?, ?, ?)",
            [(self._project, os.fsencode(path), *identity) for path, identity in self._new_seen.items()],
        )
        self._seen.update(self._new_seen)
        self._new_seen, self._new_made = {}, {}
        # Emptied, not forgotten: from here on a value that is not held is looked up alone.
        self._by_kind = {kind: {} for kind in self._by_kind}

    def _value(self, kind: str, digest: bytes) -> bytes | None:
        made = self._new_made.get((kind, digest))
        if made is not None:
            return made
        if kind not in self._by_kind:
            # All values of this project and kind in one query: a query per file would cost more than the walk.
            self._by_kind[kind] = dict(self._rows(_MADE, (kind, self._project)))
        known = self._by_kind[kind].get(digest)
        if known is not None:
            return known
        for (value,) in self._rows("select value from made where kind = ? and digest = ?", (kind, digest)):
            return bytes(value)
        return None

    def _saw(self, entry: TreeEntry, digest: bytes) -> None:
        if not _may_change_unseen(entry):
            self._new_seen[entry.path] = (*_identity(entry), digest)

    def _rows(self, query: str, values: tuple[object, ...]) -> list[Any]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error:
            self._give_up()
            return []

    def _write(self, query: str, rows: Iterable[tuple[object, ...]]) -> None:
        if self._connection is None:
            return
        try:
            with self._connection:
                self._connection.executemany(query, rows)
        except sqlite3.OperationalError:
            # Locked by another window, a full disk: this time nothing is remembered.
            return
        except sqlite3.Error:
            self._give_up()

    def _shrink(self) -> None:
        """Keep the file within bounds: the values that were made longest ago go first."""
        pages = self._rows("select page_count * page_size from pragma_page_count(), pragma_page_size()", ())
        if not pages or int(pages[0][0]) < _MOST_BYTES:
            return
        self._write("delete from made where day <= (select avg(day) from made)", [()])
        self._write("delete from seen where digest not in (select digest from made)", [()])
        if self._connection is not None:
            try:
                self._connection.execute("vacuum")
            except sqlite3.Error:
                self._give_up()

    def _give_up(self) -> None:
        """A damaged file found in the middle: go on without, and begin anew next time."""
        if self._connection is None:
            return
        self._connection.close()
        self._connection = None
        if self._path is not None:
            with contextlib.suppress(OSError):
                _remove(self._path)


def cache_for(project: str) -> Cache:
    """The cache of a project in the user's cache folder."""
    import platformdirs

    return Cache(platformdirs.user_cache_dir("repro-gui", appauthor=False), project)


def _open(path: str) -> sqlite3.Connection | None:
    """A connection with our tables, in the place of a file that is damaged or has others; None if there can be none."""
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        try:
            return _connect(path)
        except sqlite3.OperationalError:
            # Locked or not writable is no reason to destroy it.
            return None
        except (sqlite3.DatabaseError, ValueError):
            _remove(path)
            return _connect(path)
    except (OSError, sqlite3.Error, ValueError):
        return None


def _remove(path: str) -> None:
    for name in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal"):
        if os.path.lexists(name):
            os.unlink(name)


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0.5, check_same_thread=False)
    try:
        _expect_our_tables(connection)
        connection.execute("pragma synchronous = off")
    except BaseException:
        connection.close()
        raise
    return connection


def _expect_our_tables(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("pragma user_version").fetchone()
    tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    if version == 0 and not tables:
        connection.executescript(f"begin; {_TABLES} pragma user_version = {_SCHEMA}; commit;")
    elif version != _SCHEMA or not {"seen", "made"} <= tables:
        message = "not our tables"
        raise ValueError(message)


def _identity(entry: TreeEntry) -> tuple[int, int, int, int]:
    return (entry.size, entry.mtime_ns, entry.ctime_ns, _signed(entry.inode))


def _signed(inode: int) -> int:
    """SQLite's integers end at 2**63; inodes of some file systems do not."""
    return inode - (1 << 64) if inode >= 1 << 63 else inode


def _may_change_unseen(entry: TreeEntry) -> bool:
    if entry.kind is not EntryKind.FILE or not entry.mtime_ns:
        return True
    newest = max(entry.mtime_ns, entry.ctime_ns)
    tick = _COARSE_TICK_NS if newest % 1_000_000_000 == 0 else _TICK_NS
    return time.time_ns() - newest < tick


def _versioned(kind: str) -> str:
    return f"{kind} py{sys.version_info.major}.{sys.version_info.minor}"


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=20).digest()
