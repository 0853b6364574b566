"""Stages of a `dvc.yaml`: what they write are results, and the parameters that DVC records are recorded."""

from __future__ import annotations

import pytest

from repro_gui.facts.launchers import PipelineStage, read_launchers
from tests.checks.tracking.test_tracking_checks import verdict
from tests.facts.test_program import trace

PREPARE = "import random, sys\nprint(random.random(), file=open(sys.argv[1], 'w'))\n"
TRAIN = "from sklearn.linear_model import SGDClassifier\nSGDClassifier().fit([[0.0], [1.0]], [0, 1])\n"


def pipeline(prepare: str = "", train: str = "") -> str:
    return f"stages:\n  prepare:\n    cmd: python prepare.py data/out\n{prepare}  train:\n    cmd: python train.py\n{train}"


@pytest.mark.parametrize(
    ("stage", "makes_results"),
    [
        ("    outs: [data/out]\n", True),
        ("    metrics:\n    - scores.json\n", True),
        ("    deps: [prepare.py]\n", False),
    ],
)
def test_a_stage_that_writes_makes_results(stage: str, makes_results: bool) -> None:
    program = trace(
        {"dvc.yaml": pipeline(stage), "prepare.py": "import helper\nhelper.run()\n", "helper.py": "def run(): pass\n"}
    )
    (entry,) = (entry for entry in program.entry_points if entry.path == "prepare.py")
    assert entry.makes_results is makes_results
    assert entry.because_location is None or str(entry.because_location).startswith("dvc.yaml:3")


def test_a_stage_stays_one_when_the_readme_names_its_script_first() -> None:
    files = {
        "README.md": "```\npython prepare.py x\n```\n",
        "dvc.yaml": pipeline("    outs: [x]\n"),
        "prepare.py": "print()\n",
    }
    (entry,) = trace(files).entry_points
    assert entry.makes_results
    assert str(entry.how) == "README.md says how to run it."
    assert entry.pipeline is not None


def test_a_stage_that_only_tests_stands_apart() -> None:
    files = {
        "dvc.yaml": "stages:\n  t:\n    cmd: python tests/test_all.py\n    outs: [x]\n",
        "tests/test_all.py": "print()\n",
    }
    assert [entry.role for entry in trace(files).entry_points] == ["tests"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("    params: [train.lr, seed]\n", PipelineStage(True, ("train.lr", "seed"), 5)),
        ("    params:\n    - lr\n    - other.yaml:\n      - a\n      - b\n", PipelineStage(True, ("lr", "a", "b"), 6)),
        ("    params:\n    - other.toml:\n", PipelineStage(True, ("other.toml",), 6)),
        ("    params: []\n", PipelineStage(True)),
        ("", PipelineStage(True)),
    ],
)
def test_parameters_of_a_stage(params: str, expected: PipelineStage) -> None:
    content = f"stages:\n  train:\n    cmd: python train.py\n    outs: [m]\n{params}"
    (command,) = read_launchers("dvc.yaml", content.encode()).commands
    assert command.stage == expected


@pytest.mark.parametrize(
    ("prepare", "train", "train_source", "expected"),
    [
        ("", "    params: [lr]\n", TRAIN, "yes"),
        ("    params: [split]\n    outs: [data/out]\n", "", TRAIN, "yes"),
        ("    outs: [data/out]\n", "", TRAIN, "none"),
        ("", "", "import mlflow\nmlflow.log_params({'lr': 1})\n" + TRAIN, "yes"),
    ],
)
def test_a_pipeline_is_one_program_for_tracking(prepare: str, train: str, train_source: str, expected: str) -> None:
    files = {"dvc.yaml": pipeline(prepare, train), "prepare.py": PREPARE, "train.py": train_source}
    assert verdict(files) == expected
