"""First window, first answers (so far), and how long the window stands still while 3,000 files are audited.

Milliseconds are shown, never asserted. `make benchmark` runs this; each round is a process of its own, as a person starts it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.generated_tree import write_tree

pytestmark = pytest.mark.benchmark(group="windows, 3,000 files")
ROOT = Path(__file__).parent.parent.parent
SCRIPT = ROOT / "tests" / "ui" / "window_in_a_process.py"
_ROUNDS = 5


def test_windows(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    root = tmp_path / "project"
    assert write_tree(root) > 3_000
    rounds: list[dict[str, object]] = []

    def once() -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
            "REPRO_GUI_SETTINGS": str(tmp_path / "windows.ini"),
            # Every round reads everything anew.
            "XDG_CACHE_HOME": str(tmp_path / f"cache-{len(rounds)}"),
        }
        command = [sys.executable, str(SCRIPT), str(root)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=True)
        rounds.append(json.loads(done.stdout))

    benchmark.pedantic(once, rounds=_ROUNDS)  # type: ignore[no-untyped-call]
    for name in ("first_window", "first_answers", "report", "stall_p99_ms"):
        values = [float(str(seen[name])) for seen in rounds]
        benchmark.extra_info[name] = {"median": statistics.median(values), "largest": max(values)}
    longest = [seen["stall_ms"][-1] for seen in rounds]  # type: ignore[index]
    benchmark.extra_info["stall_ms"] = {"median": statistics.median(longest), "largest": max(longest)}
    print(json.dumps(benchmark.extra_info, indent=2))
    assert {seen["files"] for seen in rounds} == {rounds[0]["files"]}
