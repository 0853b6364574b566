"""The one way to open a file of a project: plain files inside the folder, and nothing else.

A project is not trusted. Its names may be links that lead outside, named pipes that never answer, devices that act when
they are opened, or gone by the time they are read. So every path is followed component by component from the open
folder, links are resolved by us and refused where they leave the folder, and only what is a plain file before and after
opening is read.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from collections import OrderedDict
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

from repro_gui.errors import ProjectUnreadable
from repro_gui.facts.tree import EntryKind, TreeEntry
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from types import TracebackType

# As many links in one path as Linux allows.
_MOST_LINKS = 40
# Files are read in path order, so a few open folders serve nearly every file.
_MOST_OPEN_FOLDERS = 64
_READ_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
# Windows opens a device for these names in any folder and with any ending.
_WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"]
)


class WhyNot(StrEnum):
    """The kinds of reasons for which a file is not read."""

    MISSING = "missing"
    OUTSIDE = "outside"
    NOT_PLAIN = "not-plain"
    TOO_LARGE = "too-large"
    NO_PERMISSION = "no-permission"
    FAILED = "failed"


class NotRead(Unavailable, frozen=True, tag="not-read"):
    """Why a file was not read; `why` is for decisions, `reason` for people."""

    why: WhyNot = WhyNot.FAILED


class ProjectFiles:
    r"""The open folder of a project; the only way to its files.

    Paths are POSIX, relative to the folder, with undecodable bytes as lone surrogates (`surrogateescape`). Links are
    followed only while they stay inside. Opening the folder raises `ProjectUnreadable`; after that nothing raises: what
    cannot be had comes back as `NotRead`. May be used by several threads.
    """

    def __init__(self, root: str | os.PathLike[str], folders: type[_Folders] | None = None) -> None:
        given = os.fspath(root)
        try:
            self.root = os.path.realpath(given, strict=True)
            self._folders = (folders or _folders_of_this_system())(self.root)
        except (OSError, ValueError) as error:
            raise _unreadable(given, error) from error
        self.name = os.path.basename(self.root) or self.root
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder; nothing can be read afterwards."""
        with self._lock:
            self._folders.close()

    def read(self, path: str, limit: int) -> bytes | NotRead:
        """All bytes of a plain file of at most `limit` bytes."""
        content = self.read_start(path, limit + 1)
        if isinstance(content, bytes) and len(content) > limit:
            return NotRead(
                text("{path} is larger than {limit} bytes and was not read.", path=path, limit=limit),
                why=WhyNot.TOO_LARGE,
            )
        return content

    def read_start(self, path: str, size: int) -> bytes | NotRead:
        """The first `size` bytes of a plain file, fewer when it is shorter."""
        descriptor = self._descriptor(path)
        if isinstance(descriptor, NotRead):
            return descriptor
        try:
            return _read_up_to(descriptor, size)
        except OSError as error:
            return _failed(path, error)
        finally:
            os.close(descriptor)

    def open(self, path: str) -> BinaryIO | NotRead:
        """A plain file opened for reading; the caller closes it."""
        descriptor = self._descriptor(path)
        return descriptor if isinstance(descriptor, NotRead) else os.fdopen(descriptor, "rb")

    def status(self, path: str) -> os.stat_result | NotRead:
        """What the file system says of a path; a link as the last part is not followed."""
        with self._lock:
            try:
                return self._folders.status(self._place(path, follow_last=False))
            except _Refused as refused:
                return refused.reason
            except (OSError, ValueError) as error:
                return _failed(path, error)

    def is_file(self, path: str) -> bool:
        """True when `read` would find a plain file there, links inside the folder followed."""
        with self._lock:
            try:
                return stat.S_ISREG(self._folders.status(self._place(path)).st_mode)
            except (_Refused, OSError, ValueError):
                return False

    def list_folder(self, path: str) -> list[TreeEntry] | NotRead:
        """The names in a folder (`""` is the project's own), in name order, nothing followed."""
        with self._lock:
            try:
                return self._folders.list(self._place(path))
            except _Refused as refused:
                return refused.reason
            except (OSError, ValueError) as error:
                return _failed(path, error)

    def _descriptor(self, path: str) -> int | NotRead:
        with self._lock:
            try:
                return self._folders.open_file(self._place(path))
            except _Refused as refused:
                return refused.reason
            except (OSError, ValueError) as error:
                return _failed(path, error)

    def _place(self, path: str, *, follow_last: bool = True) -> str:
        """The path with every link in it resolved; raises `_Refused` where it leaves the folder."""
        if path.startswith("/"):
            raise _outside(path)
        if sys.platform == "win32" and not all(map(_is_safe_on_windows, path.split("/"))):
            raise _not_plain(path)
        pending = _parts(path)
        place: list[str] = []
        links = 0
        while pending:
            part = pending.pop()
            if part == "..":
                if not place:
                    raise _outside(path)
                place.pop()
                continue
            here = "/".join([*place, part])
            if not pending and not follow_last:
                return here
            if not pending or not self._folders.is_open(here):
                target = self._folders.link_target(here)
                if target is not None:
                    links += 1
                    if links > _MOST_LINKS:
                        raise _Refused(NotRead(text("The links of {path} never end.", path=path), why=WhyNot.OUTSIDE))
                    pending.extend(self._parts_of_target(path, target, place))
                    continue
            place.append(part)
        return "/".join(place)

    def _parts_of_target(self, path: str, target: str, place: list[str]) -> list[str]:
        """The parts to follow for a link's target, last first; an absolute target starts again at the folder."""
        if not os.path.isabs(target):
            return _parts(target.replace(os.sep, "/"))
        root = self.root.rstrip(os.sep) + os.sep
        target = target.removeprefix("\\\\?\\")
        if not os.path.normcase(target).startswith(os.path.normcase(root)):
            raise _outside(path)
        place.clear()
        return _parts(target[len(root) :].replace(os.sep, "/"))


class _Folders(Protocol):
    """How folders are held open on one kind of system; every path here has no links left in it but for a race."""

    def __init__(self, root: str) -> None: ...
    def close(self) -> None: ...
    def is_open(self, path: str) -> bool: ...
    def status(self, path: str) -> os.stat_result: ...
    def link_target(self, path: str) -> str | None: ...
    def open_file(self, path: str) -> int: ...
    def list(self, path: str) -> list[TreeEntry]: ...


class FoldersByDescriptor:
    """Linux and macOS: each folder is opened relative to the descriptor of the one above it, never by a whole path.

    What is exchanged for a link between two calls is refused by the kernel (`O_NOFOLLOW`).
    """

    def __init__(self, root: str) -> None:
        self._root = os.open(root, _FOLDER_FLAGS)
        self._open: OrderedDict[str, int] = OrderedDict()

    def close(self) -> None:
        """Close every descriptor."""
        for descriptor in (*self._open.values(), *([self._root] if self._root >= 0 else [])):
            os.close(descriptor)
        self._open.clear()
        self._root = -1

    def is_open(self, path: str) -> bool:
        """True for a folder that is held open, and so is known to be no link."""
        return path in self._open

    def status(self, path: str) -> os.stat_result:
        """`lstat`."""
        if not path:
            return os.fstat(self._root)
        folder, _, name = path.rpartition("/")
        return os.stat(name, dir_fd=self._folder(folder), follow_symlinks=False)

    def link_target(self, path: str) -> str | None:
        """Where a link points, as written; None for what is no link."""
        folder, _, name = path.rpartition("/")
        descriptor = self._folder(folder)
        try:
            return os.readlink(name, dir_fd=descriptor)
        except OSError as error:
            if error.errno == errno.EINVAL:
                return None
            raise

    def open_file(self, path: str) -> int:
        """Open what is a plain file before and after."""
        before = self.status(path)
        if not stat.S_ISREG(before.st_mode):
            raise _not_plain(path)
        folder, _, name = path.rpartition("/")
        descriptor = os.open(name, _READ_FLAGS, dir_fd=self._folder(folder))
        if not os.path.samestat(before, os.fstat(descriptor)):
            os.close(descriptor)
            raise _not_plain(path)
        return descriptor

    def list(self, path: str) -> list[TreeEntry]:
        """The names in a folder."""
        descriptor = self._folder(path)
        prefix = f"{path}/" if path else ""
        found: list[TreeEntry] = []
        with os.scandir(descriptor) as entries:
            for entry in entries:
                # A name that vanishes while its folder is listed was not there.
                try:
                    target = os.readlink(entry.name, dir_fd=descriptor) if entry.is_symlink() else ""
                    found.append(_entry(prefix + entry.name, entry.stat(follow_symlinks=False), target))
                except OSError:
                    continue
        found.sort(key=attrgetter("path"))
        return found

    def _folder(self, path: str) -> int:
        if not path:
            if self._root < 0:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            return self._root
        descriptor = self._open.get(path)
        if descriptor is not None:
            self._open.move_to_end(path)
            return descriptor
        above, _, name = path.rpartition("/")
        descriptor = os.open(name, _FOLDER_FLAGS, dir_fd=self._folder(above))
        self._open[path] = descriptor
        if len(self._open) > _MOST_OPEN_FOLDERS:
            _, oldest = self._open.popitem(last=False)
            os.close(oldest)
        return descriptor


class FoldersByPath:
    """Windows has no descriptors of folders: whole paths, and what was opened is compared with what was looked at."""

    def __init__(self, root: str) -> None:
        if not stat.S_ISDIR(os.stat(root).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), root)
        self._root = root

    def close(self) -> None:
        """Nothing is held open."""

    def is_open(self, path: str) -> bool:
        """Never: every part is looked at each time."""
        return not path

    def status(self, path: str) -> os.stat_result:
        """`lstat`."""
        return os.lstat(self._whole(path))

    def link_target(self, path: str) -> str | None:
        """Where a link or junction points, as written; None for what is neither."""
        status = self.status(path)
        is_reparse_point = getattr(status, "st_file_attributes", 0) & getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0)
        if not stat.S_ISLNK(status.st_mode) and not is_reparse_point:
            return None
        try:
            return os.readlink(self._whole(path))
        except (OSError, ValueError):
            # Reparse points that are no links: files of OneDrive, deduplicated files.
            if stat.S_ISLNK(status.st_mode):
                raise
            return None

    def open_file(self, path: str) -> int:
        """Open what is a plain file before and after, and lies where it seems to lie."""
        before = self.status(path)
        if not stat.S_ISREG(before.st_mode):
            raise _not_plain(path)
        whole = self._whole(path)
        descriptor = os.open(whole, _READ_FLAGS)
        if not os.path.samestat(before, os.fstat(descriptor)) or not _lies_in(os.path.realpath(whole), self._root):
            os.close(descriptor)
            raise _not_plain(path)
        return descriptor

    def list(self, path: str) -> list[TreeEntry]:
        """The names in a folder."""
        prefix = f"{path}/" if path else ""
        found: list[TreeEntry] = []
        for name in os.listdir(self._whole(path)):
            try:
                found.append(_entry(prefix + name, self.status(prefix + name), self.link_target(prefix + name) or ""))
            except OSError:
                continue
        found.sort(key=attrgetter("path"))
        return found

    def _whole(self, path: str) -> str:
        return os.path.join(self._root, *path.split("/")) if path else self._root


def _folders_of_this_system() -> type[_Folders]:
    return FoldersByDescriptor if os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW") else FoldersByPath


def _read_up_to(descriptor: int, size: int) -> bytes:
    """At most `size` bytes; the file's own idea of its length is only a hint, it may grow while it is read."""
    hint = os.fstat(descriptor).st_size + 1
    parts: list[bytes] = []
    missing = size
    while missing > 0:
        part = os.read(descriptor, min(missing, hint))
        if not part:
            break
        parts.append(part)
        missing -= len(part)
        hint = 1 << 20
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _entry(path: str, status: os.stat_result, target: str) -> TreeEntry:
    mode = status.st_mode
    if target or stat.S_ISLNK(mode):
        kind = EntryKind.LINK
    elif stat.S_ISREG(mode):
        kind = EntryKind.FILE
    else:
        kind = EntryKind.FOLDER if stat.S_ISDIR(mode) else EntryKind.OTHER
    executable = kind is EntryKind.FILE and bool(mode & stat.S_IXUSR)
    return TreeEntry(
        path, status.st_size, kind, executable, target, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
    )


def _parts(path: str) -> list[str]:
    """The parts of a path, last first."""
    return [part for part in reversed(path.split("/")) if part not in {"", "."}]


def _lies_in(path: str, folder: str) -> bool:
    above = os.path.normcase(folder).rstrip(os.sep) + os.sep
    return os.path.normcase(path).startswith(above)


def _is_safe_on_windows(part: str) -> bool:
    """False for devices, alternate streams and names that Windows would silently change."""
    if part in {"", ".", ".."}:
        return True
    stem = part.split(".", 1)[0].rstrip(" ").lower()
    return stem not in _WINDOWS_DEVICES and not set(part) & set('\\:*?"<>|') and part.rstrip(" .") == part


class _Refused(Exception):
    def __init__(self, reason: NotRead) -> None:
        super().__init__(reason)
        self.reason = reason


def _outside(path: str) -> _Refused:
    reason = text("{path} leads outside the project's folder and was not followed.", path=path)
    return _Refused(NotRead(reason, why=WhyNot.OUTSIDE))


def _not_plain(path: str) -> _Refused:
    return _Refused(NotRead(text("{path} is not a plain file and was not opened.", path=path), why=WhyNot.NOT_PLAIN))


def _failed(path: str, error: OSError | ValueError) -> NotRead:
    if isinstance(error, ValueError):
        return NotRead(text("{path} is not a name of a file.", path=path), why=WhyNot.MISSING)
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}:
        return NotRead(text("{path} is not there.", path=path), why=WhyNot.MISSING)
    if error.errno in {errno.EACCES, errno.EPERM}:
        reason = text("There is no permission to read {path}.", path=path)
        mend = text("Give yourself read permission on it and audit again.")
        return NotRead(reason, mend, WhyNot.NO_PERMISSION)
    if error.errno == errno.ELOOP:
        return _outside(path).reason
    reason = text("{path} could not be read ({error}).", path=path, error=error.strerror or type(error).__name__)
    return NotRead(reason)


def _unreadable(root: str, error: OSError | ValueError) -> ProjectUnreadable:
    what: Text
    if isinstance(error, FileNotFoundError | ValueError):
        what, mend = text("There is no folder {path}.", path=root), text("Choose a folder that exists.")
    elif isinstance(error, NotADirectoryError) or os.path.isfile(root):
        what = text("{path} is a file, not a folder.", path=root)
        mend = text("Choose the folder that holds the project.")
    elif isinstance(error, PermissionError):
        what = text("There is no permission to read the folder {path}.", path=root)
        mend = text("Give yourself read permission on it, or choose another folder.")
    else:
        what = text("The folder {path} cannot be read ({error}).", path=root, error=error.strerror or str(error))
        mend = text("Check that its drive is connected, or choose another folder.")
    return ProjectUnreadable(what, mend)
