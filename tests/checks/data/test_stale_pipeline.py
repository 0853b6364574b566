"""Pipelines that a real dvc ran, and what was changed since."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.data.stale_pipeline import CHECK
from repro_gui.gather.gather import gather_snapshot
from repro_gui.knowledge import load_knowledge
from tests.dvc_repositories import run_dvc
from tests.git_repositories import make_repository, write_files

pytestmark = pytest.mark.filterwarnings("default")  # those of dvc and what it imports are not ours

PIPELINE = """\
stages:
  make:
    cmd: cp raw.csv made.csv
    deps: [raw.csv, code]
    params: [make]
    outs: [made.csv]
  use:
    cmd: cp made.csv used.csv
    deps: [made.csv]
    params:
    - conf.json:
      - depth
    outs:
    - used.csv:
        cache: false
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ran") / "project"
    files: dict[str, str | bytes] = {
        "dvc.yaml": PIPELINE,
        "raw.csv": "a\r\n",
        "code/a.py": "1\n",
        "params.yaml": "make:\n  lr: 1e-3\n  on: yes\n  names: [a, b]\nother: 1\n",
        "conf.json": '{"depth": 2.0, "x": 1}',
    }
    make_repository(root, files)
    run_dvc(root, ["init", "-q"], ["repro", "-q"])
    return root


@pytest.fixture
def project(ran: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ran, tmp_path / "project"))


def judge(root: Path) -> CheckResult:
    return run_check(FactsFor(gather_snapshot(root), load_knowledge()), CHECK)


def told(root: Path) -> dict[str, list[str]]:
    return {str(note.values["stage"]): [place.message for place in note.places] for note in judge(root).findings}


def test_as_recorded(project: Path) -> None:
    result = judge(project)
    assert result.outcome is Outcome.PASSED, result
    assert [note.message for note in result.evidence] == [
        "The stage make is as recorded.",
        "The stage use is as recorded.",
    ]


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("raw.csv", "b\n", {"make": ["raw.csv is another one than in the recorded run."]}),
        ("code/b.py", "2\n", {"make": ["code is another one than in the recorded run."]}),
        ("params.yaml", "make: {lr: 0.001, on: yes, names: [a, b]}\nother: 2\n", {}),
        (
            "params.yaml",
            "make: {lr: 0.1, on: no, names: [a, b]}\n",
            {
                "make": [
                    "The parameter make.lr is 0.1; in the recorded run it was 0.001.",
                    "The parameter make.on is False; in the recorded run it was True.",
                ]
            },
        ),
        (
            "conf.json",
            '{"x": 1}',
            {"use": ["The parameter depth (2.0 in the recorded run) is not in conf.json."]},
        ),
        ("dvc.yaml", PIPELINE.replace("cp raw.csv", "cp -f raw.csv"), {"make": ["Its command is another one."]}),
        ("dvc.yaml", PIPELINE + "  last:\n    cmd: touch x\n    outs: [x]\n", {"last": []}),
        (
            "dvc.yaml",
            PIPELINE.replace("deps: [made.csv]", "deps: [made.csv, code]"),
            {"use": ["The dependency code is not recorded."]},
        ),
    ],
)
def test_what_was_changed_is_told_with_its_stage(
    project: Path, path: str, content: str, expected: dict[str, list[str]]
) -> None:
    write_files(project, {path: content})
    assert told(project) == expected


def test_one_stage_was_run_again_and_the_next_was_not(project: Path) -> None:
    write_files(project, {"raw.csv": "b\n"})
    run_dvc(project, ["repro", "-q", "make"])
    assert told(project) == {"use": ["made.csv was made anew since."]}


def test_an_output_that_is_not_here_is_not_stale(project: Path) -> None:
    (project / "made.csv").unlink()
    assert judge(project).outcome is Outcome.PASSED


def test_parameters_that_cannot_be_read_are_a_doubt(project: Path) -> None:
    write_files(project, {"params.yaml": "make: [1\n\tb"})
    assert judge(project).outcome is Outcome.COULD_NOT_RUN
    (project / "dvc.lock").write_text("stages: [")
    assert judge(project).outcome is Outcome.COULD_NOT_RUN


def test_without_a_pipeline_nothing_is_asked(tmp_path: Path) -> None:
    write_files(tmp_path / "p", {"a.py": "1\n"})
    assert judge(tmp_path / "p").outcome is Outcome.NOT_APPLICABLE
