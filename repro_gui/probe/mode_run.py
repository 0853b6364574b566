"""One mode of the battery: as many processes as its cases need, whatever they do to them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.errors import ProgramFailed, ReproGuiError
from repro_gui.facts.determinism import ModeResult, ModeState
from repro_gui.processes import ProgramLimits, Stream, run_program
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from repro_gui.progress import Progress

# A case takes milliseconds; this long without a word means that it will not come back.
_CASE_SECONDS = 20.0
# Compiling one on a busy machine took 60.
_COMPILE_SECONDS = 120.0
_START_SECONDS = 120.0
# What one look at the clock can add to a silence: a clock that jumps, or a machine that slept, is no silence.
_LONGEST_TURN = 1.0
_PROCESS_BYTES = 6 * 1024**3
# One process more for each case that ends it; after so many something else is wrong.
_MOST_RESTARTS = 8
NO_TIME = "its turn did not come in the time given"

Key = tuple[str, str]


class NoProbe(ReproGuiError):
    """The battery cannot run in this interpreter or on this device."""


class ProbeWish(msgspec.Struct, frozen=True):
    """What to probe: which interpreter, on which device (`cpu`, `cuda:0`, `mps`), for how many seconds; `thorough` adds modes.

    `project` is the folder whose trust the interpreter needs; empty for one that we made. `only` names cases.
    """

    interpreter: str
    device: str = "cpu"
    budget: float = 10.0
    thorough: bool = False
    thorough_budget: float = 60.0
    project: str = ""
    only: tuple[str, ...] = ()


class Mode(msgspec.Struct, frozen=True):
    """One mode: its name for the battery, the environment of its processes, and its part of the time left to all."""

    name: str
    environment: Mapping[str, str] = {}
    weight: float = 1.0

    @property
    def is_compiling(self) -> bool:
        """Whether torch.compile is tried, with the few cases that are worth it."""
        return self.name.startswith("compile:")


class ModeRun:
    """Runs one mode; afterwards every case has a result.

    `is_first` says that nothing ran before: then an interpreter or device that cannot be used raises `NoProbe`, later it
    is why the rest was not reached.
    """

    def __init__(
        self, wish: ProbeWish, battery: Path, folder: Path, mode: Mode, steps: Steps, *, is_first: bool
    ) -> None:
        self.wish, self.battery, self.folder, self.mode, self.steps = wish, battery, folder, mode, steps
        self.is_first = is_first
        self.results: dict[Key, ModeResult] = {}
        self.start: dict[str, Any] = {}
        self.used = self.starting = 0.0
        self._why_not = NO_TIME

    def run(self, cases: list[Key], seconds: float, on_case: Callable[[str, str, str, ModeResult], None]) -> None:
        """Run until every case has a result, the time is used up, or too many processes were lost."""
        for _ in range(_MOST_RESTARTS):
            left = seconds - self.used
            if left <= 0 or not self._is_unfinished(cases) or not self._one_process(left, on_case):
                break
        for key in cases:
            if key not in self.results:
                self.results[key] = ModeResult(ModeState.NOT_REACHED, message=self._why_not)

    def _is_unfinished(self, cases: list[Key]) -> bool:
        return any(key not in self.results for key in cases)

    def _one_process(self, seconds: float, on_case: Callable[[str, str, str, ModeResult], None]) -> bool:
        """Run one process; true when another one should go on where it stopped."""
        seen = _Seen(self, on_case)
        longest = _COMPILE_SECONDS if self.mode.is_compiling else _CASE_SECONDS

        def is_overdue(silence: float) -> bool:
            if seen.first is None:
                return silence > _START_SECONDS
            # A compilation cannot be asked to hurry: the battery looks at its time between repeats only.
            return silence > longest or (self.mode.is_compiling and time.monotonic() - seen.first > seconds + 1)

        self.steps.is_overdue = is_overdue
        started = time.monotonic()
        skip = [part for name, dtype in self.results for part in ("--skip", f"{name}/{dtype}")]
        lost: ModeResult | None = None
        code = 0
        try:
            code = run_battery(
                self.wish,
                self.battery,
                ["--mode", self.mode.name, "--budget", str(seconds), *skip],
                self.folder,
                self.mode.environment,
                self.steps,
                seen.take,
            )
        except _Hung:
            lost = ModeResult(ModeState.HUNG, message=f"silent for {longest:.0f} s")
            if self.mode.is_compiling and self.steps.silence <= longest:
                lost = ModeResult(ModeState.NOT_REACHED, message="compiling it took longer than the time given")
        except ProgramFailed as error:
            if seen.first is None and self.is_first:
                raise
            lost = ModeResult(ModeState.OUT_OF_MEMORY, message=str(error.what))
        ended = time.monotonic() if lost is not None else seen.last or time.monotonic()
        first = seen.first or ended
        self.starting += first - started
        self.used += ended - first
        if seen.first is None:
            return self._without_start(seen.refusal, code)
        self.is_first = False
        if seen.device_lost:
            self._why_not = f"the device was lost ({seen.device_lost})"
            return True
        if lost is None and code != 0:
            lost = ModeResult(ModeState.ENDED, message=f"signal {-code}" if code < 0 else f"code {code}")
        if lost is None or seen.under_way is None:
            return False
        self.results[seen.under_way] = lost
        on_case(*seen.under_way, self.mode.name, lost)
        return True

    def _without_start(self, refusal: dict[str, Any] | None, code: int) -> bool:
        """Nothing ran in this process: raise while that is all there is, else keep why."""
        if refusal is not None:
            problem = _no_probe(refusal)
        else:
            said = f"signal {-code}" if code < 0 else f"code {code}"
            problem = NoProbe(
                text("The interpreter ended ({said}) before the first case.", said=said),
                text("Import torch in it by hand to see what it says."),
            )
        if self.is_first:
            raise problem
        self._why_not = str(problem.what)
        return False


class _Seen:
    """What one process has said so far."""

    def __init__(self, run: ModeRun, on_case: Callable[[str, str, str, ModeResult], None]) -> None:
        self._run, self._on_case = run, on_case
        self.under_way: Key | None = None
        self.first: float | None = None
        self.last: float | None = None
        self.refusal: dict[str, Any] | None = None
        self.device_lost = ""

    def take(self, line: str) -> None:
        record = read_record(line)
        self.last = time.monotonic()
        match record.get("kind"):
            case "start":
                self._run.start = self._run.start or record
                self.first = self.last
                self._run.steps.heard()
            case "no-torch" | "no-device":
                self.refusal = record
            case "device-lost":
                self.device_lost = str(record.get("message", ""))
            case "case":
                self._run.steps.heard()
                key = (record["name"], record["dtype"])
                if record["state"] == "begun":
                    self.under_way = key
                    return
                self.under_way = None
                result = msgspec.convert(record, ModeResult, strict=False)
                self._run.results[key] = result
                self._run.steps.done = len(self._run.results)
                self._on_case(*key, self._run.mode.name, result)


class _Hung(Exception):
    """The case under way has been silent for too long."""


class Steps:
    """Progress over all modes, counted in cases: `before` were done in the modes before, of `total`."""

    def __init__(self, progress: Progress, mode: str, before: int, total: int) -> None:
        self._progress, self._mode, self._before, self._total = progress, mode, before, total
        self._looked = time.monotonic()
        self.done = 0
        self.silence = 0.0
        self.is_overdue: Callable[[float], bool] = lambda _silence: False

    def heard(self) -> None:
        """A case began or ended: the silence is over."""
        self.silence = 0.0

    def step(self, what: Text, done: int, total: int) -> None:
        """Called at every turn of the program's watch."""
        del done, total
        now = time.monotonic()
        self.silence += min(max(0.0, now - self._looked), _LONGEST_TURN)
        self._looked = now
        self._progress.step(
            text("{what}: {mode}", what=str(what), mode=self._mode), self._before + self.done, self._total
        )
        if self.is_overdue(self.silence):
            raise _Hung


def run_battery(
    wish: ProbeWish,
    battery: Path,
    arguments: list[str],
    folder: Path,
    environment: Mapping[str, str],
    progress: Progress,
    on_line: Callable[[str], None],
) -> int:
    """Run the battery once in the wished interpreter; gives its exit code. Raises `NeedsTrust`, `Cancelled`, `ProgramFailed`."""
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


def read_record(line: str) -> dict[str, Any]:
    """One line of the battery; empty for whatever a library wrote between."""
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
