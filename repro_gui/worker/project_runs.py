"""The recorded runs of a project, or of a server that the person names: the table, and two of them compared.

The windows (through the reader) and the command line are two equal users of this. Values under secret names never leave it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.runs import RunComparison, RunDetails, RunTable, compare_runs, find_run, run_table
from repro_gui.facts.tracking import Tracking
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.git import gather_git
from repro_gui.gather.mlflow_server import read_mlflow_server
from repro_gui.gather.run_commits import look_up_commits
from repro_gui.gather.run_details import read_run
from repro_gui.gather.tracking import gather_tracking
from repro_gui.gather.tree import walk_tree
from repro_gui.knowledge import load_knowledge
from repro_gui.redact import redact_text
from repro_gui.worker.project_settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from repro_gui.progress import Progress

_HIDDEN = "•••"


class FoundRuns(msgspec.Struct, frozen=True):
    """The runs of one look; `details` are those that the server told already."""

    tracking: Tracking
    table: RunTable
    details: dict[str, RunDetails]


def read_runs(root: Path, progress: Progress, *, server: str = "", experiment: str = "") -> FoundRuns:
    """The runs in the project's folder, or with `server` those of that MLflow server; raises `ReproGuiError`."""
    settings = read_settings(root)
    details: dict[str, RunDetails] = {}
    with ProjectFiles(root) as opened:
        tree = walk_tree(opened, settings.limits, progress)
        git = gather_git(opened, tree, settings, progress)
        if server:
            told = read_mlflow_server(server, experiment, progress)
            tracking, details = Tracking((told.store,)), told.details
        else:
            tracking = gather_tracking(opened, tree, settings, progress, Cache(None, opened.root))
        looked_up = look_up_commits(opened, tracking, git)
    tracking = tracking if isinstance(looked_up, Unavailable) else looked_up
    return FoundRuns(tracking, _shown_table(run_table(tracking)), details)


def compare(root: Path, found: FoundRuns, left: str, right: str) -> RunComparison:
    """Two runs by name or the start of their ids; raises `ReproGuiError` where they are not found."""
    rows = [find_run(found.table.rows, wanted) for wanted in (left, right)]
    with ProjectFiles(root) as opened:
        read = [
            _shown(found.details[row.run_id] if row.run_id in found.details else read_run(opened, found.tracking, row))
            for row in rows
        ]
    return compare_runs(*read)


def _shown_table(table: RunTable) -> RunTable:
    rows = tuple(msgspec.structs.replace(row, name=redact_text(row.name)) for row in table.rows)
    return msgspec.structs.replace(table, rows=rows)


def _shown(details: RunDetails) -> RunDetails:
    """Without credentials, names of folders and of people: what is compared may be copied anywhere."""
    return msgspec.structs.replace(
        details,
        name=redact_text(details.name),
        parameters=_hidden(details.parameters),
        metrics=_hidden(details.metrics),
        data=_hidden(details.data),
    )


def _hidden(values: Mapping[str, str] | None) -> dict[str, str] | None:
    if values is None:
        return None
    is_secret = load_knowledge().tracking.is_secret
    return {name: _HIDDEN if is_secret(name) else redact_text(value) for name, value in values.items()}
