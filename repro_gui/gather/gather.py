"""Reads a project's folder into a `ProjectSnapshot`: every gatherer, each on its own feet."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import msgspec

from repro_gui.errors import Cancelled, ProjectUnreadable
from repro_gui.facts.settings import Settings
from repro_gui.facts.snapshot import ProjectSnapshot
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress, Progress
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.git import GitFacts
    from repro_gui.facts.tree import FileTree

T = TypeVar("T")


def gather_snapshot(
    root: str | os.PathLike[str],
    settings: Settings | None = None,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> ProjectSnapshot:
    """Everything that can be known of a project by reading it; nothing of it runs and nothing is written into it.

    A gatherer that fails leaves its field `Unavailable` and the rest goes on. `cache` stays the caller's to close; without
    one nothing is remembered. Raises `ProjectUnreadable` when the folder itself cannot be read, and `Cancelled`.
    """
    with ProjectFiles(root) as opened:
        return _gather(opened, settings or Settings(), progress or NoProgress(), cache or Cache(None, opened.root))


def _gather(opened: ProjectFiles, settings: Settings, progress: Progress, cache: Cache) -> ProjectSnapshot:
    # The gatherers are imported here: the command line explains and lists checks without them.
    from repro_gui.gather.configs import gather_configs
    from repro_gui.gather.data_files import gather_data_files
    from repro_gui.gather.determinism import gather_determinism
    from repro_gui.gather.documents import gather_documents
    from repro_gui.gather.environment import gather_environment
    from repro_gui.gather.launchers import gather_launchers
    from repro_gui.gather.machine import gather_machine
    from repro_gui.gather.notebooks import gather_notebooks
    from repro_gui.gather.run_commits import look_up_commits
    from repro_gui.gather.sources import gather_sources
    from repro_gui.gather.tracking import gather_tracking

    tree = walk_tree(opened, settings.limits, progress)
    # Git is another program: it works while we read the sources.
    git = _Beside(lambda: _git(opened, tree, settings, progress))

    def read(kind: str, gather: Callable[..., T]) -> T | Unavailable:
        return _or_unavailable(kind, lambda: gather(opened, tree, settings, progress, cache))

    snapshot = ProjectSnapshot(
        name=opened.name,
        tree=tree,
        launchers=read("launchers", gather_launchers),
        configs=read("configuration files", gather_configs),
        sources=read("Python sources", gather_sources),
        notebooks=read("notebooks", gather_notebooks),
        environment=read("environment", gather_environment),
    from repro_gui.gather.rebuild import gather_rebuild
        data_files=read("data files", gather_data_files),
        tracking=read("recorded runs", gather_tracking),
        documents=read("documents", gather_documents),
        machine=read("machine", gather_machine),
        determinism=_or_unavailable("probe", lambda: gather_determinism(opened.root)),
        settings=settings,
        git=git.result(),
    )
    tracking = look_up_commits(opened, snapshot.tracking, snapshot.git)
    snapshot = msgspec.structs.replace(snapshot, tracking=tracking)
    if not os.path.isdir(opened.root):
        raise ProjectUnreadable(
            text("The folder of {name} vanished while it was read.", name=opened.name),
            text("Check that its drive is connected, and open it again."),
        )
    cache.forget_missing(tree)
    return snapshot


def _git(opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress) -> GitFacts:
    from repro_gui.gather.git import gather_git

    return _or_unavailable("Git", lambda: gather_git(opened, tree, settings, progress))


def _or_unavailable(kind: str, gather: Callable[[], T]) -> T | Unavailable:
    try:
        return gather()
    except (Cancelled, ProjectUnreadable):
        raise
        rebuild=_or_unavailable("rebuild", lambda: gather_rebuild(opened)),
    except Exception as error:  # noqa: BLE001 -- one gatherer's fault is the reason of one field
        reason = text("Reading the {kind} failed: {error}.", kind=kind, error=f"{type(error).__name__}: {error}")
        return Unavailable(reason, text("Report this as a fault of Repro GUI; the rest of the audit is not affected."))


class _Beside(Generic[T]):
    """Work in a thread of its own, which is left to end by itself when its answer is not wanted any more."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._answer: T | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="gather-git", daemon=True)
        self._thread.start()

    def result(self) -> T:
        """Wait for the answer; raises what the work raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return cast("T", self._answer)

    def _run(self) -> None:
        try:
            self._answer = self._work()
        except BaseException as error:  # noqa: BLE001 -- raised again where the answer is asked for
            self._error = error
