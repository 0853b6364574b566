"""What workers do for the requests about rebuilds: the reader reads the kept one, a runner makes one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from repro_gui.redact import redact_text
from repro_gui.worker import messages as m
from repro_gui.worker.project_settings import read_settings
from repro_gui.worker.rebuild_project import kept_rebuild, rebuild_project

if TYPE_CHECKING:
    from repro_gui.facts.rebuild import Rebuild
    from repro_gui.progress import Progress
    from repro_gui.worker.exchange import Exchange

_MOST_CHARACTERS = 2_000


def answer_read_rebuild(request: m.ReadRebuild, exchange: Exchange) -> m.Rebuilt:
    """The kept rebuild."""
    return _rebuilt(request.number, kept_rebuild(Path(request.root)), exchange)


def answer_rebuild(
    request: m.RebuildEnvironment, send: Callable[[m.Reply], None], exchange: Exchange, progress: Progress
) -> m.Rebuilt:
    """Rebuild, and tell what the installer says as it comes."""
    root = Path(request.root)

    def tell(line: str) -> None:
        send(m.RebuildSaid(number=request.number, line=redact_text(line[:_MOST_CHARACTERS])))

    rebuild = rebuild_project(root, read_settings(root), progress, python=request.python, on_line=tell)
    return _rebuilt(request.number, rebuild, exchange)


def _rebuilt(number: int, rebuild: Rebuild, exchange: Exchange) -> m.Rebuilt:
    return m.Rebuilt(number=number, rebuild=exchange.write("rebuild.json", rebuild.to_json()))
