"""The battery as a program for interpreters that we do not know: what it is written in, and what it does without a compiler."""

from __future__ import annotations

import ast
import datetime as dt
import os
import shutil
import sys
from pathlib import Path

import pytest

from repro_gui.facts.determinism import Determinism, ModeState
from repro_gui.knowledge import load_knowledge
from repro_gui.probe import run
from repro_gui.probe.mode_run import ProbeWish
from repro_gui.probe.run import run_probe
from repro_gui.progress import NoProgress
from tests.foreign_environments import foreign_python, interpreters_with_other_torch

WHEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
PARTS = sorted(run._PACKAGE.glob("*.py"))
# What came after Python 3.8 and is no matter of syntax.
YOUNGER = {"removeprefix", "removesuffix", "is_relative_to", "pairwise", "bit_count", "batched", "ExceptionGroup"}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.stem)
def test_it_is_written_in_python_3_8_and_the_standard_library(part: Path) -> None:
    tree = ast.parse(part.read_text(), feature_version=(3, 8))
    nodes = list(ast.walk(tree))
    imported = {name.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {
        (node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and not node.level
    }
    assert imported <= set(sys.stdlib_module_names) | {"torch"}
    # Annotations are not evaluated; everything else is.
    assert "from __future__ import annotations" in part.read_text() or len(tree.body) <= 2
    assert YOUNGER.isdisjoint({node.attr for node in nodes if isinstance(node, ast.Attribute)})
    keywords = {keyword.arg for node in nodes if isinstance(node, ast.Call) for keyword in node.keywords}
    assert "strict" not in keywords, "zip(strict=) came with 3.10"


def thorough(folder: Path, *only: str, budget: float) -> Determinism:
    folder.mkdir(exist_ok=True)
    wish = ProbeWish(
        str(foreign_python("training")),
        thorough=True,
        budget=60,
        thorough_budget=budget,
        only=(*only, "control.stable"),
    )
    return run_probe(wish, load_knowledge().determinism, {}, WHEN, folder, NoProgress())


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a compiler")
def test_compiled_operations_are_measured_cold_and_warm(tmp_path: Path) -> None:
    found = thorough(tmp_path, "softmax.backward", "mm", budget=600)
    cases = {(case.name, case.dtype): case for case in found.cases}
    for mode in ("compile:cold", "compile:warm"):
        result = cases["softmax.backward", "float32"].modes[mode]
        assert (result.state, result.distinct) == (ModeState.RAN, 1), result
        assert mode not in cases["mm", "float32"].modes
    # The seconds are those of a repeat, not of the compiler.
    assert cases["softmax.backward", "float32"].modes["compile:cold"].seconds < 1
    assert set(cases["mm", "float32"].modes) > {"default", "strict", "warn", "fresh", "threads:1", "capability:avx2"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_without_a_compiler_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    found = thorough(tmp_path / "work", "softmax.backward", budget=600)
    (case,) = found.cases
    for mode in ("compile:cold", "compile:warm"):
        assert case.modes[mode].state is ModeState.UNSUPPORTED, case.modes[mode]
        assert "compiler" in case.modes[mode].message.lower()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_compilation_does_not_break_the_time_given(tmp_path: Path) -> None:
    found = thorough(tmp_path, "softmax.backward", "layer_norm.backward", budget=9)
    for case in found.cases:
        result = case.modes.get("compile:cold")
        assert result is None or result.state in {ModeState.NOT_REACHED, ModeState.RAN}, result


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("python", interpreters_with_other_torch() or [""])
def test_another_torch_agrees_with_the_table(python: str, tmp_path: Path) -> None:
    if not python:
        pytest.skip("REPRO_GUI_OTHER_TORCH names no interpreter")
    table = load_knowledge().determinism
    found = run_probe(ProbeWish(python, budget=120), table, {}, WHEN, tmp_path, NoProgress())
    assert found.controls_held
    reached = [case for case in found.cases if case.verdict.value != "not-reached"]
    assert len(reached) > 100
    assert [f"{case.name}: {case.why_not}" for case in reached if case.verdict.value == "disagrees-with-table"] == []
    unsteady = {case.name for case in found.unsteady}
    if (os.cpu_count() or 1) > 1:
        assert {"getitem.backward", "index_put.accumulate"} <= unsteady
