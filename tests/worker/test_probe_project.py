"""Probing a project: which interpreter, trust, and what is kept for the next audit."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from repro_gui.errors import NeedsTrust
from repro_gui.facts.determinism import Determinism, ProbedCase, Verdict
from repro_gui.facts.settings import Settings
from repro_gui.gather.gather import gather_snapshot
from repro_gui.progress import NoProgress
from repro_gui.worker.probe_project import NoTorch, import_probe, keep_probe, probe_project, save_battery
from tests.foreign_environments import foreign_python

PROBE = Determinism(when="2026-01-01T00:00:00+00:00", cases=(ProbedCase("dot", "cpu", "float32", Verdict.STABLE, {}),))


def test_a_kept_probe_is_a_fact_of_the_next_audit(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import torch\n")
    assert gather_snapshot(tmp_path).determinism == Determinism()
    keep_probe(tmp_path, PROBE)
    assert gather_snapshot(tmp_path).determinism == PROBE
    assert import_probe(tmp_path, msgspec.structs.replace(PROBE, when="2026-02-02").to_json()).when == "2026-02-02"
    kept = gather_snapshot(tmp_path).determinism
    assert isinstance(kept, Determinism)
    assert kept.when == "2026-02-02"


def test_without_torch_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(NoTorch, match="--python"):
        probe_project(tmp_path, Settings(), NoProgress())


def test_an_interpreter_of_the_project_needs_trust(tmp_path: Path) -> None:
    python = foreign_python("training")
    (tmp_path / ".venv").symlink_to(python.parent.parent, target_is_directory=True)
    settings = Settings(interpreter=str(tmp_path / ".venv" / "bin" / "python"))
    with pytest.raises(NeedsTrust):
        probe_project(tmp_path, settings, NoProgress(), device="cpu")


def test_the_battery_is_saved_with_the_line_to_run_it(tmp_path: Path) -> None:
    said = save_battery(tmp_path / "battery.pyz")
    assert "python battery.pyz --alone" in said
    assert (tmp_path / "battery.pyz").stat().st_size > 1000
