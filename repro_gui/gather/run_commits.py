"""Asks the project's repository whether it has the commits that recorded runs name."""

from __future__ import annotations

import os
import re
import tempfile
from typing import TYPE_CHECKING, TypeGuard

import msgspec

from repro_gui.facts.git import GitFacts, GitState
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.git_directory import GitFolder, Repository, find_repository
from repro_gui.gather.git_program import GitFailed, GitProgram, find_git

if TYPE_CHECKING:
    from repro_gui.facts.tracking import RecordedRun, Tracking
    from repro_gui.gather.files import ProjectFiles

_COMMIT = re.compile(r"[0-9a-f]{40}")


def look_up_commits(opened: ProjectFiles, tracking: Tracking | Unavailable, git: GitFacts) -> Tracking | Unavailable:
    """The same runs with `is_commit_here` answered; it stays None where the repository cannot tell."""
    if isinstance(tracking, Unavailable) or not isinstance(git, GitState):
        return tracking
    wanted = sorted({run.commit for store in tracking.stores for run in store.runs if _is_commit(run.commit)})
    if not wanted:
        return tracking
    found = _ask(opened, [commit for commit in wanted if commit != git.head])
    if found is None:
        return tracking
    found |= {git.head}
    # A history that was cut off proves nothing by what it lacks.
    is_whole = not (git.is_shallow or git.is_partial)

    def answered(run: RecordedRun) -> RecordedRun:
        if not _is_commit(run.commit):
            return run
        is_here = True if run.commit in found else False if is_whole else None
        return msgspec.structs.replace(run, is_commit_here=is_here)

    stores = tuple(
        msgspec.structs.replace(store, runs=tuple(answered(run) for run in store.runs)) for store in tracking.stores
    )
    return msgspec.structs.replace(tracking, stores=stores)


def _is_commit(commit: str | None) -> TypeGuard[str]:
    return commit is not None and bool(_COMMIT.fullmatch(commit))


def _ask(opened: ProjectFiles, commits: list[str]) -> set[str] | None:
    """Which of the commits the repository has; None when it cannot be asked."""
    if not commits:
        return set()
    repository = find_repository(opened.root)
    if not isinstance(repository, Repository):
        return None
    executable = find_git(opened.root, repository.worktree)
    if executable is None:
        return None
    try:
        with GitFolder(repository) as folder, tempfile.TemporaryDirectory(prefix="repro-gui-") as own:
            _write_own(own)
            git = GitProgram(executable, own, repository.worktree, folder.objects())
            given = "".join(f"{commit}\n" for commit in commits).encode("ascii")
            said = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", given=given)
    except (GitFailed, OSError):
        return None
    lines = (line.split(" ") for line in said.decode("ascii", "replace").splitlines())
    return {words[0] for words in lines if len(words) == 2 and words[1] == "commit"}


def _write_own(own: str) -> None:
    """A Git directory of our own, so that nothing of the repository's settings acts."""
    os.mkdir(os.path.join(own, "refs"))
    contents = {
        "nothing": b"",
        "HEAD": b"ref: refs/heads/none\n",
        "config": b"[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
    }
    for name, content in contents.items():
        with open(os.path.join(own, name), "wb") as file:
            file.write(content)
