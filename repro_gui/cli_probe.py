"""The verb `probe` of the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from repro_gui.errors import ReproGuiError
from repro_gui.facts.settings import Settings
from repro_gui.terminal import TerminalProgress
from repro_gui.text import text

if TYPE_CHECKING:
    import argparse

    from repro_gui.terminal import Terminal

_FINE, _ACT = 0, 2


def add_probe_options(command: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    command.add_argument("path", nargs="?", default="", metavar="PATH")
    command.add_argument("--python", default="", metavar="EXE", help="the interpreter with torch")
    command.add_argument("--device", default="auto", metavar="auto|cpu|cuda:N|mps")
    command.add_argument(
        "--budget", type=float, default=0, metavar="SECONDS", help="default: 10 for the CPU, 30 for a GPU"
    )
    command.add_argument("--thorough", action="store_true", help="more modes, a minute more")
    command.add_argument("--trust", action="store_true", help="allow this call to run the project's interpreter")
    command.add_argument(
        "--make-interpreter",
        action="store_true",
        help="where none has torch: tell the size of one, make it in your cache after a yes (or --yes), and probe it",
    )
    command.add_argument("--yes", action="store_true", help="make the interpreter without asking")
    command.add_argument("--compare", nargs=2, metavar=("A", "B"), help="compare two saved probes")
    command.add_argument("--save", metavar="FILE", help="write the probe as one program, to run on another machine")
    command.add_argument("--import", dest="imported", metavar="FILE", help="keep what that program said for PATH")
    command.add_argument("--format", choices=["text", "json"], default="text")


def probe_machine(options: argparse.Namespace, terminal: Terminal) -> int:
    """0 when the controls held, 2 when they did not: then nothing is known."""
    from repro_gui.facts.probe_comparison import compare_probes
    from repro_gui.probe.told import tell_comparison, tell_probe
    from repro_gui.trust import trust_for_this_process
    from repro_gui.worker.probe_project import import_probe, probe_project, save_battery
    from repro_gui.worker.project_settings import read_settings

    if options.compare:
        left, right = (import_probe(None, _bytes_of(path)) for path in options.compare)
        terminal.print(*(terminal.safe(line) for line in tell_comparison(compare_probes(left, right))))
        return _FINE
    if options.save:
        terminal.say(save_battery(Path(options.save)))
        return _FINE
    root = _folder(options.path) if options.path else None
    if options.trust and root is not None:
        trust_for_this_process(root)
    if options.imported:
        probe = import_probe(root, _bytes_of(options.imported))
    else:
        settings = read_settings(root) if root is not None else Settings()
        if options.python:
            settings = msgspec.structs.replace(settings, interpreter=str(Path(options.python).absolute()))
        if options.make_interpreter:
            made = _make_interpreter(terminal, is_allowed=options.yes)
            if not made:
                return _ACT
            settings = msgspec.structs.replace(settings, interpreter=made)
        with TerminalProgress(terminal) as progress:
            probe = probe_project(
                root, settings, progress, device=options.device, budget=options.budget, thorough=options.thorough
            )
    if options.format == "json":
        terminal.print(probe.to_json().decode().rstrip("\n"))
    else:
        terminal.print(*(terminal.safe(line) for line in tell_probe(probe)))
    return _FINE if probe.controls_held else _ACT


def _make_interpreter(terminal: Terminal, *, is_allowed: bool) -> str:
    """The interpreter with torch in the user's cache, made if there is none; empty when the person said no."""
    from repro_gui.probe.make_interpreter import made_interpreter, make_interpreter
    from repro_gui.probe.told import tell_planned
    from repro_gui.worker.probe_project import plan_own_interpreter

    if made := made_interpreter():
        return made
    with TerminalProgress(terminal) as progress:
        planned = plan_own_interpreter(progress)
    terminal.say("\n".join(terminal.safe(line) for line in tell_planned(planned)))
    if not is_allowed:
        if not sys.stdin.isatty():
            raise ReproGuiError(
                text("There is nobody to ask whether to download this."), text("Say --yes to download it.")
            )
        if not terminal.ask("Download and make it?"):
            terminal.say("Nothing was downloaded.")
            return ""
    with TerminalProgress(terminal) as progress:
        return make_interpreter(progress)


def _bytes_of(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ReproGuiError(
            text("{path} cannot be read ({reason}).", path=path, reason=error.strerror or ""),
            text("Check the name and the permissions."),
        ) from error


def _folder(path: str) -> Path:
    from repro_gui.gather.files import ProjectFiles

    with ProjectFiles(path) as opened:
        return Path(opened.root)
