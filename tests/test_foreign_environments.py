"""The environments beside our own hold what their lists say; none is made with CUDA."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.foreign_environments import ForeignEnvironmentMissing, cuda_parts, foreign_python, main


def test_training_has_a_torch_for_the_processor(training_python: Path) -> None:
    script = (
        "import json, torch; print(json.dumps([torch.__version__, torch.version.cuda, torch.ones(2).sum().item()]))"
    )
    version, cuda, total = json.loads(_ask(training_python, script))
    assert version.partition("+")[0] == "2.13.0"
    assert cuda is None
    assert total == 2.0


def test_the_second_call_takes_what_is_there(training_python: Path) -> None:
    assert foreign_python("training") == training_python
    assert "repro-gui" not in _ask(
        training_python, "import importlib.metadata as m; print([d.name for d in m.distributions()])"
    )


def test_an_unknown_name_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ForeignEnvironmentMissing, match="there is no list"):
        foreign_python("no-such-tool")
    assert main(["no-such-tool"]) == 2
    assert "there is no list" in capsys.readouterr().err


def test_cuda_is_seen_in_the_plan_of_pip() -> None:
    needed = [
        "sympy",
        "Nvidia-cuBLAS==13.1",
        "triton==3.6; platform_system != 'Nowhere'",
        "cuda-toolkit; extra == 'all'",
    ]
    assert cuda_parts(_plan([*needed, "nvidia-nccl; platform_system == 'Nowhere'"])) == ["nvidia-cublas", "triton"]
    assert cuda_parts(_plan(["filelock", "sympy>=1.13.3"])) == []
    assert cuda_parts({"install": [{"metadata": {"name": "torch"}}]}) == []


def _plan(needed: list[str]) -> dict[str, object]:
    return {"install": [{"metadata": {"name": "torch", "requires_dist": needed}}]}


def _ask(python: Path, script: str) -> str:
    return subprocess.run([python, "-I", "-c", script], capture_output=True, text=True, check=True, timeout=120).stdout
