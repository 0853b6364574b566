"""Opens the folders of a project for writing, component by component, and never through a link."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from repro_gui.errors import CannotApply
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_HAS_DESCRIPTORS = os.open in os.supports_dir_fd
# Git's own folder, also by the short name that Windows gives it.
_GIT_FOLDERS = frozenset({".git", "git~1"})


class Place(msgspec.Struct, frozen=True):
    """A name in an open folder; `folder` is None where the system knows no descriptors of folders (Windows)."""

    folder: int | None
    path: str
    name: str
    device: int

    def named(self, name: str) -> str:
        """What to call a name in this folder, together with `dir_fd=folder`."""
        return name if self.folder is not None else os.path.join(self.path, name)

    def status(self, name: str = "") -> os.stat_result | None:
        """What the file system says of a name here, links not followed; None when there is none."""
        try:
            return os.stat(self.named(name or self.name), dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def replace(self, source: str, target: str) -> None:
        """Rename within the folder, over whatever has the name."""
        os.replace(self.named(source), self.named(target), src_dir_fd=self.folder, dst_dir_fd=self.folder)

    def remove(self, name: str) -> None:
        """Remove a name if it is there."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.named(name), dir_fd=self.folder)

    def sync_folder(self) -> None:
        """Have the names of the folder on the disk, where the system knows how."""
        if self.folder is not None:
            with contextlib.suppress(OSError):
                os.fsync(self.folder)


class ProjectFolder:
    """A project's folder, open for writing; what it opens it closes at its end.

    Raises `CannotApply` for paths that lead out of it, through a link, into Git's own folder or onto another file
    system.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._open: dict[str, int | None] = {}
        self._mounts = _mount_points()
        with writing(self._root):
            self._open[""] = os.open(self._root, _FOLDER) if _HAS_DESCRIPTORS else None
            self._device = os.stat(self._root).st_dev

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open.values():
            if descriptor is not None:
                os.close(descriptor)
        self._open.clear()

    def find(self, path: str) -> Place | None:
        """The place of a file whose folder exists; None when it does not."""
        parts = _parts(path)
        parent = "/".join(parts[:-1])
        if not self._enter(parent):
            return None
        return Place(self._open[parent], os.path.join(self._root, *parts[:-1]), parts[-1], self._device)

    def get(self, path: str) -> Place:
        """The place of a file; raises `CannotApply` when its folder is gone."""
        place = self.find(path)
        if place is None:
            raise CannotApply(text("The folder of {path} is gone.", path=path), text("Audit the project again."))
        return place

    def missing(self, path: str) -> list[str]:
        """Folders that a file needs and that are not there, outermost first."""
        parts = _parts(path)[:-1]
        folders = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        return [folder for folder in folders if not self._enter(folder)]

    def make(self, path: str) -> None:
        """Make one folder in an existing one; one that is there already is fine."""
        place = self.get(path)
        with contextlib.suppress(FileExistsError):
            os.mkdir(place.named(place.name), dir_fd=place.folder)
        place.sync_folder()
        if not self._enter(path):
            raise CannotApply(text("The folder {path} could not be made.", path=path), text("Audit the project again."))

    def remove_empty(self, path: str) -> None:
        """Remove a folder; raises OSError when something is in it."""
        place = self.find(path)
        if place is not None:
            os.rmdir(place.named(place.name), dir_fd=place.folder)

    def _enter(self, path: str) -> bool:
        """Open a folder and those above it; False when one of them is missing."""
        if path in self._open:
            return True
        parent, _, name = path.rpartition("/")
        if not self._enter(parent):
            return False
        whole = os.path.join(self._root, *path.split("/"))
        try:
            if _HAS_DESCRIPTORS:
                descriptor: int | None = os.open(name, _FOLDER, dir_fd=self._open[parent])
            else:
                descriptor = None
                _refuse_link(whole)
            self._open[path] = descriptor
            status = os.stat(whole if descriptor is None else descriptor)
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.ENOTDIR}:
                raise CannotApply(
                    text("{path} is a link or no folder; files behind it are not changed.", path=path),
                    text("Make this change by hand."),
                ) from error
            raise _cannot_write(path, error) from error
        if status.st_dev != self._device or whole in self._mounts:
            raise CannotApply(text("{path} lies on another file system.", path=path), text("Make this change by hand."))
        return True


def _refuse_link(path: str) -> None:
    """For systems without descriptors of folders: links and junctions are no folders to write into."""
    status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode) or getattr(status, "st_reparse_tag", 0) != 0:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


@contextlib.contextmanager
def writing(path: str) -> Iterator[None]:
    """Say what the system refused in words, as `CannotApply`."""
    try:
        yield
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: str, error: OSError) -> CannotApply:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return CannotApply(
            text("There is no space left for {path}; nothing was changed.", path=path),
            text("Free some space on this disk, then try again."),
        )
    if error.errno == errno.EROFS:
        return CannotApply(
            text("{path} lies on a read-only file system; nothing was changed.", path=path),
            text("Copy the project to a place where you may write."),
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        if sys.platform == "win32":
            return CannotApply(
                text("{path} is open in another program, or you may not write it; nothing was changed.", path=path),
                text("Close it there, then try again."),
            )
        return CannotApply(
            text("You may not write {path} or its folder; nothing was changed.", path=path),
            text("Give yourself permission to write there, then try again."),
        )
    if error.errno in {errno.EBUSY, errno.ETXTBSY}:
        return CannotApply(
            text("{path} is in use by another program; nothing was changed.", path=path),
            text("End that program, then try again."),
        )
    return CannotApply(
        text(
            "{path} could not be written ({reason}); nothing was changed.",
            path=path,
            reason=error.strerror or str(error),
        ),
        text("Check the disk, then try again."),
    )


def _parts(path: str) -> list[str]:
    """The components of a path of a change; raises `CannotApply` when it is not a plain path inside the project."""
    parts = path.split("/")
    is_plain = all(part not in {"", ".", ".."} and "\0" not in part for part in parts)
    if is_plain and sys.platform == "win32":
        is_plain = not any(character in part for part in parts for character in '\\:*?"<>|')
    if not is_plain or any(part.lower() in _GIT_FOLDERS for part in parts):
        raise CannotApply(
            text("{path} is not a file that a fix may write.", path=path), text("Report this as a fault of Repro GUI.")
        )
    return parts


def _mount_points() -> frozenset[str]:
    """Where other things are mounted; a bind mount has the device of what it shows, so the device alone does not tell."""
    try:
        table = Path("/proc/self/mountinfo").read_bytes()
    except OSError:
        return frozenset()
    # The kernel writes blanks, line ends and backslashes in names as \ooo.
    return frozenset(
        os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), line.split(b" ")[4]))
        for line in table.splitlines()
    )
