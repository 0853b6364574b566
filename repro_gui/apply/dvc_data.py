"""Data files before DVC takes them over, and the way to have exactly them back: checked by their digests."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from typing import TYPE_CHECKING

import msgspec

from repro_gui.apply.folders import Place, ProjectFolder, writing
from repro_gui.errors import CannotApply, CannotUndo
from repro_gui.facts.dvc_digests import PIECE, Digester, folder_digest
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from repro_gui.progress import Progress

_MOST_FILES = 200_000
_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class KeptFile(msgspec.Struct, frozen=True, array_like=True):
    """A data file as it was: path in the project, MD5, size in bytes, permission bits and time of last change."""

    path: str
    md5: str
    size: int
    mode: int
    mtime_ns: int


def describe_data(root: Path, targets: Sequence[str], progress: Progress) -> tuple[KeptFile, ...]:
    """Everything that lies at the targets; raises `CannotApply` for links and for what is no plain file."""
    found: list[KeptFile] = []
    paths = [path for target in targets for path in _files(root, target)]
    if len(paths) > _MOST_FILES:
        raise CannotApply(
            text("There are more than {count} files.", count=_MOST_FILES), text("Put them under DVC in a terminal.")
        )
    with ProjectFolder(root) as folder:
        for done, path in enumerate(paths):
            progress.step(text("Taking the digest of {path}", path=path), done, len(paths))
            place = folder.get(path)
            status = place.status()
            if status is None or not stat.S_ISREG(status.st_mode):
                raise CannotApply(
                    text("{path} is a link or no plain file.", path=path), text("Put a real file in its place first.")
                )
            with writing(path):
                md5 = _digest(place, place.name, follow=False)
            found.append(KeptFile(path, md5 or "", status.st_size, stat.S_IMODE(status.st_mode), status.st_mtime_ns))
    return tuple(found)


def digests_of(data: Sequence[KeptFile], targets: Sequence[str]) -> tuple[str, ...]:
    """What DVC's cache gets for the data: a digest for each file, with `.dir` for the listing of a folder."""
    found = dict.fromkeys(kept.md5 for kept in data)
    for target in targets:
        inside = {kept.path[len(target) + 1 :]: kept.md5 for kept in data if kept.path.startswith(f"{target}/")}
        if inside:
            found[f"{folder_digest(inside)}.dir"] = None
    return tuple(found)


def cache_path(digest: str) -> str:
    """Where DVC 3 keeps the content of a digest, from the project's folder."""
    return f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}"


def changed_data(root: Path, data: Sequence[KeptFile]) -> tuple[str, ...]:
    """Files that are not the same any more, or that are gone and not in the cache either."""
    changed: list[str] = []
    with ProjectFolder(root) as folder:
        for kept in data:
            now = _digest_at(folder, kept.path, follow=True)
            if now is None:
                now = _digest_at(folder, cache_path(kept.md5), follow=False)
            if now != kept.md5:
                changed.append(kept.path)
    return tuple(changed)


def bring_back(root: Path, data: Sequence[KeptFile], progress: Progress) -> None:
    """Put every file back as a file of its own with its bytes, mode and time.

    Raises `CannotUndo`, and then changes no more.
    """
    with ProjectFolder(root) as folder:
        for done, kept in enumerate(data):
            progress.step(text("Bringing back {path}", path=kept.path), done, len(data))
            with writing(kept.path):
                _bring_back(folder, kept)


def _bring_back(folder: ProjectFolder, kept: KeptFile) -> None:
    for missing in folder.missing(kept.path):
        folder.make(missing)
    place = folder.get(kept.path)
    status = place.status()
    is_own = status is not None and stat.S_ISREG(status.st_mode) and status.st_nlink == 1
    if is_own and _digest(place, place.name, follow=False) == kept.md5:
        os.chmod(place.named(place.name), kept.mode, dir_fd=place.folder)
    else:
        name = f".{place.name}.{secrets.token_hex(4)}"
        try:
            if not _copy_from_cache(folder, place, name, kept) and not _copy_itself(place, name, kept):
                raise CannotUndo(
                    text("The bytes of {path} are not here any more.", path=kept.path),
                    text("Bring them back from a copy; their MD5 is {digest}.", digest=kept.md5),
                )
            os.chmod(place.named(name), kept.mode, dir_fd=place.folder)
            place.replace(name, place.name)
        finally:
            place.remove(name)
        place.sync_folder()
    os.utime(place.named(place.name), ns=(kept.mtime_ns, kept.mtime_ns), dir_fd=place.folder)


def _copy_from_cache(folder: ProjectFolder, place: Place, name: str, kept: KeptFile) -> bool:
    cached = folder.find(cache_path(kept.md5))
    status = cached.status() if cached is not None else None
    if cached is None or status is None or not stat.S_ISREG(status.st_mode):
        return False
    return _copy(cached, cached.name, place, name, follow=False) == kept.md5


def _copy_itself(place: Place, name: str, kept: KeptFile) -> bool:
    """From the file itself: a hard link, or a link to a cache elsewhere, reads as the content."""
    return place.status() is not None and _copy(place, place.name, place, name, follow=True) == kept.md5


def _copy(source: Place, source_name: str, target: Place, target_name: str, *, follow: bool) -> str:
    """Copy a content beside the target and return its MD5."""
    digester = Digester()
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_LINK | getattr(os, "O_BINARY", 0)
    try:
        reading = os.open(source.named(source_name), _READ | (0 if follow else _NO_LINK), dir_fd=source.folder)
    except OSError:
        return ""
    with os.fdopen(reading, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return ""
        writing_to = os.open(target.named(target_name), flags, 0o600, dir_fd=target.folder)
        with os.fdopen(writing_to, "wb") as copy:
            while piece := file.read(PIECE):
                digester.update(piece)
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
    return digester.finish().md5


def forget_cached(root: Path, digests: Sequence[str]) -> None:
    """Take contents out of DVC's cache, and the folders that become empty by it."""
    with ProjectFolder(root) as folder:
        for digest in digests:
            path = cache_path(digest)
            place = folder.find(path)
            if place is None:
                continue
            with writing(path):
                with contextlib.suppress(FileNotFoundError):
                    # Read-only files cannot be removed on Windows.
                    os.chmod(place.named(place.name), 0o600, dir_fd=place.folder)
                place.remove(place.name)
    for digest in digests:
        remove_empty_above(root, cache_path(digest))


def cached_already(root: Path, digests: Sequence[str]) -> tuple[str, ...]:
    """Those of the digests whose content the cache holds."""
    with ProjectFolder(root) as folder:
        places = {digest: folder.find(cache_path(digest)) for digest in digests}
        return tuple(digest for digest, place in places.items() if place is not None and place.status() is not None)


def remove_empty_above(root: Path, path: str) -> None:
    """Remove the folders above a path that are empty, up to DVC's own."""
    folder = os.path.dirname(path)
    while folder not in {"", ".dvc"}:
        try:
            with ProjectFolder(root) as opened:
                opened.remove_empty(folder)
        except (OSError, CannotApply):
            return
        folder = os.path.dirname(folder)


def _files(root: Path, target: str) -> Iterator[str]:
    """Paths of everything at a target that is no folder, sorted."""
    whole = os.path.join(root, *target.split("/"))
    if not os.path.isdir(whole) or os.path.islink(whole):
        yield target
        return
    for folder, folders, names in os.walk(whole, onerror=_refuse):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in sorted([*names, *links]):
            yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


def _refuse(error: OSError) -> None:
    raise CannotApply(
        text("{path} cannot be read.", path=os.path.basename(str(error.filename))),
        text("Give yourself read permission on it, then try again."),
    ) from error


def _digest_at(folder: ProjectFolder, path: str, *, follow: bool) -> str | None:
    place = folder.find(path)
    return None if place is None else _digest(place, place.name, follow=follow)


def _digest(place: Place, name: str, *, follow: bool) -> str | None:
    """MD5 of a plain file; None when there is none."""
    try:
        descriptor = os.open(place.named(name), _READ | (0 if follow else _NO_LINK), dir_fd=place.folder)
    except OSError:
        return None
    digester = Digester()
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return None
        while piece := file.read(PIECE):
            digester.update(piece)
    return digester.finish().md5
