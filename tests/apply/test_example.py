"""The bundled example: always the same commit, it trains, and the audit finds what was put into it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from repro_gui.apply.example import make_example
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_checks
from repro_gui.checks.find_checks import all_checks
from repro_gui.errors import CannotApply
from repro_gui.gather.gather import gather_snapshot
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.git_repositories import run_git

# Raise it together with a change of the example, and only then.
COMMIT = "e283cd98afdca2e6fc1b0a56025207313cd81d61"
FAULTS = {
    "uncommitted-change",
    "untracked-source",
    "unpushed-commit",
    "unversioned-data",
    "unpinned-split",
    "unpinned-dependency",
    "undeclared-import",
    "no-container",
    "python-not-pinned",
    "unseeded-library",
    "uncalled-seed",
    "autotuned-kernels",
    "no-tracker",
}


def test_the_commit_is_the_same_everywhere_and_always(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = tmp_path / "template/hooks"
    hooks.mkdir(parents=True)
    (hooks / "pre-commit").write_text("#!/bin/sh\ntouch mark\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    (tmp_path / "gitconfig").write_text(
        f"[init]\n templateDir = {tmp_path}/template\n[commit]\n gpgSign = true\n[core]\n autocrlf = true\n"
        "[user]\n name = Somebody\n email = s@example.org\n"
    )
    first = make_example(tmp_path / "first")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    os.umask(0o077)
    second = make_example(tmp_path / "deep/second")
    os.umask(0o022)
    heads = [run_git(folder, "rev-parse", "HEAD").strip() for folder in (first, second)]
    assert heads == [COMMIT, COMMIT]
    assert not list(tmp_path.rglob("mark"))
    run_git(first, "fsck", "--strict")


def test_what_lies_beside_the_commit(tmp_path: Path) -> None:
    root = make_example(tmp_path / "example")
    assert run_git(root, "status", "--porcelain", "--untracked-files=all").splitlines() == [
        " M train.py",
        "?? data/measurements.csv",
        "?? features.py",
    ]
    assert run_git(root, "remote") == ""
    assert 100_000 < (root / "data/measurements.csv").stat().st_size < 250_000


def test_the_audit_finds_every_fault(tmp_path: Path) -> None:
    root = make_example(tmp_path / "example")
    facts = FactsFor(gather_snapshot(root), load_knowledge())
    results = {result.check_id: result for result in run_checks(facts, all_checks(), NoProgress())}
    failed = {check_id for check_id, result in results.items() if result.outcome is Outcome.FAILED}
    assert failed >= FAULTS & results.keys()
    broken = [str(result.why_not) for result in results.values() if "broke" in str(result.why_not)]
    assert broken == []


@pytest.mark.parametrize("script", ["train.py", "baseline.py"])
def test_it_trains_and_two_runs_differ(tmp_path: Path, training_python: Path, script: str) -> None:
    root = make_example(tmp_path / "example")
    said = [
        subprocess.run([training_python, script], cwd=root, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert said[0] != said[1]
    accuracy = float(said[0].split("accuracy ")[1])
    assert 0.85 < accuracy < 1


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CannotApply, match="not empty"):
        make_example(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotApply):
        make_example(tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "mine.txt"]


def test_without_git_the_files_are_there_and_no_repository(tmp_path: Path) -> None:
    code = f"from repro_gui.apply.example import make_example; make_example(__import__('pathlib').Path({str(tmp_path / 'x')!r}))"
    subprocess.run([sys.executable, "-P", "-c", code], env={**os.environ, "PATH": str(tmp_path)}, check=True)
    assert (tmp_path / "x" / "train.py").is_file()
    assert (tmp_path / "x" / "features.py").is_file()
    assert not (tmp_path / "x" / ".git").exists()
