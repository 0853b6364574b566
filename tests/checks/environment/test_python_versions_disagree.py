"""Which files are compared with which."""

from __future__ import annotations

import pytest

from repro_gui.audit.report import Outcome
from tests.projects_in_memory import result_of

PROGRAM = b"import numpy as np\nnp.save('x', np.random.rand(3))\n"
LIST = b"numpy==1.26.4\n"


@pytest.mark.parametrize(
    ("files", "places"),
    [
        # Two homeworks, each with its programs, its list and its image.
        (
            {
                "a/train.py": PROGRAM,
                "a/requirements.txt": LIST,
                "a/Dockerfile": b"FROM python:3.9.7-slim\n",
                "b/train.py": PROGRAM,
                "b/requirements.txt": LIST,
                "b/Dockerfile": b"FROM python:3.10.13-slim\n",
            },
            [],
        ),
        # One of them in itself.
        (
            {
                "a/train.py": PROGRAM,
                "a/requirements.txt": LIST,
                "a/Dockerfile": b"FROM python:3.9.7-slim\n",
                "a/.python-version": b"3.10.13\n",
                "b/.python-version": b"3.11.2\n",
            },
            ["a/Dockerfile"],
        ),
        # Folders that only describe the environment belong to the project above.
        (
            {
                "train.py": PROGRAM,
                "env/environment.yml": b"dependencies:\n- python=3.9.7\n- numpy=1.26.4\n",
                "docker/Dockerfile": b"FROM python:3.10.13-slim\n",
            },
            ["env/environment.yml"],
        ),
        (
            {"train.py": PROGRAM, ".python-version": b"3.11.9\n", "docker/Dockerfile": b"FROM python:3.10.13-slim\n"},
            ["docker/Dockerfile"],
        ),
        # What lies below a project of its own belongs to it.
        (
            {
                ".python-version": b"3.12.1\n",
                "a/train.py": PROGRAM,
                "a/requirements.txt": LIST,
                "a/.python-version": b"3.11.9\n",
                "a/docker/Dockerfile": b"FROM python:3.10.13-slim\n",
            },
            ["a/docker/Dockerfile"],
        ),
    ],
)
def test_files_are_compared_within_a_project(files: dict[str, bytes], places: list[str]) -> None:
    result = result_of("python-versions-disagree", files)
    assert [finding.location and finding.location.path for finding in result.findings] == places
    assert result.outcome is (Outcome.FAILED if places else Outcome.PASSED)
