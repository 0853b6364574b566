"""Writes file changes into a project: all of them or none, through a record that a kill cannot outrun.

`prepare` looks and refuses, `perform` writes, `roll_back` brings the old tree back after a failure or a kill, `clean` takes
the last traces away once the journal says that the work is done. Each file is old or new at every moment: the new bytes
are written beside it and renamed over it, the old file stays under a second name until the end, so that going back
needs no space on a full disk.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from typing import TYPE_CHECKING, Self

import msgspec

from repro_gui.apply.folders import Place, ProjectFolder, writing
from repro_gui.changes.change_set import FileChange
from repro_gui.errors import CannotApply, StaleFile
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_CREATE = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
# A file system without hard links (FAT, some network drives); then the journal's bytes are the way back.
_NO_LINKS = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EXDEV, errno.EACCES}
)


class Attributes(msgspec.Struct, frozen=True):
    """What a file has besides its bytes."""

    mode: int
    owner: int
    group: int
    extended: dict[str, bytes] = {}

    @classmethod
    def of(cls, descriptor: int) -> Self:
        """Those of an open file."""
        status = os.fstat(descriptor)
        return cls(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, _extended_attributes(descriptor))


class FileWork(msgspec.Struct, frozen=True):
    """File changes under way: everything that is needed to bring the old tree back after a kill.

    `folders` are those that have to be made, outermost first. `attributes` are what existing files have; `given` what files that
    are created shall have (those of an undone deletion).
    """

    token: str
    changes: tuple[FileChange, ...]
    folders: tuple[str, ...] = ()
    attributes: dict[str, Attributes] = {}
    given: dict[str, Attributes] = {}

    def staged(self, index: int) -> str:
        """Name, beside the file, of its new bytes before they take its place."""
        return f".repro-gui-{self.token}-{index}.new"

    def kept(self, index: int) -> str:
        """Second name, beside the file, of the old file until the work is done."""
        return f".repro-gui-{self.token}-{index}.old"


def prepare(
    root: Path, changes: tuple[FileChange, ...], token: str, given: Mapping[str, Attributes] | None = None
) -> FileWork:
    """Look at everything that will be written, and write nothing.

    Raises `StaleFile` when a file is not what the change starts from, and `CannotApply` for what is never written: links,
    files with a second name, what is no plain file, other file systems, read-only files, Git's own folder.
    """
    attributes: dict[str, Attributes] = {}
    folders: dict[str, None] = {}
    real = tuple(change for change in changes if change.before != change.after)
    with ProjectFolder(root) as folder:
        for change in real:
            place = folder.find(change.path)
            if place is None:
                if change.before is not None:
                    raise _stale(change.path)
                folders.update(dict.fromkeys(folder.missing(change.path)))
                continue
            found = _look(place, change)
            if found is not None:
                attributes[change.path] = found
    return FileWork(
        token, real, tuple(sorted(folders, key=lambda path: path.count("/"))), attributes, dict(given or {})
    )


def perform(root: Path, work: FileWork) -> None:
    """Write the changes; whatever it raises, `roll_back` brings the old tree back."""
    with ProjectFolder(root) as folder:
        for path in work.folders:
            with writing(path):
                folder.make(path)
        places = [folder.get(change.path) for change in work.changes]
        for index, (change, place) in enumerate(zip(work.changes, places, strict=True)):
            with writing(change.path):
                if change.after is not None:
                    _stage(place, work, index)
                if change.before is not None:
                    _keep(place, work.kept(index))
        for change, place in zip(work.changes, places, strict=True):
            # Once more, now that everything is ready: an editor may have saved meanwhile.
            _expect(place, change, links=2)
        for index, (change, place) in enumerate(zip(work.changes, places, strict=True)):
            with writing(change.path):
                _swap(place, change, work.staged(index))
        for place in places:
            place.sync_folder()


def roll_back(root: Path, work: FileWork) -> tuple[str, ...]:
    """Bring the old tree back, from any moment of `perform`; may itself be cut off and repeated.

    A file that somebody else wrote since is left as it is; the paths of those are returned.
    """
    left: list[str] = []
    with ProjectFolder(root) as folder:
        for index, change in reversed(tuple(enumerate(work.changes))):
            try:
                place = folder.find(change.path)
            except CannotApply:
                # Its folder became something else since.
                left.append(change.path)
                continue
            if place is None:
                continue
            with writing(change.path):
                if not _restore(place, change, work, index):
                    left.append(change.path)
                place.remove(work.staged(index))
                place.remove(work.kept(index))
                place.sync_folder()
        _remove_folders(folder, work.folders)
    return tuple(left)


def clean(root: Path, work: FileWork, emptied: tuple[str, ...] = ()) -> None:
    """Take the second names away after the work is done; `emptied` are folders to remove when nothing is in them."""
    with ProjectFolder(root) as folder:
        for index, change in enumerate(work.changes):
            with contextlib.suppress(CannotApply):
                place = folder.find(change.path)
                if place is not None:
                    with writing(change.path):
                        place.remove(work.staged(index))
                        place.remove(work.kept(index))
        _remove_folders(folder, emptied)


def changed_since(root: Path, contents: Mapping[str, bytes | None]) -> tuple[str, ...]:
    """Those of the files that are not what is given (None = no such file), or are not plain files any more."""
    changed: list[str] = []
    with ProjectFolder(root) as folder:
        for path, expected in contents.items():
            try:
                place = folder.find(path)
                now = None if place is None else _read(place)
            except (CannotApply, OSError):
                changed.append(path)
                continue
            if now != expected:
                changed.append(path)
    return tuple(changed)


def read_file(root: Path, path: str) -> bytes | None:
    """The bytes of a plain file of the project; None when there is none. Raises OSError or `CannotApply` otherwise."""
    with ProjectFolder(root) as folder:
        place = folder.find(path)
        return None if place is None else _read(place)


# ---- looking ----


def _look(place: Place, change: FileChange) -> Attributes | None:
    """Check one target and return what it has besides its bytes; None when it is to be created."""
    status = _expect(place, change, links=1)
    if status is None:
        return None
    if not stat.S_IMODE(status.st_mode) & 0o222:
        raise CannotApply(
            text("{path} is read-only.", path=change.path), text("Make it writable if it may change, then try again.")
        )
    descriptor = os.open(place.named(place.name), _READ, dir_fd=place.folder)
    try:
        return Attributes.of(descriptor)
    finally:
        os.close(descriptor)


def _expect(place: Place, change: FileChange, links: int) -> os.stat_result | None:
    """Raise unless the target is what the change starts from."""
    status = place.status()
    if status is None:
        if change.before is not None:
            raise _stale(change.path)
        return None
    if stat.S_ISLNK(status.st_mode):
        raise CannotApply(
            text("{path} is a link; what it points to may belong to something else.", path=change.path),
            text("Replace the link by the file, or make the change by hand."),
        )
    if not stat.S_ISREG(status.st_mode):
        raise CannotApply(text("{path} is not a plain file.", path=change.path), text("Move it away, then try again."))
    if status.st_nlink > links:
        raise CannotApply(
            text(
                "{path} has a second name elsewhere (a hard link), which would keep the old content.", path=change.path
            ),
            text("Replace it by a copy of its own, then try again."),
        )
    if status.st_dev != place.device:
        raise CannotApply(
            text("{path} lies on another file system.", path=change.path), text("Make this change by hand.")
        )
    if change.before is None or _read(place) != change.before:
        raise _stale(change.path)
    return status


def _read(place: Place) -> bytes | None:
    """The bytes of the target; None when there is none. Raises OSError for what is no plain file."""
    try:
        descriptor = os.open(place.named(place.name), _READ, dir_fd=place.folder)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return file.read()


def _stale(path: str) -> StaleFile:
    return StaleFile(
        text("{path} changed since the preview was made; nothing was written.", path=path),
        text("Audit again and look at the new preview."),
    )


# ---- writing ----


def _stage(place: Place, work: FileWork, index: int) -> None:
    """Write the new bytes beside the file, whole and on the disk, with everything else the file has."""
    change = work.changes[index]
    assert change.after is not None
    attributes = work.attributes.get(change.path) or work.given.get(change.path)
    # A new file gets what the person's umask leaves, as from any editor.
    mode = 0o600 if attributes is not None else 0o777 if change.executable else 0o666
    descriptor = os.open(place.named(work.staged(index)), _CREATE, mode, dir_fd=place.folder)
    try:
        view = memoryview(change.after)
        while view:
            view = view[os.write(descriptor, view) :]
        if attributes is not None:
            _give(descriptor, attributes, place, work.staged(index), change.path)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give(descriptor: int, attributes: Attributes, place: Place, name: str, path: str) -> None:
    if sys.platform == "win32":
        os.chmod(place.named(name), attributes.mode)
        return
    status = os.fstat(descriptor)
    if (status.st_uid, status.st_gid) != (attributes.owner, attributes.group):
        try:
            os.fchown(descriptor, attributes.owner, attributes.group)
        except PermissionError as error:
            raise CannotApply(
                text("{path} belongs to another user or group, and would not any more.", path=path),
                text("Ask its owner to make this change, or make the file yours."),
            ) from error
    # After the owner: changing that clears set-user-id bits.
    os.fchmod(descriptor, attributes.mode)
    for attribute, value in attributes.extended.items():
        try:
            os.setxattr(descriptor, attribute, value)
        except OSError:
            # Labels of security systems are given by the system itself; the person's own must not be lost.
            if attribute.startswith("user.") or attribute == "system.posix_acl_access":
                raise


def _extended_attributes(descriptor: int) -> dict[str, bytes]:
    if sys.platform != "linux":
        return {}
    try:
        return {name: os.getxattr(descriptor, name) for name in os.listxattr(descriptor)}
    except OSError:
        return {}


def _keep(place: Place, second_name: str) -> None:
    """Give the old file a second name, from which it comes back without needing space."""
    try:
        os.link(
            place.named(place.name),
            place.named(second_name),
            src_dir_fd=place.folder,
            dst_dir_fd=place.folder,
            follow_symlinks=False,
        )
    except (NotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_LINKS:
            raise


def _swap(place: Place, change: FileChange, staged: str) -> None:
    """Let the new state take effect; one system call each, so that nobody sees anything between."""
    if change.after is None:
        os.unlink(place.named(place.name), dir_fd=place.folder)
    elif change.before is None:
        _create(place, change, staged)
    else:
        place.replace(staged, place.name)


def _create(place: Place, change: FileChange, staged: str) -> None:
    """Name a new file without ever taking the name from another one."""
    try:
        os.link(
            place.named(staged),
            place.named(place.name),
            src_dir_fd=place.folder,
            dst_dir_fd=place.folder,
            follow_symlinks=False,
        )
    except FileExistsError as error:
        raise _stale(change.path) from error
    except (NotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_LINKS:
            raise
        if place.status() is not None:
            raise _stale(change.path) from error
        place.replace(staged, place.name)
    else:
        place.remove(staged)


# ---- going back ----


def _restore(place: Place, change: FileChange, work: FileWork, index: int) -> bool:
    """Make one file what it was; False when somebody else wrote it since."""
    kept = place.status(work.kept(index))
    now = place.status()
    if kept is not None and now is not None and os.path.samestat(kept, now):
        return True
    try:
        content = _read(place)
    except OSError:
        return False
    if content == change.before and (kept is None or content is None):
        return True
    if content not in {change.after, None}:
        # Not ours; the old bytes stay in the journal.
        return content == change.before
    if change.before is None:
        staged = place.status(work.staged(index))
        if staged is None or now is None or os.path.samestat(staged, now):
            place.remove(place.name)  # else somebody made the same file just before us
    elif kept is not None:
        place.replace(work.kept(index), place.name)
    else:
        place.remove(work.staged(index))
        back = msgspec.structs.replace(
            work, changes=(*work.changes[:index], change.reversed(), *work.changes[index + 1 :])
        )
        _stage(place, back, index)
        place.replace(work.staged(index), place.name)
    return True


def _remove_folders(folder: ProjectFolder, paths: tuple[str, ...]) -> None:
    for path in reversed(paths):
        with contextlib.suppress(OSError, CannotApply):
            folder.remove_empty(path)
