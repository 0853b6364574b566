"""The self-test says what works, what of the system is missing, and what is broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def _run(
    *arguments: str, options: tuple[str, ...] = (), **environment: str
) -> tuple[int, dict[str, tuple[str, str]], str]:
    """Exit code, state and words of each part, and everything that was said."""
    done = subprocess.run(
        [sys.executable, "-P", *options, "-m", "repro_gui", "--self-test", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.stderr == ""
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines()[1:-1]]
    parts = {line[1]: (line[0], line[2]) for line in lines if line and line[0] in {"works", "missing", "BROKEN"}}
    return done.returncode, parts, done.stdout


@pytest.mark.gui
def test_every_part_of_this_checkout_works(own_folders: Path) -> None:
    code, parts, said = _run()
    assert code == 0, said
    assert {state for state, _ in parts.values()} == {"works"}, said
    assert list(parts) == [
        *("explanations", "resources", "git", "worker", "beside", "audit", "exports", "edits", "dvc", "uv", "gpu"),
        *("probe", "windows"),
    ]
    assert said.splitlines()[-1] == "Everything works."
    # Nothing of the trial is kept among the person's own things.
    assert sorted(path.name for path in own_folders.rglob("*") if path.is_file()) == []


def test_an_installation_that_lost_its_docstrings_is_broken() -> None:
    code, parts, said = _run("explanations", "resources", options=("-OO",))
    assert code == 3
    assert parts["explanations"][0] == "BROKEN"
    assert "unpinned-split" in parts["explanations"][1]
    assert parts["resources"][0] == "works"
    assert "Install Repro GUI again" in said


def test_without_git_it_says_what_still_works(tmp_path: Path) -> None:
    code, parts, said = _run("git", "audit", "edits", "dvc", PATH=str(tmp_path))
    assert code == 0, said
    assert {part: state for part, (state, _) in parts.items()} == {
        "git": "missing",
        "audit": "works",
        "edits": "works",
        "dvc": "missing",
    }
    assert "Git is not installed." in parts["git"][1]


def test_a_part_that_there_is_not() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "repro_gui", "--self-test", "warp"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there is no part warp" in done.stdout


def test_dvc_works_on_a_system_without_certificates(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    code, parts, said = _run("dvc", SSL_CERT_FILE=nowhere, SSL_CERT_DIR=nowhere)
    assert code == 0, said
    assert parts["dvc"][0] == "works"
