"""What Git knows about the project, with nothing of the repository's own configuration acting.

The person's git program does what only it does exactly (comparing files with the index, ignore rules, walking history),
but on a Git directory of our own: see `git_program.py`. Content filters other than line ends and `ident` cannot run
there: Git LFS is judged by its pointers, any other filter leaves the file undecided.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator

import msgspec

from repro_gui.errors import ProjectUnreadable
from repro_gui.facts.git import GitFacts, GitState, NoRepository, Remote, RemoteBranch, Submodule, UndecidedFile
from repro_gui.facts.settings import Settings
from repro_gui.facts.tree import EntryKind, FileTree
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import NotRead, ProjectFiles
from repro_gui.gather.git_config import (
    GitConfig,
    check_format,
    finish_reading,
    own_config,
    start_reading,
    without_secrets,
)
from repro_gui.gather.git_directory import GitFolder, RemoteRefs, Repository, find_repository, repository_at
from repro_gui.gather.git_index import STATUS, Listed, Status, parse_listing, parse_status
from repro_gui.gather.git_lfs import equals_pointer, read_pointer
from repro_gui.gather.git_program import GitFailed, GitProgram, RunningGit, find_git
from repro_gui.progress import Progress
from repro_gui.text import Text, text

_RULE_FILES = (".gitignore", ".gitattributes")
_MOST_RULES = 8 * 1024 * 1024
_MOST_COUNTED = 1_000
_MOST_SUBMODULES = 50
_MOST_DEPTH = 4


def gather_git(
    opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress, _cache: Cache | None = None
) -> GitFacts:
    """Find the project's repository and say how the project stands in it."""
    progress.step(text("Reading Git"), 0, 1)
    try:
        repository = find_repository(opened.root)
    except OSError as error:
        return Unavailable(text("The Git repository could not be looked for ({error}).", error=error.strerror or ""))
    if isinstance(repository, NoRepository | Unavailable):
        return repository
    executable = find_git(opened.root, repository.worktree)
    if executable is None:
        return Unavailable(
            text("There is a Git repository, but Git is not installed."),
            text("Install Git and audit again."),
        )
    try:
        return _read(_Asked(opened, tree, settings, executable), repository)
    except GitFailed as error:
        return Unavailable(error.reason, text("Run git status in the project to see what Git itself says."))
    except OSError as error:
        reason = text("The Git repository could not be read ({error}).", error=error.strerror or type(error).__name__)
        return Unavailable(reason)


class _Asked(msgspec.Struct, frozen=True):
    """A folder to read, and with what; `depth` counts the repositories above a submodule."""

    opened: ProjectFiles
    tree: FileTree
    settings: Settings
    executable: str
    depth: int = 0


def _read(asked: _Asked, repository: Repository) -> GitState:
    """The state of one repository; raises `GitFailed`."""
    _check_rule_files(asked.opened, asked.tree, repository)
    with GitFolder(repository) as folder, _own_folder() as own, contextlib.ExitStack() as stack:
        git = GitProgram(asked.executable, own, repository.worktree, folder.objects())
        return _Reading(asked, folder, own, git, stack).state()


class _Reading:
    """One reading of one repository, in the order in which one thing needs another."""

    def __init__(
        self, asked: _Asked, folder: GitFolder, own: str, git: GitProgram, stack: contextlib.ExitStack
    ) -> None:
        self.asked = asked
        self.opened = asked.opened
        self.tree = asked.tree
        self.settings = asked.settings
        self.folder = folder
        self.own = own
        self.git = git
        self.stack = stack
        self.repository = folder.repository
        self.prefix = folder.repository.prefix
        self._converts_line_ends = False

    def state(self) -> GitState:
        """Everything, in about as many steps as git has to be asked."""
        head = self.folder.head()
        refs = self.folder.remote_refs()
        config = self._prepare(head.commit, refs)
        within = ("--", self.prefix) if self.prefix else ()
        listing = self._start("ls-files", "--stage", "-v", "-z", "--full-name", *within)
        looking = self._start(*STATUS, *within)
        dating = self._start("cat-file", "commit", "HEAD") if head.commit else None
        counting = self._start_counting(head.commit, refs)
        listed = parse_listing(listing.output())
        status = parse_status(looking.output())
        if hidden := self._present(listed.hidden):
            status = self._status_with_hidden(hidden, within)
        undecided = self._judge_content(status)
        untracked, ignored = self._split_untracked(listed)
        submodules = self._submodules(listed.submodules)
        self._add_staged_submodules(listed.submodules, head.commit, status)
        is_shallow = bool(self.folder.shared_file("shallow").strip())
        is_pushed, pushed_reason, ahead = self._pushed(head.commit, refs, counting, is_shallow=is_shallow)
        staged = {path for path, kind in status.staged.items() if kind != "D" or self._within(path) not in self.tree}
        modified = set(status.changed) | {path for path, kind in status.staged.items() if kind != "D"}
        gone = status.gone | {path for path, kind in status.staged.items() if kind == "D" and path in staged}
        return GitState(
            head=head.commit,
            head_date=_commit_date(dating.output()) if dating else 0,
            branch=head.branch,
            prefix=self.prefix,
            tracked=frozenset(self._all_within(listed.tracked)),
            modified=self._sorted(modified - gone - status.conflicted - {item.path for item in undecided}),
            deleted=self._sorted(gone),
            staged=self._sorted(status.staged),
            conflicted=self._sorted(status.conflicted),
            untracked=untracked,
            ignored=ignored,
            undecided=tuple(UndecidedFile(self._within(item.path), item.reason) for item in undecided),
            submodules=submodules,
            remotes=tuple(Remote(name, url) for name, url in sorted(config.remotes().items())),
            remote_branches=tuple(RemoteBranch(name, commit) for name, commit in sorted(refs.commits.items())),
            is_pushed=is_pushed,
            pushed_reason=pushed_reason,
            last_fetch=refs.moved,
            is_shallow=is_shallow,
            is_partial=config.is_partial() or self.folder.has_promisor_packs(),
            is_worktree=self.repository.is_linked,
            operation=self.folder.operation(),
            has_hooks=self.folder.hooks(_absolute(config.last("core.hookspath"), self.repository.worktree)),
            filters=config.filters(),
            programs=config.programs(),
            hidden=self._sorted(hidden),
            ahead=ahead,
            is_folder_ignored=self._is_folder_ignored(listed),
        )

    # ---- the Git directory of our own ----

    def _prepare(self, head: str, refs: RemoteRefs) -> GitConfig:
        """Write our own Git directory; gives the project's configuration."""
        for name in ("refs", "info"):
            os.mkdir(os.path.join(self.own, name))
        self._write("nothing", b"")
        self._write("HEAD", b"ref: refs/heads/none\n")
        self._write("config", b"[core]\n\trepositoryformatversion = 0\n\tbare = false\n")
        parts = [
            self._watched(start_reading(self.git, self.own, f"project-config-{number}", content))
            for number, content in enumerate(self.folder.config())
        ]
        person_reading = self._watched(self.git.start("config", "--null", "--list", as_person=True))
        project = finish_reading(*parts)
        try:
            person = finish_reading(person_reading)
        except GitFailed:
            # A broken configuration of the person's is theirs to mend; it is no fault of the project.
            person = GitConfig([])
        check_format(project)
        self._write("config", os.fsencode(own_config(self.own, project, person)))
        autocrlf = project.last("core.autocrlf") or person.last("core.autocrlf")
        self._converts_line_ends = autocrlf.lower() not in {"", "false", "no", "off", "0"}
        if head:
            self._write("HEAD", head.encode("ascii") + b"\n")
        tips = "".join(f"{commit} refs/remotes/r/{n:08}\n" for n, commit in enumerate(_tips(refs)))
        self._write("packed-refs", b"# pack-refs with: sorted\n" + tips.encode("ascii"))
        self._write("info/exclude", self.folder.shared_file("info/exclude"))
        self._write("info/attributes", self.folder.shared_file("info/attributes"))
        if sparse := self.folder.worktree_file("info/sparse-checkout"):
            self._write("info/sparse-checkout", sparse)
        if shallow := self.folder.shared_file("shallow"):
            self._write("shallow", shallow)
        for name, content, mtime_ns in self.folder.index_files():
            self._write(name, content)
            # Git takes files written after the index for possibly changed: the copy must be as old as the index is.
            os.utime(os.path.join(self.own, name), ns=(mtime_ns, mtime_ns))
        return project

    def _write(self, name: str, content: bytes) -> None:
        with open(os.path.join(self.own, name), "wb") as file:
            file.write(content)

    def _start(self, *arguments: str, given: bytes = b"") -> RunningGit:
        return self._watched(self.git.start(*arguments, given=given))

    def _watched(self, running: RunningGit) -> RunningGit:
        self.stack.callback(running.discard)
        return running

    # ---- paths ----

    def _within(self, path: str) -> str:
        return path[len(self.prefix) :]

    def _all_within(self, paths: Iterable[str]) -> list[str]:
        return [path[len(self.prefix) :] for path in paths if path.startswith(self.prefix)]

    def _sorted(self, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(self._all_within(paths)))

    def _present(self, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(path for path in paths if not isinstance(self.opened.status(self._within(path)), NotRead))

    # ---- questions ----

    def _status_with_hidden(self, hidden: tuple[str, ...], within: tuple[str, ...]) -> Status:
        """The status again, on our copy of the index, with the marks taken off that hide changes."""
        given = b"".join(os.fsencode(path) + b"\0" for path in hidden)
        for mark in ("--no-assume-unchanged", "--no-skip-worktree"):
            self.git.run("update-index", mark, "-z", "--stdin", given=given)
        return parse_status(self.git.run(*STATUS, *within))

    def _judge_content(self, status: Status) -> list[UndecidedFile]:
        """Take files off `status.changed` whose content is what the index holds once it is converted.

        Git itself calls a file changed when its size is not the one it remembers, whatever a conversion would make of
        it. Gives the files of which only a filter could tell.
        """
        if not status.changed:
            return []
        undecided: list[UndecidedFile] = []
        in_lfs: list[str] = []
        converted: list[str] = []
        attributes = self._attributes_of(status.changed)
        for path, change in list(status.changed.items()):
            named = attributes.get(path, {})
            if not change.has_same_mode:
                continue
            if "filter" not in named:
                if self._converts_line_ends or named:
                    converted.append(path)
            elif named["filter"] == "lfs":
                in_lfs.append(path)
            else:
                reason = text("the filter {name} would have to run to tell whether it is changed", name=named["filter"])
                undecided.append(UndecidedFile(path, reason))
        for path, name in self._names_after_conversion(converted).items():
            if name == status.changed[path].blob:
                del status.changed[path]
        undecided.extend(self._judge_pointers(in_lfs, status))
        return undecided

    def _judge_pointers(self, paths: list[str], status: Status) -> Iterator[UndecidedFile]:
        pointers = self._blobs([status.changed[path].blob for path in paths])
        for path in paths:
            pointer = read_pointer(pointers.get(status.changed[path].blob, b""))
            if pointer is None:
                continue
            same = equals_pointer(self.opened, self._within(path), pointer, self.settings.limits.hashed_bytes)
            if isinstance(same, Unavailable):
                yield UndecidedFile(path, same.reason)
            elif same:
                del status.changed[path]

    def _attributes_of(self, paths: Iterable[str]) -> dict[str, dict[str, str]]:
        """The attributes of each path that make git convert it; those that are unset or unspecified are left out."""
        given = b"".join(os.fsencode(path) + b"\0" for path in paths)
        fields = os.fsdecode(self.git.run("check-attr", "-z", "--stdin", *_CONVERSIONS, given=given)).split("\0")
        found: dict[str, dict[str, str]] = {}
        for path, name, value in zip(fields[0::3], fields[1::3], fields[2::3], strict=False):
            is_named_filter = name != "filter" or value != "set"
            if value not in {"unspecified", "unset", ""} and is_named_filter:
                found.setdefault(path, {})[name] = value
        return found

    def _names_after_conversion(self, paths: list[str]) -> dict[str, str]:
        """The blob that each file would become; files that are too large to be text are left out."""
        most = self.settings.limits.source_bytes
        small = []
        for path in paths:
            status = self.opened.status(self._within(path))
            if not isinstance(status, NotRead) and stat.S_ISREG(status.st_mode) and status.st_size <= most:
                small.append(path)
        if not small:
            return {}
        given = b"".join(_quoted(path) + b"\n" for path in small)
        names = self.git.run("hash-object", "--stdin-paths", given=given).decode("ascii").split()
        return dict(zip(small, names, strict=True))

    def _blobs(self, names: list[str]) -> dict[str, bytes]:
        """Contents of blobs small enough to be pointers; what is missing or larger is left out."""
        wanted = sorted({name for name in names if name.strip("0")})
        if not wanted:
            return {}
        small: list[str] = []
        for answer in os.fsdecode(self.git.run("cat-file", "--batch-check", given=_lines(wanted))).splitlines():
            name, kind, *size = answer.split(" ")
            if kind == "blob" and int(size[0]) <= _MOST_POINTER:
                small.append(name)
        if not small:
            return {}
        found: dict[str, bytes] = {}
        rest = self.git.run("cat-file", "--batch", given=_lines(small))
        while rest:
            line, _, rest = rest.partition(b"\n")
            blob, _, length = os.fsdecode(line).split(" ")
            found[blob], rest = rest[: int(length)], rest[int(length) + 1 :]
        return found

    def _split_untracked(self, listed: Listed) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Files that git does not know: those that ignore rules do not cover, and those that they do."""
        modules = tuple(f"{path}/" for path in listed.submodules)
        unknown = [
            path
            for entry in self.tree.entries
            if entry.kind in {EntryKind.FILE, EntryKind.LINK}
            and (path := self.prefix + entry.path) not in listed.tracked
            and not (modules and path.startswith(modules))
        ]
        ignored = self._ignored(unknown)
        return self._sorted(path for path in unknown if path not in ignored), self._sorted(ignored)

    def _ignored(self, paths: list[str]) -> frozenset[str]:
        if not paths:
            return frozenset()
        # This command alone wants patterns: after `./` even `:(exclude)x` is a plain name. Status 1: none is ignored.
        given = b"".join(b"./" + os.fsencode(path) + b"\0" for path in paths)
        said = self.git.run(
            "--no-literal-pathspecs", "check-ignore", "-z", "--stdin", given=given, also_fine=frozenset({1})
        )
        return frozenset(os.fsdecode(path[2:]) for path in said.split(b"\0") if path)

    def _is_folder_ignored(self, listed: Listed) -> bool:
        return bool(self.prefix) and not listed.tracked and bool(self._ignored([self.prefix.rstrip("/")]))

    def _submodules(self, recorded: dict[str, str]) -> tuple[Submodule, ...]:
        inside = {path: commit for path, commit in recorded.items() if path.startswith(self.prefix)}
        if not inside:
            return ()
        urls = self._submodule_urls()
        return tuple(
            self._submodule(Submodule(self._within(path), commit, "", urls.get(path, "")), number)
            for number, (path, commit) in enumerate(sorted(inside.items()))
        )

    def _submodule(self, known: Submodule, number: int) -> Submodule:
        """The submodule with what is checked out in it, read by the same means as the project's repository."""
        status = self.opened.status(known.path)
        if isinstance(status, NotRead) or not stat.S_ISDIR(status.st_mode):
            return known
        root = os.path.join(self.opened.root, known.path)
        try:
            found = repository_at(root, root)
            if not isinstance(found, Repository):
                return msgspec.structs.replace(known, reason=found.reason if found else None)
            if number >= _MOST_SUBMODULES or self.asked.depth >= _MOST_DEPTH:
                return msgspec.structs.replace(known, reason=text("There are more submodules than are read."))
            with ProjectFiles(root) as opened:
                asked = msgspec.structs.replace(
                    self.asked, opened=opened, tree=_below(self.tree, known.path), depth=self.asked.depth + 1
                )
                state = _read(asked, found)
        except GitFailed as error:
            return msgspec.structs.replace(known, reason=error.reason)
        except (ProjectUnreadable, OSError) as error:
            return msgspec.structs.replace(known, reason=text("It could not be read ({error}).", error=str(error)))
        changed = (*state.modified, *state.deleted, *state.conflicted, *(item.path for item in state.undecided))
        return msgspec.structs.replace(known, checked_out=state.head, changed=tuple(sorted(changed)))

    def _submodule_urls(self) -> dict[str, str]:
        with ProjectFiles(self.repository.worktree) as worktree:
            content = worktree.read(".gitmodules", _MOST_RULES)
        if isinstance(content, NotRead):
            return {}
        try:
            modules = finish_reading(self._watched(start_reading(self.git, self.own, "modules", content)))
        except GitFailed:
            return {}
        urls = modules.subsections("submodule", "url")
        return {path: without_secrets(urls.get(name, "")) for name, path in modules.subsections("submodule", "path").items()}  # fmt: skip

    def _add_staged_submodules(self, recorded: dict[str, str], head: str, status: Status) -> None:
        """Submodules recorded differently in HEAD and in the index: `git status` was told to pass over submodules."""
        if not recorded or not head:
            return
        said = self.git.run("ls-tree", "-z", "HEAD", "--", *sorted(recorded))
        in_head = {}
        for record in os.fsdecode(said).split("\0"):
            fields, _, path = record.partition("\t")
            if path:
                in_head[path] = fields.split(" ")[2]
        status.staged.update({path: "M" for path, commit in recorded.items() if in_head.get(path) != commit})

    # ---- pushed ----

    def _start_counting(self, head: str, refs: RemoteRefs) -> RunningGit | None:
        if not head or not refs.commits or head in refs.commits.values():
            return None
        return self._start("rev-list", "--count", f"--max-count={_MOST_COUNTED}", "HEAD", "--not", "--remotes")

    def _pushed(
        self, head: str, refs: RemoteRefs, counting: RunningGit | None, *, is_shallow: bool
    ) -> tuple[bool | None, Text | None, int]:
        if not head:
            return None, text("There is no commit yet."), 0
        if counting is None:
            return head in refs.commits.values(), None, 0
        try:
            ahead = int(counting.output())
            if ahead and is_shallow and not self._has_every_tip():
                return None, text("The history was cut off when the project was cloned (shallow clone)."), 0
        except GitFailed as error:
            return None, error.reason, 0
        return ahead == 0, None, ahead

    def _has_every_tip(self) -> bool:
        """True when HEAD has all that the remote branches have: then none of them can have HEAD."""
        return int(self.git.run("rev-list", "--count", "--max-count=1", "--remotes", "--not", "HEAD")) == 0


_MOST_POINTER = 1024
_CONVERSIONS = ("filter", "text", "crlf", "eol", "ident", "working-tree-encoding")


def _below(tree: FileTree, folder: str) -> FileTree:
    """The part of a tree under a folder, with paths from there."""
    prefix = f"{folder}/"
    return FileTree(
        tuple(
            msgspec.structs.replace(entry, path=entry.path[len(prefix) :])
            for entry in tree.entries
            if entry.path.startswith(prefix)
        )
    )


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode("ascii")


def _quoted(path: str) -> bytes:
    """A path as git reads it from a line: as it is, or in quotes with every byte as an octal number."""
    raw = os.fsencode(path)
    if b"\n" not in raw and not raw.startswith(b'"'):
        return raw
    return b'"' + b"".join(b"\\%03o" % byte for byte in raw) + b'"'


def _tips(refs: RemoteRefs) -> list[str]:
    return sorted(set(refs.commits.values()))


def _commit_date(commit: bytes) -> int:
    found = re.search(rb"^committer .*> (\d{1,12}) ", commit.partition(b"\n\n")[0], re.MULTILINE)
    return int(found[1]) if found else 0


def _absolute(path: str, folder: str) -> str:
    return os.path.join(folder, os.path.expanduser(path)) if path else ""


def _check_rule_files(opened: ProjectFiles, tree: FileTree, repository: Repository) -> None:
    """Raise `GitFailed` for ignore or attribute files that would make git wait for ever or read without end."""
    suspects = [
        os.path.join(opened.root, entry.path)
        for entry in tree.entries
        if entry.path.endswith(_RULE_FILES) and (entry.kind is not EntryKind.FILE or entry.size > _MOST_RULES)
    ]
    above = opened.root
    while above != repository.worktree:
        above = os.path.dirname(above)
        suspects.extend(os.path.join(above, name) for name in _RULE_FILES)
    for path in suspects:
        try:
            status = os.stat(path)
        except OSError:
            continue
        shown = os.path.relpath(path, repository.worktree)
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise GitFailed(text("{path} is not a plain file: Git would wait for it for ever.", path=shown))
        if status.st_size > _MOST_RULES:
            raise GitFailed(text("{path} is too large for a list of patterns.", path=shown))


@contextlib.contextmanager
def _own_folder() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="repro-gui-git-")
    try:
        yield os.path.realpath(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
