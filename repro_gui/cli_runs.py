"""The verb `runs` of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from repro_gui.terminal import TerminalProgress

if TYPE_CHECKING:
    import argparse

    from repro_gui.terminal import Terminal


def add_run_options(command: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    command.add_argument("path", metavar="PATH")
    command.add_argument("--compare", nargs=2, metavar=("A", "B"), help="names of two runs, or the starts of their ids")
    command.add_argument("--server", default="", metavar="URL", help="ask this MLflow server in place of the folder")
    command.add_argument("--experiment", default="", metavar="NAME", help="only this experiment of the server")
    command.add_argument("--format", choices=["text", "json"], default="text")


def list_runs(options: argparse.Namespace, terminal: Terminal) -> int:
    """0 when runs are listed, or the two are equal; 1 when the two differ; 2 when there are none."""
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.worker.project_runs import compare, read_runs
    from repro_gui.worker.told_runs import tell_comparison, tell_runs

    with ProjectFiles(options.path) as opened:
        root = Path(opened.root)
    with TerminalProgress(terminal) as progress:
        found = read_runs(root, progress, server=options.server, experiment=options.experiment)
    compared = compare(root, found, *options.compare) if options.compare else None
    if options.format == "json":
        told = found.table if compared is None else compared
        terminal.print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    else:
        lines = tell_runs(found.table) if compared is None else tell_comparison(compared)
        terminal.print(*(terminal.safe(line) for line in lines))
    if compared is not None:
        return int(any(section.differing for section in compared.sections))
    return 0 if found.table.rows else 2
