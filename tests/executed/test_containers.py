"""The Dockerfile that `repro-gui fix` writes is built and run: a fixed program prints the same in there as out here."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.executed_projects import fix_on_disk, python_for, read_project, start_of
from tests.facts.buildah import ImageStore, can_build
from tests.foreign_environments import LISTS

# What each needs, from the lock by which the environment outside was made.
PROJECTS = {
    "numpy_script": {"numpy"},
    "gym_first_reset": {"cloudpickle", "farama-notifications", "gymnasium", "numpy", "typing-extensions"},
    "sklearn_split": {"cloudpickle", "joblib", "narwhals", "numpy", "scikit-learn", "scipy", "threadpoolctl"},
}
PYTHON = "3.11.9"


def _lock_of(names: set[str]) -> bytes:
    """The entries of these packages, with their hashes."""
    entries = re.split(r"(?m)^(?=[a-z])", (LISTS / "boosting.txt").read_text())
    chosen = [entry for entry in entries if entry.partition("==")[0] in names]
    assert {entry.partition("==")[0] for entry in chosen} == names
    return "".join(chosen).encode()


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", PROJECTS)
def test_a_fixed_program_prints_the_same_in_its_container(name: str, tmp_path: Path) -> None:
    if why := can_build():
        pytest.skip(why)
    files = read_project(name)
    start = start_of(files)
    files |= {"requirements.txt": _lock_of(PROJECTS[name]), ".python-version": f"{PYTHON}\n".encode()}
    made = fix_on_disk(files, tmp_path / "project", ("no-container",))
    assert made.status == 0, made.said
    assert {"Dockerfile", ".dockerignore"} <= set(made.files)
    store = ImageStore(tmp_path)
    store.add_stand_in(f"python:{PYTHON}-slim-bookworm")
    store.build(tmp_path / "project")
    inside = store.output()
    outside = subprocess.run(
        [python_for(files), start], cwd=tmp_path / "project", capture_output=True, text=True, check=True, timeout=280
    )
    assert inside == outside.stdout != ""
