"""Runs the determinism battery in another interpreter, one process per mode, and survives whatever a case does to it."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.errors import ProgramFailed, ReproGuiError
from repro_gui.facts.determinism import Budget, Determinism, ModeResult, ModeState
from repro_gui.probe.verdicts import DEFAULT, FRESH, STRICT, is_control, judge_case, judge_controls
from repro_gui.processes import ProgramLimits, Stream, run_program
from repro_gui.text import Text, text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from repro_gui.facts.known_determinism import DocumentedDeterminism
    from repro_gui.progress import Progress

_PACKAGE = Path(__file__).parent / "battery"
# A case takes milliseconds; this long without a word means that it will not come back.
_CASE_SECONDS = 20.0
_START_SECONDS = 120.0
_PROCESS_BYTES = 6 * 1024**3
# One process more for each case that ends it; after so many something else is wrong.
_MOST_RESTARTS = 8


class NoProbe(ReproGuiError):
    """The battery cannot run in this interpreter or on this device."""


class ProbeWish(msgspec.Struct, frozen=True):
    """What to probe: which interpreter, on which device (`cpu`, `cuda:0`), for how many seconds; `thorough` adds modes.

    `project` is the folder whose interpreter it is (needs trust when the interpreter lies in it). `only` names cases.
    """

    interpreter: str
    device: str = "cpu"
    budget: float = 10.0
    thorough: bool = False
    thorough_budget: float = 60.0
    project: str = ""
    only: tuple[str, ...] = ()


def battery_file() -> bytes:
    """The battery as one file that any Python from 3.8 on runs: the same bytes for the same version."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {f"battery/{path.name}": path.read_bytes() for path in sorted(_PACKAGE.glob("*.py"))}
        parts["__main__.py"] = b"import runpy\n\nrunpy.run_module('battery', run_name='__main__')\n"
        for name, content in sorted(parts.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()


def run_probe(
    wish: ProbeWish,
    table: DocumentedDeterminism,
    machine: dict[str, Any],
    when: dt.datetime,
    folder: Path,
    progress: Progress,
    on_case: Callable[[str, str, str, ModeResult], None] = lambda *_: None,
) -> Determinism:
    """Run every mode and judge; `folder` is an empty temporary one, `machine` the fingerprint that goes into the result.

    `on_case` hears (name, dtype, mode, result) live. Raises `NoProbe`, `NeedsTrust`, `Cancelled`.
    """
    battery = folder / "battery.pyz"
    battery.write_bytes(battery_file())
    listed = _list_cases(wish, battery, folder, progress)
    seen: dict[tuple[str, str], dict[str, ModeResult]] = {key: {} for key in listed}
    fingerprint: dict[str, Any] = dict(machine)
    used = starting = 0.0
    modes = _modes(wish)
    for number, (mode, environment, seconds) in enumerate(modes):
        run = _ModeRun(
            wish, battery, folder, mode, environment, _Steps(progress, mode, len(listed), number, len(modes))
        )
        run.run(listed, seconds if number != 1 else max(1.0, wish.budget - used), on_case)
        for key, result in run.results.items():
            seen[key][mode] = result
        if mode == DEFAULT:
            fingerprint["torch"] = run.start
        used += run.used if number < 2 else 0.0
        starting += run.starting
    return _judged(seen, wish.device, fingerprint, table, when, Budget(wish.budget, round(used, 2), round(starting, 2)))


def probe_from_lines(content: bytes, table: DocumentedDeterminism, when: dt.datetime) -> Determinism:
    """What the battery wrote when it ran alone on another machine; raises `NoProbe` when these are not its lines."""
    seen: dict[str, dict[tuple[str, str], dict[str, ModeResult]]] = {}
    fingerprint: dict[str, Any] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        record = _record(line)
        if record.get("kind") == "start" and record.get("mode") == DEFAULT:
            # Later devices know more: the GPU and its libraries.
            fingerprint = {
                "system": record.get("system", ""),
                "architecture": record.get("architecture", ""),
                "torch": {**fingerprint.get("torch", {}), **record},
            }
        if record.get("kind") == "case" and record.get("state") != "begun":
            key = (str(record["name"]), str(record["dtype"]))
            results = seen.setdefault(str(record["device"]), {}).setdefault(key, {})
            results[str(record["mode"])] = msgspec.convert(record, ModeResult, strict=False)
    if not fingerprint or not seen:
        raise NoProbe(
            text("This file holds no lines of the battery."), text("Choose the file that `--alone FILE` wrote.")
        )
    probes = [_judged(cases, device, fingerprint, table, when, Budget(0, 0, 0)) for device, cases in seen.items()]
    return join_probes(probes)


def join_probes(probes: Sequence[Determinism]) -> Determinism:
    """The probes of several devices of one machine as one."""
    first, *rest = probes
    for other in rest:
        torch = {**first.fingerprint.get("torch", {}), **other.fingerprint.get("torch", {})}
        first = msgspec.structs.replace(
            first,
            fingerprint={**first.fingerprint, "torch": torch},
            controls=(*first.controls, *other.controls),
            cases=(*first.cases, *other.cases),
            budget=Budget(
                first.budget.asked + other.budget.asked,
                round(first.budget.used + other.budget.used, 2),
                round(first.budget.starting + other.budget.starting, 2),
            ),
            why_not=first.why_not or other.why_not,
        )
    return first


def _judged(
    seen: dict[tuple[str, str], dict[str, ModeResult]],
    device: str,
    fingerprint: dict[str, Any],
    table: DocumentedDeterminism,
    when: dt.datetime,
    budget: Budget,
) -> Determinism:
    torch = str(fingerprint.get("torch", {}).get("torch", ""))
    controls = judge_controls(
        (name, device, mode, result)
        for (name, _), results in seen.items()
        if is_control(name)
        for mode, result in results.items()
    )
    return Determinism(
        when=when.isoformat(timespec="seconds"),
        fingerprint=fingerprint,
        controls=controls,
        budget=budget,
        cases=tuple(
            judge_case(name, device, dtype, results, table, torch)
            for (name, dtype), results in seen.items()
            if not is_control(name)
        ),
        why_not=None
        if controls and all(control.held for control in controls)
        else text("A control of the battery came out wrong, so no verdict counts."),
    )


def _modes(wish: ProbeWish) -> list[tuple[str, dict[str, str], float]]:
    """Modes with their environment and seconds; the strict mode gets what the default mode left."""
    modes: list[tuple[str, dict[str, str], float]] = [
        (DEFAULT, {}, wish.budget * 0.55),
        (STRICT, {}, wish.budget * 0.45),
    ]
    if not wish.thorough:
        return modes
    more: list[tuple[str, dict[str, str]]] = [("warn", {}), (FRESH, {})]
    if wish.device == "cpu":
        more += [("threads:1", {}), ("threads:2", {}), ("threads:4", {})]
        more += [("capability:avx2", {"ATEN_CPU_CAPABILITY": "avx2"})]
    else:
        more += [("benchmark", {}), ("tf32", {}), ("no-tf32", {}), ("stream", {})]
        more += [("workspace", {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"})]
    share = wish.thorough_budget / len(more)
    return modes + [(mode, environment, share) for mode, environment in more]


def _list_cases(wish: ProbeWish, battery: Path, folder: Path, progress: Progress) -> list[tuple[str, str]]:
    lines: list[dict[str, Any]] = []
    _run(wish, battery, ["--list"], folder, {}, progress, lambda line: lines.append(json.loads(line)))
    keys = [(line["name"], line["dtype"]) for line in lines if line.get("kind") == "listed"]
    if not keys:
        raise NoProbe(
            text("The interpreter could not run the battery."), text("Choose a Python of version 3.8 or newer.")
        )
    return keys


def _run(
    wish: ProbeWish,
    battery: Path,
    arguments: list[str],
    folder: Path,
    environment: dict[str, str],
    progress: Progress,
    on_line: Callable[[str], None],
) -> int:
    only = [part for name in wish.only for part in ("--only", name)]
    # -I: nothing of the folder, of PYTHONPATH or of the person's own site reaches the measurement.
    argv = [wish.interpreter, "-I", str(battery), "--device", wish.device, *arguments, *only]
    finished = run_program(
        argv,
        folder=folder,
        project=Path(wish.project) if wish.project else None,
        environment=environment,
        limits=ProgramLimits(seconds=None, memory_bytes=_PROCESS_BYTES, keep_last_output=True),
        progress=progress,
        what=text("Probing {device}", device=wish.device),
        on_line=lambda stream, line: on_line(line) if stream is Stream.OUTPUT else None,
    )
    return finished.code


class _Hung(Exception):
    """The case under way has been silent for too long."""


class _Steps:
    """Progress over all modes, counted in cases."""

    def __init__(self, progress: Progress, mode: str, cases: int, number: int, modes: int) -> None:
        self._progress, self._mode, self._cases, self._number, self._modes = progress, mode, cases, number, modes
        self.done = 0
        self.overdue: Callable[[], bool] = lambda: False

    def step(self, what: Text, done: int, total: int) -> None:
        """Called at every turn of the program's watch."""
        del done, total
        self._progress.step(
            text("{what}: {mode}", what=str(what), mode=self._mode),
            self._number * self._cases + self.done,
            self._modes * self._cases,
        )
        if self.overdue():
            raise _Hung


class _ModeRun:
    """One mode: as many processes as its cases need."""

    def __init__(
        self, wish: ProbeWish, battery: Path, folder: Path, mode: str, environment: dict[str, str], steps: _Steps
    ) -> None:
        self.wish, self.battery, self.folder, self.mode, self.environment = wish, battery, folder, mode, environment
        self.steps = steps
        self.results: dict[tuple[str, str], ModeResult] = {}
        self.start: dict[str, Any] = {}
        self.used = self.starting = 0.0

    def run(
        self, cases: list[tuple[str, str]], seconds: float, on_case: Callable[[str, str, str, ModeResult], None]
    ) -> None:
        """Run until every case has a result, the time is used up, or too many processes were lost."""
        for _ in range(_MOST_RESTARTS):
            left = seconds - self.used
            todo = [key for key in cases if key not in self.results]
            if not todo or left <= 0:
                break
            lost = self._one_process(left, on_case)
            if lost is None:
                break
            key, result = lost
            self.results[key] = result
            on_case(*key, self.mode, result)
        for key in cases:
            if key not in self.results:
                self.results[key] = ModeResult(ModeState.NOT_REACHED, message="its turn did not come in the time given")

    def _one_process(
        self, seconds: float, on_case: Callable[[str, str, str, ModeResult], None]
    ) -> tuple[tuple[str, str], ModeResult] | None:
        """Run one process; the case that took it down with it, or None at its ordinary end."""
        begun: dict[str, Any] = {"key": None, "at": time.monotonic(), "first": None}

        def take(line: str) -> None:
            record = _record(line)
            begun["last"] = time.monotonic()
            match record.get("kind"):
                case "start":
                    self.start = self.start or record
                    begun["first"] = begun["at"] = time.monotonic()
                case "no-torch" | "no-device":
                    begun["refusal"] = record
                case "case":
                    key = (record["name"], record["dtype"])
                    begun["at"] = time.monotonic()
                    if record["state"] == "begun":
                        begun["key"] = key
                        return
                    begun["key"] = None
                    result = msgspec.convert(record, ModeResult, strict=False)
                    self.results[key] = result
                    self.steps.done = len(self.results)
                    on_case(*key, self.mode, result)

        self.steps.overdue = lambda: (
            time.monotonic() - begun["at"] > (_CASE_SECONDS if begun["first"] is not None else _START_SECONDS)
        )
        started = time.monotonic()
        skip = [part for name, dtype in self.results for part in ("--skip", f"{name}/{dtype}")]
        lost: ModeResult | None = None
        code = 0
        try:
            code = _run(
                self.wish,
                self.battery,
                ["--mode", self.mode, "--budget", str(seconds), *skip],
                self.folder,
                self.environment,
                self.steps,
                take,
            )
        except _Hung:
            lost = ModeResult(ModeState.HUNG, message=f"silent for {_CASE_SECONDS:.0f} s")
        except ProgramFailed as error:
            if begun["first"] is None:
                raise
            lost = ModeResult(ModeState.OUT_OF_MEMORY, message=str(error.what))
        ended = begun.get("last", time.monotonic()) if lost is None else time.monotonic()
        first = begun["first"] or ended
        self.starting += first - started
        self.used += ended - first
        if begun.get("refusal"):
            raise _no_probe(begun["refusal"])
        if begun["first"] is None:
            raise NoProbe(
                text("The interpreter ended (code {code}) before the first case.", code=code),
                text("Import torch in it by hand to see what it says."),
            )
        if lost is None and code != 0:
            lost = ModeResult(ModeState.ENDED, message=f"signal {-code}" if code < 0 else f"code {code}")
        return None if lost is None or begun["key"] is None else (begun["key"], lost)


def _record(line: str) -> dict[str, Any]:
    # Whatever a library writes to the descriptor of our messages is not ours to judge.
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return record if isinstance(record, dict) else {}


def _no_probe(record: dict[str, Any]) -> NoProbe:
    if record["kind"] == "no-torch":
        return NoProbe(
            text("This interpreter cannot import torch ({said}).", said=record["message"]),
            text("Choose an interpreter that has torch, or let Repro GUI make one."),
        )
    return NoProbe(
        text("The device cannot be used ({said}).", said=record["message"]),
        text("Choose the CPU, or another device."),
    )
