"""The battery in a real interpreter with torch, and what it survives."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from repro_gui.errors import Cancelled
from repro_gui.facts.determinism import Determinism, ModeState, Verdict
from repro_gui.knowledge import load_knowledge
from repro_gui.probe import mode_run, run
from repro_gui.probe.mode_run import NoProbe, ProbeWish
from repro_gui.probe.run import battery_file, run_probe
from repro_gui.progress import NoProgress
from repro_gui.text import Text
from tests.foreign_environments import foreign_python

WHEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
CONTROLS = ("control.varies", "control.stable")
UNSTEADY = ("getitem.backward", "index_put.accumulate")


@pytest.fixture(scope="module")
def python() -> str:
    return str(foreign_python("training"))


def probe(python: str, folder: Path, *only: str, budget: float = 60) -> Determinism:
    wish = ProbeWish(python, budget=budget, only=(*CONTROLS, *only))
    return run_probe(wish, load_knowledge().determinism, {"cpu": "test"}, WHEN, folder, NoProgress())


def test_the_battery_is_one_file_with_the_same_bytes(tmp_path: Path) -> None:
    assert battery_file() == battery_file()
    (tmp_path / "b.pyz").write_bytes(battery_file())
    assert "__main__.py" in zipfile.ZipFile(tmp_path / "b.pyz").namelist()
    listed = subprocess.run(
        [sys.executable, "-I", tmp_path / "b.pyz", "--list"], capture_output=True, text=True, check=True
    )
    names = [json.loads(line)["name"] for line in listed.stdout.splitlines()]
    assert len(names) >= 115


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one thread varies nothing")
def test_what_varies_is_seen_and_the_controls_hold(python: str, tmp_path: Path) -> None:
    found = probe(python, tmp_path, *UNSTEADY)
    assert found.controls_held
    assert len(found.controls) == 4
    unsteady = {case.name for case in found.unsteady}
    assert unsteady == set(UNSTEADY)
    steadied = {case.name for case in found.cases if case.verdict is Verdict.STABLE_UNDER_FLAG}
    assert steadied == set(UNSTEADY)
    assert all(case.price is not None for case in found.cases if case.name in UNSTEADY and case.dtype == "float32")
    assert found.fingerprint["torch"]["torch"].startswith("2.13.0")
    assert found.fingerprint["cpu"] == "test"


def test_an_interpreter_without_torch_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(NoProbe, match="cannot import torch"):
        probe(sys.executable, tmp_path, "mm")


def test_a_broken_torch_is_told(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    site = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    (site / "torch.py").write_text("raise ImportError('libcudart.so: cannot open')")
    (tmp_path / "work").mkdir()
    with pytest.raises(NoProbe, match="libcudart"):
        probe(str(tmp_path / "venv" / "bin" / "python"), tmp_path / "work", "mm")


def test_no_such_device_is_told(python: str, tmp_path: Path) -> None:
    with pytest.raises(NoProbe, match="device cannot be used"):
        run_probe(
            ProbeWish(python, device="cuda:0", only=CONTROLS),
            load_knowledge().determinism,
            {},
            WHEN,
            tmp_path,
            NoProgress(),
        )


# What a case does in the default mode, in the order of the battery: the most valuable first. Other cases stand between.
ATTACKS = {
    "attack.segfault": (120, "import ctypes; ctypes.string_at(0)"),
    "attack.error": (110, "raise RuntimeError('oops')"),
    "attack.exit": (3, "import os; os._exit(7)"),
    "attack.hang": (2, "import time; time.sleep(3600)"),
    # Holds what it took, so that a loaded machine cannot look away for too long.
    "attack.memory": (1, "import time; x = b'x' * (1024**3); time.sleep(3600)"),
}


def test_the_battery_goes_on_after_whatever_a_case_does(
    python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "battery"
    shutil.copytree(run._PACKAGE, package)
    cases = "".join(
        f"\n\n@case({name!r}, value={value})\ndef _(b):\n    def run():\n        import sys\n"
        f"        if sys.argv[sys.argv.index('--mode') + 1] == 'default':\n            {code}\n"
        "        return [b.normal(3)]\n    return run\n"
        for name, (value, code) in ATTACKS.items()
    )
    (package / "controls.py").write_text((package / "controls.py").read_text() + cases)
    monkeypatch.setattr(run, "_PACKAGE", package)
    # Every restart imports torch again: a silence of five seconds is the longest wait that keeps this test short, and
    # ten times what the slowest of these cases needs on a busy machine.
    monkeypatch.setattr(mode_run, "_CASE_SECONDS", 5.0)
    monkeypatch.setattr(mode_run, "_PROCESS_BYTES", 1024**3)
    found = probe(python, tmp_path, "mv", *ATTACKS)
    states = {case.name: case.modes["default"].state for case in found.cases}
    assert states == {
        "attack.segfault": ModeState.ENDED,
        "attack.error": ModeState.FAILED,
        "mv": ModeState.RAN,
        "attack.exit": ModeState.ENDED,
        "attack.hang": ModeState.HUNG,
        "attack.memory": ModeState.OUT_OF_MEMORY,
    }
    # The last attack took its process with it; the next mode came all the same.
    assert {case.modes["strict"].state for case in found.cases} == {ModeState.RAN}
    assert len(found.controls) == 4
    assert found.controls_held


def test_cancel_ends_it(python: str, tmp_path: Path) -> None:
    class Impatient:
        turns = 0

        def step(self, what: Text, done: int, total: int) -> None:
            self.turns += 1
            if self.turns > 10:
                raise Cancelled

    wish = ProbeWish(python, budget=60)
    with pytest.raises(Cancelled):
        run_probe(wish, load_knowledge().determinism, {}, WHEN, tmp_path, Impatient())


def test_progress_counts_cases(python: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    class Recording:
        def step(self, what: Text, done: int, total: int) -> None:
            seen.append((done, total))

    run_probe(ProbeWish(python, only=(*CONTROLS, "mv")), load_knowledge().determinism, {}, WHEN, tmp_path, Recording())
    done = [done for done, total in seen if total]
    assert done == sorted(done)
    assert {total for _, total in seen if total} == {6}


@pytest.mark.timeout(1800)
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one thread varies nothing")
@pytest.mark.parametrize("runs", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_the_default_budget_is_kept_and_finds_what_varies(python: str, tmp_path: Path, runs: int) -> None:
    hits = dict.fromkeys(UNSTEADY, 0)
    for number in range(runs):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = run_probe(ProbeWish(python), load_knowledge().determinism, {}, WHEN, folder, NoProgress())
        assert found.controls_held
        assert found.budget.used <= found.budget.asked * 1.1
        for case in found.unsteady:
            if case.name in hits and case.dtype == "float32":
                hits[case.name] += 1
    # One miss in so many is allowed.
    assert all(count >= runs - 1 for count in hits.values()), hits


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_one_thread_varies_nothing(python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = run_probe(ProbeWish(python), load_knowledge().determinism, {}, WHEN, folder, NoProgress())
        assert found.controls_held
        # lstsq reads memory that nobody set, with any number of threads: no false alarm (resources/knowledge/determinism.toml).
        assert [case.name for case in found.unsteady if case.name != "linalg.lstsq"] == []


def test_it_runs_alone_and_is_read_back(python: str, tmp_path: Path) -> None:
    (tmp_path / "battery.pyz").write_bytes(battery_file())
    only = [part for name in (*CONTROLS, "mv") for part in ("--only", name)]
    command = [python, "battery.pyz", "--alone", "probe.jsonl", *only]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    found = run.probe_from_lines((tmp_path / "probe.jsonl").read_bytes(), load_knowledge().determinism, WHEN)
    assert found.controls_held
    assert [(case.name, case.verdict) for case in found.cases] == [("mv", Verdict.STABLE)]
    assert set(found.cases[0].modes) == {"default", "strict", "warn", "fresh"}
    assert found.fingerprint["torch"]["torch"].startswith("2.13.0")


def test_lines_of_something_else_are_refused() -> None:
    with pytest.raises(NoProbe, match="no lines of the battery"):
        run.probe_from_lines(b"\xff\x00 nothing\n[]\n", load_knowledge().determinism, WHEN)
