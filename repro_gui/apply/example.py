"""Makes the bundled example: a small training project that runs, with one fault of each kind."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from repro_gui.errors import CannotApply
from repro_gui.resource_files import resource_path
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WHEN = "2026-01-05T12:00:00 +0000"
_AUTHOR = ("Repro GUI example", "example@example.org")


def make_example(target: Path) -> Path:
    """Write the example into a folder that is new or empty, and return it; raises `CannotApply`.

    One commit holds the project, always with the same hash; beside it lies what its author did afterwards: a changed
    file, a module that was never added, and the data. There is no remote. Without Git there is no repository either.
    """
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise CannotApply(
                text("The folder {path} is not empty.", path=str(target)), text("Choose a new folder for the example.")
            )
        committed = list(_write("example/project", target))
        _commit(target, committed)
        for _ in _write("example/later", target):
            pass
    except OSError as error:
        raise CannotApply(
            text(
                "The example could not be written to {path} ({reason}).", path=str(target), reason=str(error.strerror)
            ),
            text("Choose another folder."),
        ) from error
    return target


def _write(resource: str, target: Path) -> Iterator[str]:
    """Copy a folder of resources; gives the path of each file in the target, sorted."""
    source = resource_path(resource)
    for path in sorted(one for one in source.rglob("*") if one.is_file()):
        relative = path.relative_to(source).as_posix()
        if "__pycache__" in relative.split("/"):
            continue
        (target / posixpath.dirname(relative)).mkdir(parents=True, exist_ok=True)
        (target / relative).write_bytes(path.read_bytes())
        yield relative


def _commit(target: Path, paths: list[str]) -> None:
    """One commit that depends on nothing of this machine: no settings, templates, hooks or signing of the person."""
    try:
        from git import Actor, GitCommandError, GitCommandNotFound, Repo
    except ImportError:
        # GitPython wants the program as soon as it is imported. A first look is possible without; the audit says it.
        return
    author = Actor(*_AUTHOR)
    try:
        # An empty template: the person's own may bring hooks. GitPython asks to allow any template at all.
        with Repo.init(target, initial_branch="main", template="", allow_unsafe_options=True) as repo:
            repo.index.add(sorted(paths))
            repo.index.commit(
                "Tell wheat from weed",
                author=author,
                committer=author,
                author_date=_WHEN,
                commit_date=_WHEN,
                skip_hooks=True,
            )
    except (GitCommandNotFound, GitCommandError) as error:
        raise CannotApply(
            text("Git could not make the example's repository."), text("Install Git, then try again.")
        ) from error
