"""What Git knows about the project."""

from __future__ import annotations

import msgspec

from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import Text


class Remote(msgspec.Struct, frozen=True):
    """A remote; `url` is redacted (no user information, no token)."""

    name: str
    url: str


class RemoteBranch(msgspec.Struct, frozen=True):
    """A remote-tracking branch and the commit it points to."""

    name: str
    commit: str


class Submodule(msgspec.Struct, frozen=True):
    """A submodule: the commit recorded in the superproject and the one checked out (empty: not checked out).

    `changed` are files in it, by their path there, that are not as in the commit checked out, or of which only a filter could tell;
    `reason` says why it could not be read.
    """

    path: str
    recorded: str
    checked_out: str
    url: str = ""
    changed: tuple[str, ...] = ()
    reason: Text | None = None


class UndecidedFile(msgspec.Struct, frozen=True):
    """A tracked file of which only running a filter could tell whether it is changed."""

    path: str
    reason: Text


# The head of a repository of which nothing is there yet but the plan to make it.
PLANNED = "0" * 40


class GitState(msgspec.Struct, frozen=True):
    """The repository as it stands, read without running anything of it.

    All paths are relative to the *project's* folder, which may lie inside the repository (`prefix` is the folder from
    the repository's root, `""` or ending in `/`). `head` is the full commit, empty before the first one. `modified`
    holds tracked files whose content differs from HEAD or whose staged content does, `deleted` those that are gone,
    `staged` those that differ between HEAD and the index. `untracked` leaves out what ignore rules cover; that is `ignored`.
    `is_pushed` is None where it cannot be told (shallow clone …), with `pushed_reason`; `ahead` counts the commits of HEAD that
    no remote-tracking branch has. `hidden` are tracked files whose changes git was told not to look at (assume-unchanged,
    skip-worktree); they are compared all the same. `operation` is what git is in the middle of (`merge`, `rebase` …).
    `has_hooks`, `filters` and `programs` are what the repository would run when something is committed: names of hooks, of
    filters that its own configuration defines, and of its settings that name other programs. `is_folder_ignored` is true when
    the repository lies above the project and ignores its folder as a whole. Times are seconds since the epoch.
    """

    head: str = ""
    head_date: int = 0
    branch: str = ""
    prefix: str = ""
    tracked: frozenset[str] = frozenset()
    modified: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    staged: tuple[str, ...] = ()
    conflicted: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    undecided: tuple[UndecidedFile, ...] = ()
    submodules: tuple[Submodule, ...] = ()
    remotes: tuple[Remote, ...] = ()
    remote_branches: tuple[RemoteBranch, ...] = ()
    is_pushed: bool | None = None
    pushed_reason: Text | None = None
    last_fetch: int = 0
    is_shallow: bool = False
    is_partial: bool = False
    is_worktree: bool = False
    operation: str = ""
    has_hooks: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    ahead: int = 0
    is_folder_ignored: bool = False

    @property
    def runs_on_commit(self) -> tuple[str, ...]:
        """Everything of the repository's own that `git add` and `git commit` would run, by name; needs trust."""
        return (
            *(f"hook {name}" for name in self.has_hooks),
            *(f"filter {name}" for name in self.filters),
            *self.programs,
        )


class NoRepository(msgspec.Struct, frozen=True, tag=True):
    """The project lies in no Git repository."""

    searched_up_to: str = ""


GitFacts = GitState | NoRepository | Unavailable
