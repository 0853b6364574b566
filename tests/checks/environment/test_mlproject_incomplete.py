"""MLproject files as people write them."""

from __future__ import annotations

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch
from repro_gui.checks.environment.mlproject_incomplete import CHECK
from repro_gui.errors import CannotPlan
from repro_gui.knowledge import load_knowledge
from tests.sketches import answer_from, snapshot_of

ENTRY = "entry_points:\n  main:\n    command: python train.py\n"


def run(files: dict[str, str]) -> CheckResult:
    return run_check(FactsFor(snapshot_of(Sketch(files)), load_knowledge()), CHECK)


@pytest.mark.parametrize(
    ("written", "faults"),
    [
        (f"conda_env: env/conda.yaml\n{ENTRY}", []),
        (f"docker_env:\n  image: a/b:1\n{ENTRY}", []),
        (f"docker_env:\n  x: a/b:1\n{ENTRY}", ["docker_env"]),
        (f"conda_env: conda.yaml\n{ENTRY}", ["conda_env"]),
        (ENTRY, ["no-environment"]),
        ("conda_env: env/conda.yaml\nentry_points:\n  main:\n    parameters:\n      a: float\n", ["no-command"]),
        ("conda_env: env/conda.yaml\nentry_points:\n  main:\n    command: python gone.py\n", ["script"]),
        ("conda_env: env/conda.yaml\nentry_points:\n  main:\n    command: 'python {script} {{x}}'\n", ["parameter"]),
        ("conda_env: env/conda.yaml\nentry_points:\n  main:\n    command: cd env && python ../train.py\n", []),
        ("conda_env: env/conda.yaml\nentry_points:\n  main:\n    command: PYTHONPATH=src python -m bikes\n", []),
        ("conda_env: env/conda.yaml\n", []),
    ],
)
def test_what_must_be_there(written: str, faults: list[str]) -> None:
    result = run({"MLproject": written, "train.py": "", "env/conda.yaml": "dependencies: []\n"})
    assert [note.values["fault"] for note in result.findings] == faults, [note.message for note in result.findings]
    assert result.outcome is (Outcome.FAILED if faults else Outcome.PASSED), result.why_not


def test_in_a_folder_paths_count_from_there() -> None:
    files = {"a/MLproject": f"conda_env: conda.yaml\n{ENTRY}", "a/train.py": "", "a/conda.yaml": "dependencies: []\n"}
    assert run(files).outcome is Outcome.PASSED
    outside = files | {"a/MLproject": f"conda_env: ../../conda.yaml\n{ENTRY}"}
    assert run(outside).outcome is Outcome.COULD_NOT_RUN


@pytest.mark.parametrize("written", ["a: [1\n", "- x\n", "", "text"])
def test_what_cannot_be_read_is_not_judged(written: str) -> None:
    assert run({"MLproject": written}).outcome is Outcome.COULD_NOT_RUN


def test_without_the_file_the_question_does_not_arise() -> None:
    assert run({"train.py": ""}).outcome is Outcome.NOT_APPLICABLE


def test_an_environment_beside_it_is_named_and_nothing_is_invented() -> None:
    side = Sketch({"MLproject": ENTRY.rstrip("\n"), "train.py": "", "environment.yml": "dependencies: []\n"})
    planned = plan_fix(snapshot_of(side), load_knowledge(), [(CHECK, None)], lambda asked: answer_from(side, asked))
    (change,) = planned.change_set.files
    assert change.after == b"conda_env: environment.yml\n" + ENTRY.rstrip("\n").encode()
    bare = Sketch({"MLproject": ENTRY, "train.py": ""})
    with pytest.raises(CannotPlan):
        plan_fix(snapshot_of(bare), load_knowledge(), [(CHECK, None)], lambda asked: answer_from(bare, asked))
