"""What the probe makes of interpreters, devices and clocks that fail: told in the battery's lines by a program in its place.

No GPU was at hand: the lines are those that `battery/__main__.py` writes when torch says such a thing.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from repro_gui.facts.determinism import Determinism, ModeState, Verdict
from repro_gui.knowledge import load_knowledge
from repro_gui.probe import mode_run
from repro_gui.probe.mode_run import NoProbe, ProbeWish
from repro_gui.probe.run import probe_from_lines, run_probe
from repro_gui.probe.told import tell_probe
from repro_gui.progress import NoProgress

WHEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NAMES = ("control.varies", "control.stable", "mm", "cumsum", "dot")
# Speaks as the battery does. `acts` says what happens before the case of a name, by mode and the number of the process.
STAND_IN = """#!{python}
import json, os, signal, sys, time
arguments = sys.argv[sys.argv.index("--device"):]
def after(name, default=""):
    return arguments[arguments.index(name) + 1] if name in arguments else default
def say(**record):
    print(json.dumps(record), flush=True)
names = {names!r}
if "--list" in arguments:
    for name in names:
        say(kind="listed", name=name, dtype="float32", value=1, suspect=False, compiles=False)
    sys.exit()
mode, device = after("--mode"), after("--device")
counted = {counted!r} + mode
with open(counted, "a") as file:
    file.write("x")
number = os.path.getsize(counted)
acts = {acts!r}.get(mode + str(number), {{}})
def act(name):
    what = acts.get(name)
    if what == "illegal":
        os.kill(os.getpid(), signal.SIGILL)
    if what == "no-device":
        say(kind="no-device", message="RuntimeError: CUDA unknown error")
        sys.exit(4)
    if what == "no-torch":
        say(kind="no-torch", message="ImportError: libtorch_cpu.so: undefined symbol")
        sys.exit(3)
    if what == "old":
        say(kind="no-device", message="RuntimeError: The NVIDIA driver on your system is too old (found version 11040)")
        sys.exit(4)
    if what == "sleep":
        time.sleep(3600)
    return what
act("import")
say(kind="start", protocol=1, mode=mode, device=device, torch="2.13.0", backend="cuda", devices=[])
skipped = {{arguments[at + 1] for at, word in enumerate(arguments) if word == "--skip"}}
for name in names:
    if name + "/float32" in skipped:
        continue
    same = dict(kind="case", name=name, dtype="float32", device=device, mode=mode)
    say(**same, state="begun")
    what = act(name)
    if what == "lost":
        say(**same, state="failed", message="RuntimeError: CUDA error: GPU has fallen off the bus")
        say(kind="device-lost", message="RuntimeError: CUDA error: GPU has fallen off the bus")
        sys.exit(6)
    if what == "memory":
        say(**same, state="out-of-memory", message="OutOfMemoryError: CUDA out of memory")
        continue
    distinct = 2 if name == "control.varies" else 1
    say(**same, state="ran", repeats=3, distinct=distinct, digest="aa", seconds=0.001, largest_difference=None)
    print("a library says something", flush=True)
say(kind="end", mode=mode, device=device, peak_device_memory=None)
"""


def probe(folder: Path, acts: dict[str, dict[str, str]], device: str = "cuda:0", budget: float = 60) -> Determinism:
    """Probe with a program that does `acts`: by mode and number of its process, what happens at the import or at a case."""
    program = folder / "python"
    script = STAND_IN.format(python=sys.executable, names=NAMES, counted=str(folder / "count-"), acts=acts)
    program.write_text(script)
    program.chmod(0o755)
    work = folder / "work"
    work.mkdir()
    wish = ProbeWish(str(program), device=device, budget=budget)
    return run_probe(wish, load_knowledge().determinism, {}, WHEN, work, NoProgress())


def states(found: Determinism, mode: str) -> dict[str, ModeState]:
    return {case.name: case.modes[mode].state for case in found.cases}


RAN = dict.fromkeys(NAMES[2:], ModeState.RAN)


def test_a_gpu_that_is_lost_in_the_middle_leaves_what_ran(tmp_path: Path) -> None:
    found = probe(
        tmp_path,
        {"default1": {"cumsum": "lost"}, "default2": {"import": "no-device"}, "strict1": {"import": "no-device"}},
    )
    assert states(found, "default") == {"mm": ModeState.RAN, "cumsum": ModeState.FAILED, "dot": ModeState.NOT_REACHED}
    verdicts = {case.name: (case.verdict, str(case.why_not)) for case in found.cases}
    assert verdicts["mm"][0] is Verdict.STABLE
    assert verdicts["cumsum"] == (Verdict.UNSUPPORTED, "RuntimeError: CUDA error: GPU has fallen off the bus")
    assert verdicts["dot"][0] is Verdict.NOT_REACHED
    assert "CUDA unknown error" in verdicts["dot"][1]
    # Why the rest was not reached is said, in the window too (`why_words`).
    assert any(
        "1 · The device cannot be used (RuntimeError: CUDA unknown error)." in line for line in tell_probe(found)
    )
    # Under the flag nothing ran, and nothing is claimed; the controls of what ran held.
    assert states(found, "strict") == dict.fromkeys(NAMES[2:], ModeState.NOT_REACHED)
    assert {control.mode for control in found.controls} == {"default"}
    assert found.controls_held


def test_a_device_that_comes_back_goes_on(tmp_path: Path) -> None:
    found = probe(tmp_path, {"default1": {"cumsum": "lost"}})
    assert states(found, "default") == {**RAN, "cumsum": ModeState.FAILED}
    assert states(found, "strict") == RAN
    assert found.controls_held


def test_an_illegal_instruction_in_a_case_costs_that_case(tmp_path: Path) -> None:
    found = probe(tmp_path, {"default1": {"mm": "illegal"}})
    assert states(found, "default") == {**RAN, "mm": ModeState.ENDED}
    assert "signal 4" in found.cases[0].modes["default"].message
    assert "ended the interpreter" in str(found.cases[0].why_not)


def test_an_illegal_instruction_while_torch_is_imported_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoProbe, match="signal 4"):
        probe(tmp_path, {"default1": {"import": "illegal"}})


def test_a_torch_that_breaks_later_leaves_what_ran(tmp_path: Path) -> None:
    found = probe(tmp_path, {"strict1": {"import": "illegal"}})
    assert states(found, "default") == RAN
    assert {case.modes["strict"].message for case in found.cases} == {
        "The interpreter ended (signal 4) before the first case."
    }


@pytest.mark.parametrize(("act", "said"), [("no-torch", "undefined symbol"), ("old", "too old")])
def test_what_cannot_begin_says_why(tmp_path: Path, act: str, said: str) -> None:
    with pytest.raises(NoProbe, match=said):
        probe(tmp_path, {"default1": {"import": act}})


def test_a_full_device_costs_the_case_that_wanted_more(tmp_path: Path) -> None:
    found = probe(tmp_path, {"default1": {"cumsum": "memory"}})
    assert states(found, "default") == {**RAN, "cumsum": ModeState.OUT_OF_MEMORY}
    assert "not enough memory" in str(next(case.why_not for case in found.cases if case.name == "cumsum"))


def test_a_clock_that_jumps_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()

    # A machine that sleeps for an hour in the middle, as some clocks count it.
    def jumping() -> float:
        now = time.monotonic()
        return now + 3600 if now - begun > 0.5 else now

    monkeypatch.setattr(mode_run, "time", SimpleNamespace(monotonic=jumping))
    found = probe(tmp_path, {}, budget=1e6)
    assert states(found, "default") == states(found, "strict") == RAN
    assert found.controls_held


def test_a_case_that_hangs_is_seen_by_its_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mode_run, "_CASE_SECONDS", 1.0)
    found = probe(tmp_path, {"default1": {"mm": "sleep"}})
    assert states(found, "default") == {**RAN, "mm": ModeState.HUNG}


@pytest.mark.parametrize("backend", ["cuda", "rocm", "mps"])
def test_what_its_makers_have_not_tried_is_said(backend: str) -> None:
    def line(**record: Any) -> str:
        return json.dumps(record)

    same = {"kind": "case", "dtype": "float32", "device": "cuda:0", "mode": "default", "state": "ran", "repeats": 3}
    lines = [
        line(kind="start", mode="default", torch="2.13.0", backend=backend),
        line(**same, name="control.varies", distinct=2),
        line(**same, name="control.stable", distinct=1),
        line(**same, name="mm", distinct=1),
    ]
    found = probe_from_lines("\n".join(lines).encode(), load_knowledge().determinism, WHEN)
    assert [("has not been tried by its makers" in str(remark)) for remark in found.remarks] == [True]
    assert "remarks" in json.loads(found.to_json())


def test_lines_that_somebody_changed_are_refused() -> None:
    lines = b'{"kind": "start", "mode": "default"}\n{"kind": "case", "state": "danced", "name": "mm"}\n'
    with pytest.raises(NoProbe, match="not one of the battery"):
        probe_from_lines(lines, load_knowledge().determinism, WHEN)
