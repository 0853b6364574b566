"""The fourth question, case by case of the table of answers."""

from __future__ import annotations

import msgspec
import pytest

from repro_gui.audit.environment_answer import answer_environment
from repro_gui.audit.report import Answer
from repro_gui.facts.environment import Environment
from repro_gui.facts.environment_depth import Level, environment_depth
from repro_gui.facts.rebuild import Rebuild, RebuildSource, RebuildState, TriedImport
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

DIGEST = "sha256:" + "0123456789abcdef" * 4
LIST = '[project]\nname = "x"\ndependencies = ["six>=1.16"]\n'
LOCK = 'version = 1\n[[package]]\nname = "six"\nversion = "{}"\nwheels = [{{ url = "u", hash = "sha256:a" }}]\n'
EXACT_CONDA = "dependencies:\n- python=3.11.9\n- numpy=1.26.4\n- pip:\n  - torch==2.3.1\n"


@pytest.mark.parametrize(
    ("files", "answer"),
    [
        ({}, Answer.NO),
        ({"train.py": "import numpy"}, Answer.NO),
        ({"requirements.txt": "numpy\n"}, Answer.PARTLY),
        ({"requirements.txt": "numpy==1.26.4\nsix\n"}, Answer.PARTLY),
        ({"requirements.txt": "numpy==1.26.4\nsix==1.16.0\n"}, Answer.YES),
        ({"requirements.txt": "numpy==1.26.4\n", "requirements-dev.txt": "pytest\n"}, Answer.YES),
        ({"requirements.txt": "numpy\n-c limits.txt\n", "limits.txt": "numpy==1.26.4\n"}, Answer.YES),
        ({"requirements.txt": "numpy==1.26.4\nx y z !\n"}, Answer.PARTLY),
        ({"requirements.txt": "git+https://github.com/a/b@main\nsix==1.16.0\n"}, Answer.PARTLY),
        ({"requirements.txt": "# Versions resolved as of 2024-01-01, not observed\nsix==1.16.0\n"}, Answer.PARTLY),
        ({"pyproject.toml": LIST}, Answer.PARTLY),
        ({"pyproject.toml": LIST, "uv.lock": LOCK.format("1.16.0")}, Answer.YES),
        ({"pyproject.toml": LIST, "uv.lock": LOCK.format("1.15.0")}, Answer.PARTLY),
        ({"pyproject.toml": LIST, "uv.lock": "[["}, Answer.PARTLY),
        ({"environment.yml": EXACT_CONDA}, Answer.YES),
        ({"environment.yml": "dependencies:\n- numpy=1.26\n"}, Answer.PARTLY),
        ({"setup.py": "setup(install_requires=read())"}, Answer.CANNOT_TELL),
        ({"pixi.toml": "x"}, Answer.CANNOT_TELL),
        ({"Dockerfile": f"FROM python:3.11.9@{DIGEST}\nRUN pip install numpy==1.26.4\n"}, Answer.YES),
        ({"Dockerfile": "FROM python:3.11.9\nRUN pip install numpy==1.26.4\n"}, Answer.PARTLY),
        ({"Dockerfile": f"FROM python:3.11.9@{DIGEST}\nRUN pip install numpy\n"}, Answer.PARTLY),
        ({"Dockerfile": "FROM ubuntu\n"}, Answer.PARTLY),
    ],
)
def test_answers(files: dict[str, str], answer: Answer) -> None:
    environment = Environment().after({path: content.encode() for path, content in files.items()})
    answered = answer_environment(environment, ())
    assert answered.answer is answer, str(answered.why)
    assert str(answered.why)
    assert [note.values["level"] for note in answered.details] == [level.value for level in Level]


def test_what_cannot_be_had_cannot_be_told() -> None:
    answered = answer_environment(Unavailable(text("The drive is gone.")), ())
    assert (answered.answer, str(answered.why)) == (Answer.CANNOT_TELL, "The drive is gone.")


def test_depth_grows_step_by_step() -> None:
    def reached(files: dict[str, str]) -> list[Level]:
        environment = Environment().after({path: content.encode() for path, content in files.items()})
        return [step.level for step in environment_depth(environment) if step.is_reached]

    hashed = "six==1.16.0 --hash=sha256:aa\n"
    assert reached({}) == []
    assert reached({"requirements.txt": "six\n"}) == [Level.LISTED]
    assert reached({"requirements.txt": "six==1.16.0\n"}) == [Level.LISTED, Level.PINNED]
    assert reached({"requirements.txt": hashed}) == [Level.LISTED, Level.PINNED, Level.LOCKED]
    image = {"requirements.txt": hashed, "Dockerfile": f"FROM python:3.11.9@{DIGEST}\n"}
    assert reached(image) == [Level.LISTED, Level.PINNED, Level.LOCKED, Level.CONTAINER]


# ---- rebuilds ----

GUESSED = "# Versions resolved as of 2024-01-01, not observed\nsix==1.16.0\n"
PASSED = Rebuild(
    RebuildState.PASSED,
    "2026-01-01T00:00:00+00:00",
    (RebuildSource("requirements.txt", "ab" * 32),),
    python="3.11.9",
    packages=1,
    imports=(TriedImport("six", "train.py", 1),),
)
FAILED = msgspec.structs.replace(
    PASSED, state=RebuildState.NOT_IMPORTED, imports=(TriedImport("six", "train.py", 1, "ImportError: no"),)
)


@pytest.mark.parametrize(
    ("listed", "rebuild", "answer", "why"),
    [
        ("six==1.16.0\n", Rebuild(), Answer.YES, ""),
        ("six==1.16.0\n", PASSED, Answer.YES, ""),
        ("six==1.16.0\n", FAILED, Answer.PARTLY, "1 of 1 import fails"),
        (
            "six==1.16.0\n",
            msgspec.structs.replace(PASSED, state=RebuildState.NOT_INSTALLED, why_not=text("six is gone")),
            Answer.PARTLY,
            "failed: six is gone",
        ),
        # What speaks of another file decides nothing.
        ("six==1.16.0\n", msgspec.structs.replace(FAILED, changed=("requirements.txt",)), Answer.YES, ""),
        ("six\n", PASSED, Answer.PARTLY, "more than one version"),
        # Versions that nobody has run with are as good as seen once they were installed and imported.
        (GUESSED, Rebuild(), Answer.PARTLY, "not observed"),
        (GUESSED, PASSED, Answer.YES, ""),
        (GUESSED, FAILED, Answer.PARTLY, "1 of 1 import fails"),
        (GUESSED, msgspec.structs.replace(PASSED, changed=("requirements.txt",)), Answer.PARTLY, "not observed"),
        (
            GUESSED,
            msgspec.structs.replace(PASSED, sources=(RebuildSource("other.txt", "0" * 64),)),
            Answer.PARTLY,
            "not observed",
        ),
    ],
)
def test_a_rebuild_decides_only_for_the_files_it_was_made_from(
    listed: str, rebuild: Rebuild, answer: Answer, why: str
) -> None:
    environment = Environment().after({"requirements.txt": listed.encode()})
    answered = answer_environment(environment, (), rebuild=rebuild)
    assert answered.answer is answer, str(answered.why)
    assert why in str(answered.why)
    first = answered.evidence[0].message
    if rebuild.changed:
        assert first == "requirements.txt changed since the rebuild of 2026-01-01: it says nothing now."
    elif rebuild.state is RebuildState.PASSED:
        assert first.startswith("Rebuilt on 2026-01-01 from ")
        assert "with Python 3.11.9" in first
    elif rebuild.state is RebuildState.NONE:
        assert "ebuil" not in first
