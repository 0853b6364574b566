"""The record of driver and CUDA: what counts as one, and what of it the answer about the environment shows."""

from __future__ import annotations

import msgspec
import pytest

from repro_gui.audit.answers import answer_questions
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch, Weight
from repro_gui.checks.environment.gpu_stack_not_recorded import CHECK
from repro_gui.errors import CannotPlan
from repro_gui.facts.determinism import Determinism
from repro_gui.facts.environment_depth import Level
from repro_gui.facts.gpu_stack import recorded_stack, stack_record
from repro_gui.knowledge import load_knowledge
from tests.sketches import answer_from, snapshot_of

GPU = 'import torch\nmodel = torch.nn.Linear(3, 1).to("cuda")\nmodel(torch.rand(1, 3)).sum().backward()\n'
PROBED = Determinism(
    when="2026-01-01T12:00:00Z",
    fingerprint={"gpu_driver": "550.54.15", "cuda_driver": "12.4", "torch": {"torch": "2.3.1", "cuda": "12.1"}},
)
NOT_PROBED = Determinism()
ON_CPU = Determinism(when="2026-01-01T12:00:00Z", fingerprint={"cpu": "x", "torch": {"torch": "2.3.1", "cuda": None}})


def run(files: dict[str, str], determinism: Determinism = NOT_PROBED) -> CheckResult:
    snapshot = snapshot_of(Sketch(files, determinism=determinism))
    return run_check(FactsFor(snapshot, load_knowledge()), CHECK)


@pytest.mark.parametrize(
    ("files", "weight"),
    [
        ({}, Weight.SHOULD),
        ({"params.yaml": "cuda: true\nlr: 0.1\n"}, Weight.SHOULD),
        ({"params.yaml": "cuda: 12.1\n"}, Weight.SHOULD),
        ({"machine.yaml": "cuda: '12.1'\ngpu:\n  driver_version: 550.54.15\n"}, None),
        ({"requirements.txt": "torch==2.3.1+cu121\n"}, Weight.ADVICE),
        ({"requirements.txt": "torch==2.3.1\n"}, Weight.SHOULD),
        ({"environment.yml": "dependencies:\n- cudatoolkit=11.0\n"}, Weight.ADVICE),
        ({"environment.yml": "dependencies:\n- cudatoolkit\n"}, Weight.SHOULD),
        ({"Dockerfile": "FROM nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04\n"}, Weight.ADVICE),
        ({"Dockerfile": "FROM nvidia/cuda:latest\n"}, Weight.SHOULD),
    ],
)
def test_what_records_the_stack(files: dict[str, str], weight: Weight | None) -> None:
    result = run({"train.py": GPU, **files})
    assert [note.weight for note in result.findings] == ([weight] if weight else [])
    assert result.outcome is (Outcome.FAILED if weight else Outcome.PASSED)


def test_without_a_gpu_the_question_does_not_arise() -> None:
    program = GPU.replace('.to("cuda")', "")
    assert run({"train.py": program}).outcome is Outcome.NOT_APPLICABLE
    assert run({"notes.md": "x"}).outcome is Outcome.COULD_NOT_RUN


@pytest.mark.parametrize("determinism", [Determinism(), ON_CPU])
def test_nothing_is_written_that_nobody_saw(determinism: Determinism) -> None:
    side = Sketch({"train.py": GPU}, determinism=determinism)
    with pytest.raises(CannotPlan, match="probe"):
        plan_fix(snapshot_of(side), load_knowledge(), [(CHECK, None)], lambda asked: answer_from(side, asked))


def test_the_deepest_level_is_reached_by_a_record_and_by_a_kept_probe() -> None:
    def driver(files: dict[str, str], determinism: Determinism = NOT_PROBED) -> tuple[bool, str]:
        facts = FactsFor(snapshot_of(Sketch(files, determinism=determinism)), load_knowledge())
        details = [note for answer in answer_questions(facts, ()) for note in answer.details]
        (found,) = [note for note in details if note.values.get("level") == Level.DRIVER.value]
        return bool(found.values["reached"]), found.message

    assert driver({})[0] is False
    assert driver({}, ON_CPU)[0] is False
    reached, why = driver({}, PROBED)
    assert reached
    assert "kept probe" in why
    assert "the project does not" in why
    reached, why = driver({"gpu-stack.json": stack_record(PROBED).decode()})
    assert reached
    assert why == "gpu-stack.json names driver 550.54.15 and CUDA 12.1."
    assert driver({"Dockerfile": "FROM nvidia/cuda:12.1.1-base-ubuntu22.04\n"})[0] is False


def test_the_record_holds_what_can_change_bits_and_no_serial_number() -> None:
    fingerprint = {**PROBED.fingerprint, "gpus": [{"model": "NVIDIA A100", "uuid": "GPU-1234"}], "cpu": "x"}
    written = stack_record(msgspec.structs.replace(PROBED, fingerprint=fingerprint))
    assert b"GPU-1234" not in written
    assert msgspec.json.decode(written) == {
        "recorded": "2026-01-01T12:00:00Z",
        "gpus": ["NVIDIA A100"],
        "gpu_driver": "550.54.15",
        "cuda_driver": "12.4",
        "cuda": "12.1",
        "torch": "2.3.1",
    }
    snapshot = snapshot_of(Sketch({"gpu-stack.json": written.decode()}))
    found = recorded_stack(snapshot.configs, Determinism())
    assert found is not None
    assert found.location is not None
