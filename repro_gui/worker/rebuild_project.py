"""Makes a project's environment anew and keeps what came of it; the windows and the command line are two users of this."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from repro_gui.audit.facts_for import FactsFor
from repro_gui.errors import ReproGuiError
from repro_gui.facts.rebuild import Rebuild
from repro_gui.facts.rebuild_plan import plan_rebuild
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import NotRead, ProjectFiles
from repro_gui.gather.gather import gather_snapshot
from repro_gui.gather.rebuild import gather_rebuild
from repro_gui.knowledge import load_knowledge
from repro_gui.own_folders import rebuild_file, write_whole
from repro_gui.rebuild.run import RebuildWish, run_rebuild
from repro_gui.text import text
from repro_gui.trust import require_trust
from repro_gui.worker.probe_project import executable_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.facts.settings import Settings
    from repro_gui.progress import Progress

_MOST_BYTES = 64 * 1024 * 1024


def rebuild_project(
    root: Path,
    settings: Settings,
    progress: Progress,
    *,
    python: str = "",
    on_line: Callable[[str], None] = lambda _: None,
) -> Rebuild:
    """Rebuild the environment in a temporary folder, try the imports, keep the result for the project.

    `python` is an interpreter (or an environment's folder) in place of the one that the project names; `on_line` hears what
    uv says. Raises `NeedsTrust`, `NothingToRebuild`, `NoSuchPython`, `IndexUnreachable`, `Cancelled`.
    """
    require_trust(root, "uv, and imports of the installed packages")
    snapshot = gather_snapshot(root, settings, progress)
    environment = snapshot.environment
    if isinstance(environment, Unavailable):
        raise ReproGuiError(environment.reason, environment.mend or text("Audit the project again."))
    knowledge = load_knowledge()
    plan = plan_rebuild(environment, FactsFor(snapshot, knowledge).program, knowledge.import_names)
    contents: dict[str, bytes] = {}
    with ProjectFiles(root) as opened:
        for path in plan.sources:
            content = opened.read(path, _MOST_BYTES)
            if isinstance(content, NotRead):
                raise ReproGuiError(content.reason, text("Mend the file, then rebuild."))
            contents[path] = content
    wish = RebuildWish(plan, contents, str(root), executable_of(python) if python else "")
    with tempfile.TemporaryDirectory(prefix="repro-gui-rebuild-", ignore_cleanup_errors=True) as folder:
        rebuild = run_rebuild(wish, Path(folder), progress, on_line)
    write_whole(rebuild_file(root), rebuild.to_json())
    return rebuild


def kept_rebuild(root: Path) -> Rebuild:
    """The last rebuild of a project, empty without any; raises `ReproGuiError` when it cannot be read."""
    with ProjectFiles(root) as opened:
        kept = gather_rebuild(opened)
    if isinstance(kept, Unavailable):
        raise ReproGuiError(kept.reason, kept.mend or text("Rebuild the environment again."))
    return kept
