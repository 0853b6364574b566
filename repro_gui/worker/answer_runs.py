"""What the reader does for the requests about recorded runs; it keeps those that were read last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.progress import Progress
from repro_gui.worker import messages as m
from repro_gui.worker.project_runs import FoundRuns, compare, read_runs

if TYPE_CHECKING:
    from repro_gui.worker.exchange import Exchange

_Answer = Callable[[Any, Progress], m.Reply]


def answers_about_runs(exchange: Exchange) -> dict[type[m.Request], _Answer]:
    """What answers each of the requests."""
    last: dict[str, FoundRuns] = {}

    def read(request: m.ReadRuns, progress: Progress) -> m.Reply:
        found = read_runs(Path(request.root), progress, server=request.server, experiment=request.experiment)
        last.clear()
        last[request.root] = found
        return m.RunsRead(number=request.number, table=exchange.write("runs.json", msgspec.json.encode(found.table)))

    def put_beside(request: m.CompareRuns, progress: Progress) -> m.Reply:
        root = Path(request.root)
        found = last.get(request.root) or read_runs(root, progress)
        comparison = compare(root, found, request.left, request.right)
        path = exchange.write("comparison.json", msgspec.json.encode(comparison))
        return m.RunsCompared(number=request.number, comparison=path)

    return {m.ReadRuns: read, m.CompareRuns: put_beside}
