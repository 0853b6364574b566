"""Git commands that fixes run, as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from repro_gui.changes.change_set import Command, UndoKind, show_command
from repro_gui.errors import CannotPlan
from repro_gui.facts.git import GitState
from repro_gui.text import text

# Paths are never patterns: a file may be called `*.py` or `:(exclude)x`.
_GIT = ("git", "--literal-pathspecs")
_MESSAGE = "Commit what the results come from"
_FIRST_MESSAGE = "First commit"
# Systems limit the length of a command; Windows to 32,767 characters.
_MOST_PATHS = 100


def commit_files(git: GitState, paths: Sequence[str]) -> tuple[Command, ...]:
    """Commands that commit exactly these files as they are now, and nothing else that is staged.

    Raises `CannotPlan` while git is in the middle of something that a commit would end.
    """
    if git.operation or git.conflicted:
        raise CannotPlan(
            text("Git is in the middle of a {operation}.", operation=git.operation or "merge"),
            text("Finish it or abort it, then audit again."),
        )
    known = git.tracked | set(git.staged)
    new = [path for path in paths if path not in known]
    runs = bool(git.runs_on_commit)
    commands: list[Command] = []
    if new:
        commands.append(_with_paths((*_GIT, "add", "--"), new, UndoKind.UNSTAGE, runs=runs))
    commands.append(_with_paths((*_GIT, "commit", "-m", _MESSAGE, "--"), paths, UndoKind.UNCOMMIT, runs=runs))
    return tuple(commands)


def start_repository(paths: Sequence[str]) -> tuple[Command, ...]:
    """Commands that make a repository of the project's folder and commit these files; undone by taking `.git` away."""
    start = (*_GIT, "init", "--initial-branch=main")
    commands = [Command(start, show_command(start), UndoKind.MOVE_REPOSITORY_AWAY)]
    for first in range(0, len(paths), _MOST_PATHS):
        # Forced: the list was made with the ignore rules in mind, and what is added is exactly what was shown.
        part = (*_GIT, "add", "--force", "--", *paths[first : first + _MOST_PATHS])
        commands.append(Command(part, show_command(part)))
    commit = (*_GIT, "commit", "-m", _FIRST_MESSAGE)
    commands.append(Command(commit, show_command(commit)))
    return tuple(commands)


def _with_paths(start: tuple[str, ...], paths: Iterable[str], undo: UndoKind, *, runs: bool) -> Command:
    argv = (*start, *paths)
    return Command(argv, show_command(argv), undo, tuple(paths), runs, joins=len(start))
