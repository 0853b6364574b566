"""Commands of images that install what nobody named."""

from __future__ import annotations

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch
from repro_gui.checks.environment.unpinned_container_package import CHECK
from repro_gui.knowledge import load_knowledge
from tests.sketches import snapshot_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PYTHON = "https://install.python-poetry.org"


def run(files: dict[str, str]) -> CheckResult:
    return run_check(FactsFor(snapshot_of(Sketch(files)), load_knowledge()), CHECK)


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        ("RUN apt-get install -y git=1:2.39.2-1.1", []),
        ("RUN apt-get install -y git=1:2.39.2-1.1 ffmpeg \\\n    libgl1", ["ffmpeg, libgl1"]),
        ("RUN apk add --no-cache build-base", ["build-base"]),
        ("RUN pip install -U pip setuptools", []),
        ("RUN pip install six==1.16.0", []),
        ("RUN pip install 'six>=1' scipy", ["six>=1, scipy"]),
        # The list that the image installs as well decides the version in the end.
        ("RUN pip install numpy\nRUN pip install -r requirements.txt", []),
        ("RUN pip install numpy", ["numpy"]),
        ("RUN conda install -y pytorch", ["pytorch"]),
        ("RUN conda install -y pytorch==2.1.0", []),
        (f"RUN git clone https://github.com/a/b && cd b && git checkout {COMMIT}", []),
        (f"RUN git clone https://github.com/a/b\nRUN git -C b reset --hard {COMMIT}", []),
        ("RUN git clone https://github.com/a/b && cd b && git checkout main", ["https://github.com/a/b"]),
        ("RUN git clone --depth 1 -b v1.0 https://github.com/a/b", ["https://github.com/a/b"]),
        (
            f"RUN git clone https://github.com/a/b\nRUN git clone https://github.com/c/d && git -C d checkout {COMMIT}",
            ["https://github.com/a/b"],
        ),
        (f"RUN curl -sSL {PYTHON} | python3 -", [PYTHON]),
        (f"RUN curl -sSL {PYTHON} -o i && echo 'aa  i' | sha256sum -c - && python3 i", []),
        (f"RUN curl -sSL {PYTHON} | python3 -\nRUN pip install six==1.16.0\nRUN sha256sum -c sums", [PYTHON]),
        ("RUN wget https://example.org/Miniconda3-py39_4.12.0-Linux-x86_64.sh", []),
        ("RUN wget https://example.org/Miniconda3-latest-Linux-x86_64.sh", ["https://example.org/Miniconda3-latest-Linux-x86_64.sh"]),
        ("RUN curl -fsSL https://download.docker.com/linux/ubuntu/gpg | apt-key add -\nRUN pip install six==1.16.0", []),
        ("RUN echo 'pip install numpy'\nRUN pip install six==1.16.0", []),
    ],
)  # fmt: skip
def test_commands(commands: str, found: list[str]) -> None:
    result = run({"requirements.txt": "numpy==1.26.4\n", "Dockerfile": f"FROM debian\n{commands}\n"})
    assert [note.values["packages"] for note in result.findings] == found
    assert result.outcome is (Outcome.FAILED if found else Outcome.PASSED), result.why_not


def test_the_place_is_that_of_the_package() -> None:
    (finding,) = run({"Dockerfile": "FROM debian\nRUN apt-get update \\\n    && apt-get install ffmpeg\n"}).findings
    assert (finding.path, finding.line) == ("Dockerfile", 3)


def test_without_a_list_python_packages_are_the_list_and_judged_as_such() -> None:
    result = run({"Dockerfile": "FROM debian\nRUN pip install numpy && apt-get install x=1\n"})
    assert result.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "command",
    ["curl -O https://example.org/$NAME.tar.gz", "git clone https://github.com/a/b && git checkout $COMMIT"],
)
def test_a_variable_leaves_it_open(command: str) -> None:
    assert run({"Dockerfile": f"FROM debian\nRUN {command}\n"}).outcome is Outcome.COULD_NOT_RUN


def test_without_commands_the_question_does_not_arise() -> None:
    assert run({"Dockerfile": "FROM debian\nCOPY . .\n"}).outcome is Outcome.NOT_APPLICABLE
    assert run({"Dockerfile": "FROM debian\nRUN pip install -r requirements.txt\n"}).outcome is Outcome.NOT_APPLICABLE
    template = {"{{ cookiecutter.name }}/Dockerfile": "FROM debian\nRUN pip install {{ cookiecutter.package }}\n"}
    assert run(template).outcome is Outcome.NOT_APPLICABLE
