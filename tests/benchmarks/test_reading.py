"""How fast sources are read, side by side with `ruff check --select NPY --no-cache` on the same tree.

Seconds are shown, never asserted: `extra_info` holds CPU and wall time as multiples of ruff's, the least of some rounds by
turns. `make benchmark` runs this. What the issues ask for, and the test that measures it:

- five answers from the entry points, cold, within a second: `test_five_answers_cold`
- the whole tree cold, at most 6 times ruff's CPU and 3 times its wall: `test_whole_tree_cold`, and with the programs followed
  `test_whole_tree_cold_and_looked_into`
- one file changed, warm, within 100 ms: `test_one_file_changed_in_an_open_project`
- at most 400 MB, also when all modules are reached: `test_memory`
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from repro_gui.facts.program import Program, trace_program
from repro_gui.facts.settings import Settings
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.facts.sources import PythonSources
from repro_gui.facts.summarise import summarise
from repro_gui.gather.cache import Cache
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.sources import gather_sources
from repro_gui.gather.tree import walk_tree
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.benchmarks.generated_tree import write_tree

pytestmark = pytest.mark.benchmark(group="reading 3,000 files")

ROOT = Path(__file__).parent.parent.parent
_ROUNDS = 3
_FIRST_ROUNDS = 7
T = TypeVar("T")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("reading") / "project"
    assert write_tree(root) > 3_000
    return root


def _cpu() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _ruff(root: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "NPY",
        "--no-cache",
        "--exit-zero",
        "--quiet",
        os.fspath(root),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _gather(root: Path, cache: Cache | None = None) -> PythonSources:
    with ProjectFiles(root) as opened:
        files = walk_tree(opened, Settings().limits, NoProgress())
        return gather_sources(opened, files, Settings(), NoProgress(), cache or Cache(None, opened.root))


def _measure(benchmark: BenchmarkFixture, tree: Path, work: Callable[[], T], rounds: int = _ROUNDS) -> T:
    """Run the work and ruff by turns, so that whatever else the machine does slows both; the least of each counts."""
    spent: list[tuple[float, float]] = []
    spent_by_ruff: list[tuple[float, float]] = []

    def timed() -> T:
        before = _cpu(), time.perf_counter()
        made = work()
        spent.append((_cpu() - before[0], time.perf_counter() - before[1]))
        return made

    def ruff_first() -> None:
        before = _cpu(), time.perf_counter()
        _ruff(tree)
        spent_by_ruff.append((_cpu() - before[0], time.perf_counter() - before[1]))

    made: T = benchmark.pedantic(timed, setup=ruff_first, rounds=rounds)  # type: ignore[no-untyped-call]
    for index, name in enumerate(("cpu", "wall")):
        ours, ruffs = min(one[index] for one in spent), min(one[index] for one in spent_by_ruff)
        benchmark.extra_info[name] = round(ours, 3)
        benchmark.extra_info[f"{name} of ruff"] = round(ruffs, 3)
        benchmark.extra_info[f"{name} / ruff"] = round(ours / ruffs, 2)
    return made


def _in_a_process(tree: Path, until: str) -> dict[str, Any]:
    """An audit as a person starts it, without what earlier benchmarks left in this process."""
    environment = {**os.environ, "PYTHONPATH": os.fspath(ROOT)}
    command = [
        sys.executable,
        os.fspath(ROOT / "tests" / "benchmarks" / "audit_in_a_process.py"),
        os.fspath(tree),
        until,
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_ruff(benchmark: BenchmarkFixture, tree: Path) -> None:
    _measure(benchmark, tree, lambda: _ruff(tree))


def test_parser_alone(benchmark: BenchmarkFixture, tree: Path) -> None:
    import ast
    import gc

    contents = [path.read_bytes() for path in tree.rglob("*.py")]

    def parse() -> int:
        gc.disable()
        try:
            return sum(len(ast.parse(content).body) for content in contents)
        finally:
            gc.enable()

    assert _measure(benchmark, tree, parse)


def test_summaries_in_one_process(benchmark: BenchmarkFixture, tree: Path) -> None:
    contents = [(path.name, path.read_bytes()) for path in tree.rglob("*.py")]
    modules = _measure(benchmark, tree, lambda: [summarise(path, content) for path, content in contents])
    assert not any(module.not_parsed for module in modules)
    benchmark.extra_info["MB of bodies"] = sum(len(module.encoded) for module in modules) // 1_000_000


def test_five_answers_cold(benchmark: BenchmarkFixture, tree: Path) -> None:
    rounds: list[dict[str, Any]] = []
    _measure(benchmark, tree, lambda: rounds.append(_in_a_process(tree, "first")), _FIRST_ROUNDS)
    seconds = [seen["first_answers"] for seen in rounds]
    benchmark.extra_info["seconds from the start"] = {"least": min(seconds), "median": statistics.median(seconds)}
    benchmark.extra_info["read"] = f"{rounds[0]['read']} of {rounds[0]['count']}"
    benchmark.extra_info["peak MB"] = rounds[0]["peak_mb"]
    assert len(rounds[0]["answers_so_far"]) == 5
    assert "yes" not in rounds[0]["answers_so_far"].values()


@pytest.mark.parametrize("is_all_reached", [False, True])
def test_memory(benchmark: BenchmarkFixture, tree: Path, tmp_path: Path, is_all_reached: bool) -> None:
    if is_all_reached:
        tree = tmp_path / "reached"
        write_tree(tree, is_all_reached=True)
    seen = _measure(benchmark, tree, lambda: _in_a_process(tree, "whole"), rounds=1)
    benchmark.extra_info["peak MB"] = seen["peak_mb"]
    benchmark.extra_info["peak / 400 MB"] = round(seen["peak_mb"] / 400, 2)
    benchmark.extra_info["seconds"] = {name: seen[name] for name in ("first_answers", "gathered", "report")}


def test_whole_tree_cold(benchmark: BenchmarkFixture, tree: Path) -> None:
    sources = _measure(benchmark, tree, lambda: _gather(tree))
    assert len(sources.modules) > 3_000
    benchmark.extra_info["outlined"] = sum(not module.is_whole for module in sources.modules)


def test_whole_tree_cold_and_looked_into(benchmark: BenchmarkFixture, tree: Path) -> None:
    """With what is read whole only when the ways of the programs are followed, in one process."""
    knowledge = load_knowledge()

    def follow() -> Program:
        program = trace_program(
            msgspec.structs.replace(snapshot_of_files("generated", {}), sources=_gather(tree)), knowledge
        )
        assert isinstance(program, Program)
        assert program.order
        return program

    program = _measure(benchmark, tree, follow)
    benchmark.extra_info["outlined"] = sum(not module.is_whole for module in program.modules.values())


@pytest.fixture
def warm(tree: Path, tmp_path: Path) -> Callable[[], PythonSources]:
    """Reads the tree with a cache that knows it."""

    def read() -> PythonSources:
        with Cache(tmp_path / "cache", os.fspath(tree)) as cache:
            return _gather(tree, cache)

    time.sleep(0.1)  # the cache trusts no file that was written a moment ago
    read()
    return read


def test_warm_and_nothing_changed(benchmark: BenchmarkFixture, tree: Path, warm: Callable[[], PythonSources]) -> None:
    assert len(_measure(benchmark, tree, warm).modules) > 3_000


def test_warm_and_one_file_changed(benchmark: BenchmarkFixture, tree: Path, warm: Callable[[], PythonSources]) -> None:
    changed = tree / "package_00" / "module_07.py"

    def read() -> PythonSources:
        changed.write_text(changed.read_text() + f"x = {time.time_ns()}\n")
        return warm()

    assert "x" in _measure(benchmark, tree, read).by_path["package_00/module_07.py"].binds


def test_one_file_changed_in_an_open_project(benchmark: BenchmarkFixture, tree: Path) -> None:
    changed = tree / "package_00" / "module_08.py"
    cache = Cache(None, os.fspath(tree))
    time.sleep(0.1)  # the cache trusts no file that was written a moment ago
    _gather(tree, cache)

    def read() -> PythonSources:
        changed.write_text(changed.read_text() + f"x = {time.time_ns()}\n")
        return _gather(tree, cache)

    assert "x" in _measure(benchmark, tree, read, _FIRST_ROUNDS).by_path["package_00/module_08.py"].binds


def test_the_way_from_the_entry_points(benchmark: BenchmarkFixture, tree: Path) -> None:
    contents = {path.relative_to(tree).as_posix(): path.read_bytes() for path in tree.rglob("*.py")}
    snapshot = snapshot_of_files("generated", contents)

    def follow() -> int:
        program = trace_program(snapshot, load_knowledge())
        assert isinstance(program, Program)
        benchmark.extra_info["modules reached"] = len(program.order)
        return sum(1 for _ in program.calls())

    assert _measure(benchmark, tree, follow)
