"""Finds a project's repository and reads of its Git directory what are plain files: HEAD, refs, configuration, index.

Everything here is read by us; the git program comes later and sees only the copy that `own_directory` makes.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Self

import msgspec

from repro_gui.errors import ProjectUnreadable
from repro_gui.facts.git import NoRepository
from repro_gui.facts.tree import EntryKind
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import NotRead, ProjectFiles, WhyNot
from repro_gui.gather.git_program import GitFailed
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_PACKED = re.compile(rb"^([0-9a-f]{40}(?:[0-9a-f]{24})?) (refs/[^\r\n]+)$", re.MULTILINE)
_SMALL = 64 * 1024
_MOST_CONFIG = 1024 * 1024
_MOST_REFS = 64 * 1024 * 1024
_MOST_LOOSE_REFS = 20_000
_MOST_INDEX = 256 * 1024 * 1024
_MOST_ATTRIBUTES = 4 * 1024 * 1024
_OPERATIONS = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}


class Repository(msgspec.Struct, frozen=True):
    """Where a repository is: absolute paths; `common` differs from `folder` in a linked worktree.

    `prefix` is the project's folder from `worktree`, `""` or ending in `/`.
    """

    worktree: str
    folder: str
    common: str
    prefix: str

    @property
    def is_linked(self) -> bool:
        """True in a worktree made by `git worktree add`."""
        return self.folder != self.common


class Head(msgspec.Struct, frozen=True):
    """What HEAD says: the commit (empty before the first) and the branch (empty when detached)."""

    commit: str
    branch: str


class RemoteRefs(msgspec.Struct, frozen=True):
    """Remote-tracking branches by name (`origin/main`), and when one of them last moved (seconds, 0: unknown)."""

    commits: dict[str, str]
    moved: int


def find_repository(project: str) -> Repository | NoRepository | Unavailable:
    """Search the project's folder and those above it, on the same file system, as git does."""
    folder = project
    device = os.stat(project).st_dev
    while True:
        found = repository_at(folder, project)
        if found is not None:
            return found
        if _looks_like_git_folder(folder):
            return Unavailable(
                text("This folder is a bare Git repository: it holds no working files."),
                text("Clone it, and open the clone."),
            )
        above = os.path.dirname(folder)
        try:
            is_last = above == folder or os.stat(above).st_dev != device
        except OSError:
            is_last = True
        if is_last:
            return NoRepository(searched_up_to=os.path.basename(folder) or folder)
        folder = above


def repository_at(folder: str, project: str) -> Repository | Unavailable | None:
    """The repository whose working files begin in this folder, for a project in it or below; None when there is none."""
    marker = os.path.join(folder, ".git")
    try:
        status = os.stat(marker)
    except OSError as error:
        if isinstance(error, PermissionError):
            return _damaged("there is no permission to look at .git")
        return None
    if stat.S_ISDIR(status.st_mode):
        git_folder = os.path.realpath(marker)
        present = [name for name in ("HEAD", "objects", "refs") if os.path.lexists(os.path.join(git_folder, name))]
        if not present and os.access(git_folder, os.R_OK | os.X_OK):
            # An empty folder of that name: git looks further up.
            return None
        common = git_folder
    elif stat.S_ISREG(status.st_mode):
        followed = _follow_git_file(folder)
        if isinstance(followed, Unavailable):
            return followed
        git_folder, common = followed
    else:
        return _damaged(".git is neither a folder nor a file")
    prefix = os.path.relpath(project, folder).replace(os.sep, "/")
    return Repository(folder, git_folder, common, "" if prefix == "." else f"{prefix}/")


def _follow_git_file(folder: str) -> tuple[str, str] | Unavailable:
    """The Git directory and the common one that a `.git` file (worktree, submodule) names."""
    with ProjectFiles(folder) as opened:
        content = opened.read(".git", _SMALL)
    if isinstance(content, NotRead):
        return _damaged(str(content.reason))
    if not content.startswith(b"gitdir:"):
        return _damaged("the file .git names no Git directory")
    named = os.fsdecode(content[len(b"gitdir:") :]).strip()
    git_folder = os.path.realpath(os.path.join(folder, named))
    if "\0" in named or not os.path.isdir(git_folder):
        return Unavailable(
            text("The file .git names a Git directory that is not there."),
            text("Run git worktree repair, or clone the repository again."),
        )
    with ProjectFiles(git_folder) as opened:
        common = opened.read("commondir", _SMALL)
    if isinstance(common, NotRead):
        return git_folder, git_folder
    return git_folder, os.path.realpath(os.path.join(git_folder, os.fsdecode(common).strip().replace("\0", "")))


def _looks_like_git_folder(folder: str) -> bool:
    return os.path.lexists(os.path.join(folder, "HEAD")) and all(
        os.path.isdir(os.path.join(folder, name)) for name in ("objects", "refs")
    )


def _damaged(why: str) -> Unavailable:
    return Unavailable(
        text("The Git repository is damaged: {why}.", why=why.rstrip(".")),
        text("Run git fsck in it, or clone it again."),
    )


class GitFolder:
    """The plain files of a repository; what cannot be read raises `GitFailed` with the reason."""

    def __init__(self, repository: Repository) -> None:
        try:
            self._own = ProjectFiles(repository.folder)
            self._common = ProjectFiles(repository.common) if repository.is_linked else self._own
        except ProjectUnreadable as error:
            raise GitFailed(error.what) from error
        self.repository = repository

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._own.close()
        self._common.close()

    def head(self) -> Head:
        """The commit and branch that are checked out."""
        content = self._own.read("HEAD", _SMALL)
        if isinstance(content, NotRead):
            raise GitFailed(_damaged(f"HEAD cannot be read ({content.why.value})").reason)
        said = os.fsdecode(content).strip()
        if _COMMIT.match(said):
            return Head(said, "")
        if not said.startswith("ref: refs/"):
            raise GitFailed(_damaged("HEAD names neither a commit nor a branch").reason)
        name = said.removeprefix("ref: ")
        return Head(self._resolve(name), name.removeprefix("refs/heads/"))

    def remote_refs(self) -> RemoteRefs:
        """Remote-tracking branches, loose ones before packed ones."""
        prefix = "refs/remotes/"
        commits = {
            name.removeprefix(prefix): commit for name, commit in self._packed().items() if name.startswith(prefix)
        }
        moved = 0
        for path, mtime in self._loose("refs/remotes", _MOST_LOOSE_REFS):
            said = self._common.read(path, _SMALL)
            commit = os.fsdecode(said).strip() if isinstance(said, bytes) else ""
            # `origin/HEAD` only says which branch is the main one.
            if _COMMIT.match(commit):
                commits[path.removeprefix(prefix)] = commit
                moved = max(moved, mtime)
        for opened, name in ((self._own, "FETCH_HEAD"), (self._common, "FETCH_HEAD")):
            moved = max(moved, _mtime(opened, name))
        if commits and not moved:
            moved = _mtime(self._common, "packed-refs")
        return RemoteRefs(commits, moved)

    def config(self) -> tuple[bytes, ...]:
        """The repository's configuration files as they are: shared, then of this worktree."""
        shared = self._common.read("config", _MOST_CONFIG)
        if isinstance(shared, NotRead):
            if shared.why is not WhyNot.MISSING:
                raise GitFailed(shared.reason)
            shared = b""
        of_worktree = self._own.read("config.worktree", _MOST_CONFIG)
        return (shared, of_worktree) if isinstance(of_worktree, bytes) else (shared,)

    def index_files(self) -> Iterator[tuple[str, bytes, int]]:
        """Name, bytes and mtime (ns) of the index and of the part it may share with others."""
        for entry in self._names(self._own):
            if entry == "index" or re.fullmatch(r"sharedindex\.[0-9a-f]{40,64}", entry):
                content = self._own.read(entry, _MOST_INDEX)
                if isinstance(content, NotRead):
                    raise GitFailed(content.reason)
                status = self._own.status(entry)
                yield entry, content, 0 if isinstance(status, NotRead) else status.st_mtime_ns

    def shared_file(self, path: str) -> bytes:
        """A small file of the common directory (`shallow`, `info/exclude` …); empty when there is none."""
        return self._small(self._common, path)

    def worktree_file(self, path: str) -> bytes:
        """A small file of this worktree's directory (`info/sparse-checkout`); empty when there is none."""
        return self._small(self._own, path)

    @staticmethod
    def _small(opened: ProjectFiles, path: str) -> bytes:
        content = opened.read(path, _MOST_ATTRIBUTES)
        if isinstance(content, bytes):
            return content
        if content.why is WhyNot.MISSING:
            return b""
        raise GitFailed(content.reason)

    def operation(self) -> str:
        """What git is in the middle of (`merge`, `rebase` …), or an empty string."""
        names = set(self._names(self._own))
        return next((operation for name, operation in _OPERATIONS.items() if name in names), "")

    def hooks(self, folder: str) -> tuple[str, ...]:
        """Names of hooks that git would run; `folder` is `core.hooksPath` made absolute, or empty."""
        if folder:
            try:
                with ProjectFiles(folder) as opened:
                    listed = opened.list_folder("")
            except ProjectUnreadable:
                return ()
        else:
            listed = self._common.list_folder("hooks")
        if isinstance(listed, NotRead):
            return ()
        return tuple(
            entry.name
            for entry in listed
            if not entry.name.endswith(".sample")
            and (entry.executable or entry.kind is EntryKind.LINK or os.name == "nt")
            and not entry.is_folder
        )

    def objects(self) -> str:
        """The object store, looked at first: a named pipe in the place of a pack would make git wait for ever."""
        folder = os.path.join(self.repository.common, "objects")
        for part in ("pack", "info"):
            try:
                with os.scandir(os.path.join(folder, part)) as entries:
                    for entry in entries:
                        if not entry.is_dir(follow_symlinks=False) and not _is_plain(entry.path):
                            raise GitFailed(_damaged(f"objects/{part}/{entry.name} is not a plain file").reason)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise GitFailed(_damaged(f"objects/{part} cannot be read ({error.strerror})").reason) from error
        if not os.path.isdir(folder):
            raise GitFailed(_damaged("there is no folder of objects").reason)
        return folder

    def has_promisor_packs(self) -> bool:
        """True when some pack came from a partial clone."""
        listed = self._common.list_folder("objects/pack")
        return not isinstance(listed, NotRead) and any(entry.path.endswith(".promisor") for entry in listed)

    def _resolve(self, name: str) -> str:
        for _ in range(5):
            opened = self._own if not name.startswith(("refs/heads/", "refs/remotes/", "refs/tags/")) else self._common
            said = opened.read(name, _SMALL)
            if isinstance(said, NotRead):
                if said.why is WhyNot.MISSING:
                    return self._packed().get(name, "")
                raise GitFailed(_damaged(f"{name} cannot be read ({said.why.value})").reason)
            value = os.fsdecode(said).strip()
            if _COMMIT.match(value):
                return value
            if not value.startswith("ref: refs/"):
                raise GitFailed(_damaged(f"{name} names no commit").reason)
            name = value.removeprefix("ref: ")
        raise GitFailed(_damaged("its refs name each other in a circle").reason)

    def _packed(self) -> dict[str, str]:
        content = self._common.read("packed-refs", _MOST_REFS)
        if isinstance(content, NotRead):
            if content.why is WhyNot.MISSING:
                return {}
            raise GitFailed(content.reason)
        return {os.fsdecode(name): commit.decode("ascii") for commit, name in _PACKED.findall(content)}

    def _loose(self, folder: str, room: int) -> Iterator[tuple[str, int]]:
        """Paths and mtimes (seconds) of the files under a folder of refs."""
        waiting = [folder]
        while waiting:
            listed = self._common.list_folder(waiting.pop())
            if isinstance(listed, NotRead):
                continue
            for entry in listed:
                room -= 1
                if room < 0:
                    raise GitFailed(text("The repository has more remote branches than are read."))
                if entry.is_folder:
                    waiting.append(entry.path)
                elif entry.kind is EntryKind.FILE:
                    yield entry.path, entry.mtime_ns // 1_000_000_000

    @staticmethod
    def _names(opened: ProjectFiles) -> list[str]:
        listed = opened.list_folder("")
        if isinstance(listed, NotRead):
            raise GitFailed(listed.reason)
        return [entry.name for entry in listed]


def _mtime(opened: ProjectFiles, path: str) -> int:
    status = opened.status(path)
    return 0 if isinstance(status, NotRead) else int(status.st_mtime)


def _is_plain(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True
