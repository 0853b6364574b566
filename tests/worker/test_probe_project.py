"""Probing a project: which interpreter, trust, and what is kept for the next audit."""

from __future__ import annotations

import functools
from pathlib import Path

import msgspec
import pytest

from repro_gui.errors import NeedsTrust
from repro_gui.facts.determinism import Determinism, ProbedCase, Verdict
from repro_gui.facts.machine import Gpu
from repro_gui.facts.settings import Settings
from repro_gui.gather.gather import gather_snapshot
from repro_gui.gather.machine import describe_machine
from repro_gui.probe.mode_run import NoProbe, ProbeWish
from repro_gui.progress import NoProgress
from repro_gui.worker import probe_project as probe_project_module
from repro_gui.worker.probe_project import NoTorch, import_probe, keep_probe, probe_project, save_battery
from tests.foreign_environments import foreign_python

ONLY = ("control.varies", "control.stable", "mv")
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


def test_an_interpreter_outside_the_project_needs_trust_too(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    settings = Settings(interpreter=str(foreign_python("training")))
    with pytest.raises(NeedsTrust):
        probe_project(tmp_path / "project", settings, NoProgress(), device="cpu")


def test_torch_beside_the_application_is_found_and_needs_no_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "torch.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "beside"))
    (tmp_path / "project").mkdir()
    # Ours is asked, and it alone knows that there is nothing in it: it runs without our search path.
    with pytest.raises(NoProbe, match="cannot import torch"):
        probe_project(tmp_path / "project", Settings(), NoProgress(), device="cpu")


@pytest.mark.parametrize("number_of_gpus", [0, 1])
def test_devices_that_torch_cannot_use_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number_of_gpus: int
) -> None:
    """NVML lists a GPU, and the build of torch is for the CPU."""
    machine = describe_machine()
    gpus = (Gpu("NVIDIA A100", 80 * 1024**3),) * number_of_gpus
    monkeypatch.setattr(probe_project_module, "describe_machine", lambda: msgspec.structs.replace(machine, gpus=gpus))
    settings = Settings(interpreter=str(foreign_python("training")))
    monkeypatch.setattr(probe_project_module, "ProbeWish", functools.partial(ProbeWish, only=ONLY))
    probe = probe_project(None, settings, NoProgress(), budget=30)
    assert {case.device for case in probe.cases} == {"cpu"}
    assert [str(remark).startswith("cuda:0 was not measured: ") for remark in probe.remarks] == [True] * number_of_gpus


def test_the_battery_is_saved_with_the_line_to_run_it(tmp_path: Path) -> None:
    said = save_battery(tmp_path / "battery.pyz")
    assert "python battery.pyz --alone" in said
    assert (tmp_path / "battery.pyz").stat().st_size > 1000
