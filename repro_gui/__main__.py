"""Starts the windows, the command line when a command is given, or a worker for the windows."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> int:
    """Run what the command line asks for; returns the exit code."""
    if getattr(sys, "frozen", False):
        # A process that `gather/beside.py` spawned is this program again: there it serves and never comes back from here.
        from multiprocessing import freeze_support

        freeze_support()
    arguments = sys.argv[1:]
    if arguments[:1] == ["worker"]:
        from repro_gui.worker.start import run_worker

        return run_worker(arguments[1:])
    if arguments[:1] == ["--self-test"]:
        from repro_gui.self_test import run_self_test

        return run_self_test(arguments[1:], _say)
    from repro_gui.cli import run

    return run(arguments, _open_windows)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _open_windows(paths: list[str]) -> int:
    from repro_gui.errors import ReproGuiError
    from repro_gui.text import text

    if sys.platform == "linux" and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise ReproGuiError(
            text("There is no screen here, so no window can open."),
            text("Use the command line: repro-gui audit PATH."),
        )
    try:
        from repro_gui.ui.application import run_windows
    except ImportError as error:
        raise ReproGuiError(
            text("The windows cannot start: {reason}.", reason=str(error)),
            text("Install the system libraries of Qt that are missing, or use the command line: repro-gui audit PATH."),
        ) from error
    from repro_gui.worker.show_report import SUFFIX, page_of_report

    pages, refused = [], []
    for path in paths:
        if path.endswith(SUFFIX):
            try:
                pages.append(str(page_of_report(Path(path))))
            except ReproGuiError as error:
                refused.append((error.what, error.mend))
    return run_windows([path for path in paths if not path.endswith(SUFFIX)], pages, refused)


if __name__ == "__main__":
    sys.exit(main())
