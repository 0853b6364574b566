"""Which commands in a README count, and what the fix adds."""

from __future__ import annotations

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch
from repro_gui.checks.code.no_run_instructions import _TRAIN, CHECK
from repro_gui.knowledge import load_knowledge
from tests.sketches import answer_from, snapshot_of


def run(files: dict[str, str]) -> CheckResult:
    return run_check(FactsFor(snapshot_of(Sketch(files)), load_knowledge()), CHECK)


def fixed(files: dict[str, str]) -> dict[str, bytes | None]:
    sketch = Sketch(files)
    planned = plan_fix(
        snapshot_of(sketch), load_knowledge(), [(CHECK, None)], lambda wanted: answer_from(sketch, wanted)
    )
    return {change.path: change.after for change in planned.change_set.files}


@pytest.mark.parametrize(
    "readme",
    [
        "```sh\npython train.py --lr 0.1\n```\n",
        "```\n$ make reproduce\n```\n",
        "```bash\ndvc repro\n```\n",
        "```bash\nbash run.sh\n```\n",
    ],
)
def test_a_command_that_gets_results_is_enough(readme: str) -> None:
    result = run({"train.py": _TRAIN, "README.md": readme})
    assert result.outcome is Outcome.PASSED
    assert result.evidence[0].path == "README.md"


@pytest.mark.parametrize("readme", ["Run python train.py\n", "```sh\npip install -r requirements.txt\n```\n", ""])
def test_installing_or_prose_alone_is_not(readme: str) -> None:
    assert run({"train.py": _TRAIN, "README.md": readme}).outcome is Outcome.FAILED


@pytest.mark.parametrize("command", ["dvc pull", "docker build -t wheat .", "mlflow ui --port 5000"])
def test_what_only_prepares_or_shows_gets_no_results(command: str) -> None:
    assert run({"train.py": _TRAIN, "README.md": f"```sh\n{command}\n```\n"}).outcome is Outcome.FAILED


def test_without_a_program_nothing_is_claimed() -> None:
    assert run({"README.md": "hello\n"}).outcome is Outcome.COULD_NOT_RUN


def test_a_missing_readme_is_written() -> None:
    after = fixed({"train.py": _TRAIN, "requirements.txt": "scikit-learn==1.5.0\n"})
    assert after == {"README.md": b"## Reproduce\n\n```sh\npip install -r requirements.txt\npython train.py\n```\n"}


def test_line_ends_stay_and_names_are_quoted() -> None:
    after = fixed({"my train.py": _TRAIN, "README.md": "# A\r\n\r\ntext without end"})
    assert after["README.md"] == (
        b"# A\r\n\r\ntext without end\r\n\r\n## Reproduce\r\n\r\n```sh\r\npython 'my train.py'\r\n```\r\n"
    )


def test_a_notebook_is_executed_not_opened() -> None:
    notebook = '{"cells": [{"cell_type": "code", "source": ["from sklearn.svm import SVC\\n", "SVC().fit([[0], [1]], [0, 1])"], "metadata": {}, "outputs": [], "execution_count": null}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    after = fixed({"fit.ipynb": notebook, "README.rst": "A model\n=======\n"})
    content = after["README.rst"]
    assert content is not None
    assert b"::\n\n    jupyter nbconvert --to notebook --execute --inplace fit.ipynb\n" in content


@pytest.mark.parametrize(
    ("path", "description", "command"),
    [
        ("MLproject", "entry_points:\n  main:\n    command: python train.py {alpha}\n", b"mlflow run .\n"),
        ("dvc.yaml", "stages:\n  train:\n    cmd: python train.py\n    outs: [m]\n", b"dvc repro\n"),
        ("run.sh", "python train.py --lr 0.1\n", b"python train.py --lr 0.1\n"),
        ("run.sh", "python train.py --lr $LR\n", b"python train.py\n"),
    ],
)
def test_what_describes_the_run_is_what_is_shown(path: str, description: str, command: bytes) -> None:
    after = fixed({"train.py": _TRAIN, path: description, "README.md": "# A\n"})
    assert after["README.md"] == b"# A\n\n## Reproduce\n\n```sh\n" + command + b"```\n"
