"""Reads a project's folder into a `ProjectSnapshot`: every gatherer, each on its own feet."""

from __future__ import annotations

import os
import posixpath
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from repro_gui.errors import Cancelled, ProjectUnreadable
from repro_gui.facts.entry_points import script_candidates
from repro_gui.facts.settings import Settings
from repro_gui.facts.snapshot import ProjectSnapshot
from repro_gui.facts.sources import NOT_READ_YET
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress, Progress
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.git import GitFacts
    from repro_gui.facts.sources import PythonSources
    from repro_gui.facts.tree import FileTree

T = TypeVar("T")

# More than this of a kind is read after the first answers.
_QUICK_NOTEBOOK_BYTES = 1024 * 1024
_QUICK_HASHED_BYTES = 64 * 1024 * 1024
_QUICK_RUN_FILES = 1_000
_RUN_FOLDERS = ("mlruns", "wandb")


def gather_snapshot(
    root: str | os.PathLike[str],
    settings: Settings | None = None,
    progress: Progress | None = None,
    cache: Cache | None = None,
    on_first: Callable[[ProjectSnapshot], None] | None = None,
) -> ProjectSnapshot:
    """Everything that can be known of a project by reading it; nothing of it runs and nothing is written into it.

    A gatherer that fails leaves its field `Unavailable` and the rest goes on. `cache` stays the caller's to close; without
    one nothing is remembered. Where the whole takes long, `on_first` gets what is known when the way from the entry points
    is read; sources that are not read yet say so, and so do fields that would take long themselves. Raises
    `ProjectUnreadable` when the folder itself cannot be read, and `Cancelled`.
    """
    with ProjectFiles(root) as opened:
        used = cache or Cache(None, opened.root)
        return _gather(opened, settings or Settings(), progress or NoProgress(), used, on_first)


def look_over(
    root: str | os.PathLike[str],
    settings: Settings | None = None,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> ProjectSnapshot:
    """What `gather_snapshot` gives to `on_first`, also of a small project: enough to say what a folder is.

    Nothing more is read; raises as `gather_snapshot` does.
    """
    with ProjectFiles(root) as opened:
        used = cache or Cache(None, opened.root)
        return _gather(opened, settings or Settings(), progress or NoProgress(), used, is_first_enough=True)


def _gather(
    opened: ProjectFiles,
    settings: Settings,
    progress: Progress,
    cache: Cache,
    on_first: Callable[[ProjectSnapshot], None] | None = None,
    *,
    is_first_enough: bool = False,
) -> ProjectSnapshot:
    # The gatherers are imported here: the command line explains and lists checks without them.
    from repro_gui.gather.configs import gather_configs
    from repro_gui.gather.data_files import gather_data_files
    from repro_gui.gather.determinism import gather_determinism
    from repro_gui.gather.documents import gather_documents
    from repro_gui.gather.environment import gather_environment
    from repro_gui.gather.launchers import gather_launchers
    from repro_gui.gather.machine import gather_machine
    from repro_gui.gather.notebooks import gather_notebooks
    from repro_gui.gather.rebuild import gather_rebuild
    from repro_gui.gather.run_commits import look_up_commits
    from repro_gui.gather.sources import read_sources
    from repro_gui.gather.tracking import gather_tracking

    tree = walk_tree(opened, settings.limits, progress)
    # Git is another program: it works while we read the sources.
    git = _Beside(lambda: _git(opened, tree, settings, progress))

    def read(kind: str, gather: Callable[..., T]) -> T | Unavailable:
        return _or_unavailable(kind, lambda: gather(opened, tree, settings, progress, cache))

    sources = read("Python sources", read_sources)
    long: dict[str, tuple[str, Callable[..., Any]]] = {
        "notebooks": ("notebooks", gather_notebooks),
        "data_files": ("data files", gather_data_files),
        "tracking": ("recorded runs", gather_tracking),
    }
    snapshot = ProjectSnapshot(
        name=opened.name,
        tree=tree,
        launchers=read("launchers", gather_launchers),
        configs=read("configuration files", gather_configs),
        sources=Unavailable(NOT_READ_YET),
        notebooks=Unavailable(text("Notebooks are not read yet.")),
        environment=read("environment", gather_environment),
        data_files=Unavailable(text("Data files are not read yet.")),
        tracking=Unavailable(text("Recorded runs are not read yet.")),
        documents=read("documents", gather_documents),
        machine=read("machine", gather_machine),
        determinism=_or_unavailable("probe", lambda: gather_determinism(opened.root)),
        rebuild=_or_unavailable("rebuild", lambda: gather_rebuild(opened)),
        settings=settings,
        git=Unavailable(text("Git is not read yet.")),
    )
    if is_first_enough or (on_first is not None and not isinstance(sources, Unavailable) and sources.is_long):
        quick = {field: read(*long.pop(field)) for field in tuple(long) if not _takes_long(field, tree)}
        snapshot = msgspec.structs.replace(snapshot, **quick)
        first: PythonSources | Unavailable = (
            sources if isinstance(sources, Unavailable) else sources.first(_known_starts(snapshot))
        )
        known = msgspec.structs.replace(snapshot, sources=first, git=git.result())
        if is_first_enough:
            return known
        if on_first is not None and not isinstance(first, Unavailable) and not first.is_complete:
            on_first(known)
    rest: dict[str, Any] = {"sources": sources}
    if not isinstance(sources, Unavailable):
        rest["sources"] = _or_unavailable("Python sources", sources.all)
    rest |= {field: read(*gather) for field, gather in long.items()}
    snapshot = msgspec.structs.replace(snapshot, **rest, git=git.result())
    tracking = look_up_commits(opened, snapshot.tracking, snapshot.git)
    snapshot = msgspec.structs.replace(snapshot, tracking=tracking)
    if not os.path.isdir(opened.root):
        raise ProjectUnreadable(
            text("The folder of {name} vanished while it was read.", name=opened.name),
            text("Check that its drive is connected, and open it again."),
        )
    cache.forget_missing(tree)
    return snapshot


def _takes_long(field: str, tree: FileTree) -> bool:
    """Whether a field waits until after the first answers; counted in bytes and files of the tree, never in seconds."""
    if field == "notebooks":
        return sum(entry.size for entry in tree.entries if entry.path.endswith(".ipynb")) > _QUICK_NOTEBOOK_BYTES
    if field == "data_files":
        # What DVC names is hashed: that can be nearly everything here.
        is_hashed = any(entry.path.endswith((".dvc", "dvc.lock")) for entry in tree.entries)
        return is_hashed and sum(entry.size for entry in tree.entries) > _QUICK_HASHED_BYTES
    runs = sum(any(f"{name}/" in entry.path for name in _RUN_FOLDERS) for entry in tree.entries)
    return runs > _QUICK_RUN_FILES


def _known_starts(snapshot: ProjectSnapshot) -> tuple[str, ...]:
    """Where scripts may be that the person chose, or that some file says how to run."""
    found = [posixpath.normpath(choice.partition("::")[0]) for choice in snapshot.settings.entry_points]
    if not isinstance(snapshot.launchers, Unavailable):
        for command in snapshot.launchers.commands:
            if command.script:
                found += script_candidates(command)
            elif command.module:
                stem = command.module.replace(".", "/")
                found += [f"{folder}{stem}{end}" for folder in ("", "src/") for end in (".py", "/__main__.py")]
    return tuple(found)


def _git(opened: ProjectFiles, tree: FileTree, settings: Settings, progress: Progress) -> GitFacts:
    from repro_gui.gather.git import gather_git

    return _or_unavailable("Git", lambda: gather_git(opened, tree, settings, progress))


def _or_unavailable(kind: str, gather: Callable[[], T]) -> T | Unavailable:
    try:
        return gather()
    except (Cancelled, ProjectUnreadable):
        raise
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
