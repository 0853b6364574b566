"""Starts a worker: `repro-gui worker reader`, or `runner` for one probe."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys

from repro_gui import __version__
from repro_gui.logs import start_log
from repro_gui.own_folders import log_folder
from repro_gui.worker.channel import take_standard_output
from repro_gui.worker.messages import PROTOCOL, Hello


def run_worker(arguments: list[str]) -> int:
    """Answer requests from standard input until it ends; 2 for a worker that there is not."""
    if arguments not in (["reader"], ["runner"]):
        sys.stderr.write(
            "repro-gui: this program starts workers by itself; those there are: repro-gui worker reader, runner\n"
        )
        return 2
    channel = take_standard_output()
    faulthandler.enable()
    # Ctrl-C in the terminal of the window is for the window; a worker ends when its input ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start_log("worker")
    channel.send(Hello(number=0, protocol=PROTOCOL, version=__version__, pid=os.getpid(), log_folder=str(log_folder())))
    if arguments == ["runner"]:
        from repro_gui.worker.runner import run_one

        return run_one(channel, sys.stdin.fileno())
    from repro_gui.worker.reader import Reader

    return Reader(channel).run(sys.stdin.fileno())
