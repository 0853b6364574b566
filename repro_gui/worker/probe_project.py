"""Probes a project's interpreter, and keeps what came of it; the windows and the command line are two users of this."""

from __future__ import annotations

import datetime as dt
import functools
import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from repro_gui.errors import ReproGuiError
from repro_gui.facts.determinism import Determinism, ModeResult, ProbeUnreadable, probe_from_json
from repro_gui.facts.settings import Settings
from repro_gui.gather.environment import gather_environment
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.installed import read_installed
from repro_gui.gather.machine import describe_machine
from repro_gui.gather.tree import walk_tree
from repro_gui.knowledge import load_knowledge
from repro_gui.own_folders import probe_file, write_whole
from repro_gui.probe.make_interpreter import PlannedInterpreter, made_interpreter, plan_interpreter
from repro_gui.probe.mode_run import NoProbe, ProbeWish
from repro_gui.probe.run import battery_file, join_probes, probe_from_lines, run_probe
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.facts.installed import Interpreter
    from repro_gui.progress import Progress

CPU_SECONDS, GPU_SECONDS = 10.0, 30.0


class NoTorch(ReproGuiError):
    """None of the project's interpreters has torch."""


def probe_project(
    root: Path | None,
    settings: Settings,
    progress: Progress,
    *,
    device: str = "auto",
    budget: float = 0,
    thorough: bool = False,
    on_case: Callable[[str, str, str, str, ModeResult], None] = lambda *_: None,
) -> Determinism:
    """Probe the interpreter of the settings, or the project's own that has torch, and keep the result for the project.

    `device` is `auto` (the CPU, and what else NVML or torch itself names), `cpu`, `cuda:N` (AMD's too) or `mps`; a
    `budget` of 0 is the default of each device. `on_case` hears (device, name, dtype, mode, result) live. Every interpreter
    needs trust in the folder, wherever it lies, but our own: beside us, or made by us. Without a folder the person named it. Raises
    `NoTorch`, `NoProbe`, `NeedsTrust`, `Cancelled`.
    """
    machine = describe_machine()
    interpreter = executable_of(settings.interpreter or _with_torch(root, settings, progress))
    is_ours = interpreter in {made_interpreter(), _beside_us()}
    devices = ["cpu", *(f"cuda:{number}" for number in range(len(machine.gpus)))] if device == "auto" else [device]
    found: list[Determinism] = []
    remarks: list[Text] = []
    # Grows: what NVML does not know (AMD's, Apple's), torch names when it has run on the CPU.
    for one in devices:
        wish = ProbeWish(
            interpreter=interpreter,
            device=one,
            budget=budget or (CPU_SECONDS if one == "cpu" else GPU_SECONDS),
            thorough=thorough,
            project="" if root is None or is_ours else str(root),
        )
        with tempfile.TemporaryDirectory(prefix="repro-gui-probe-") as folder:
            try:
                found.append(
                    run_probe(
                        wish,
                        load_knowledge().determinism,
                        machine.as_values(),
                        dt.datetime.now(dt.UTC),
                        Path(folder),
                        progress,
                        functools.partial(on_case, one),
                    )
                )
            except NoProbe as error:
                # A CPU build of torch on a machine with a GPU: what was asked for by name must fail, `auto` goes on.
                if device != "auto" or one == "cpu":
                    raise
                remarks.append(text("{device} was not measured: {why}", device=one, why=str(error.what)))
        if device == "auto" and one == "cpu":
            named = found[0].fingerprint.get("torch", {}).get("devices") or []
            devices += [name for name in named if name not in devices]
    probe = join_probes(found)
    probe = msgspec.structs.replace(probe, remarks=(*probe.remarks, *remarks))
    if root is not None:
        keep_probe(root, probe)
    return probe


def keep_probe(root: Path, probe: Determinism) -> None:
    """Keep a probe as the last one of this project; the next audit reads it."""
    write_whole(probe_file(root), probe.to_json())


def import_probe(root: Path | None, content: bytes) -> Determinism:
    """Keep for a project what the battery said on another machine, as its lines or as a saved probe."""
    try:
        probe = probe_from_json(content)
    except ProbeUnreadable:
        probe = probe_from_lines(content, load_knowledge().determinism, dt.datetime.now(dt.UTC))
    if root is not None:
        keep_probe(root, probe)
    return probe


def save_battery(target: Path) -> str:
    """Write the battery as one program; says how to run it. Raises `CannotSave`."""
    try:
        target.write_bytes(battery_file())
    except OSError as error:
        raise CannotSave(
            text("{path} cannot be written ({reason}).", path=str(target), reason=error.strerror or ""),
            text("Choose another place."),
        ) from error
    return f"Run it where the work runs: {alone_command(target)}"


def alone_command(battery: Path) -> str:
    """The line that runs the saved battery on a machine that has only Python and torch."""
    return f"python {battery.name} --alone probe.jsonl --budget 30"


class CannotSave(ReproGuiError):
    """The battery could not be written."""


def executable_of(path: str) -> str:
    """The Python of an environment's folder; a path that is a program already is itself."""
    folder = Path(path)
    if not folder.is_dir():
        return path
    names = ("python.exe", "Scripts/python.exe") if sys.platform == "win32" else ("bin/python", "bin/python3")
    return next((str(folder / name) for name in names if (folder / name).exists()), str(folder / names[0]))


def _with_torch(root: Path | None, settings: Settings, progress: Progress) -> str:
    """The first interpreter of the project, then of the machine, that has torch; found by reading folders."""
    interpreters: tuple[Interpreter, ...] = ()
    if root is not None:
        with ProjectFiles(root) as opened:
            tree = walk_tree(opened, settings.limits, progress)
            interpreters = gather_environment(opened, tree, settings, progress).interpreters
    for interpreter in interpreters:
        if interpreter.problem is None and "torch" in read_installed(interpreter, progress).by_name:
            return interpreter.path
    if ours := _beside_us() or made_interpreter():
        return ours
    raise NoTorch(
        text("No interpreter with torch was found."),
        text(
            "Name one with --python, or let Repro GUI make one: `repro-gui probe --make-interpreter` tells its size first."
        ),
    )


def _beside_us() -> str:
    """Our own interpreter where torch was installed beside us (`pip install repro-gui[probe]`); empty without."""
    return "" if getattr(sys, "frozen", False) or importlib.util.find_spec("torch") is None else sys.executable


def plan_own_interpreter(progress: Progress) -> PlannedInterpreter:
    """What an interpreter of ours with torch would take on this machine; see `plan_interpreter`."""
    return plan_interpreter(progress, has_gpu=bool(describe_machine().gpus))
