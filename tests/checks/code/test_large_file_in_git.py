"""Large data in real repositories, moved to DVC by the real programs and back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from repro_gui.apply.history import apply_change_set, undo
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.changes.change_set import ChangeSet
from repro_gui.checks.code.large_file_in_git import CHECK, LARGE
from repro_gui.errors import CannotPlan
from repro_gui.facts.lookup import Answers, Consent, Lookup
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.gather import gather_snapshot
from repro_gui.gather.lookups.answer import answer_lookups
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.git_repositories import make_repository, run_git, write_files

pytestmark = pytest.mark.filterwarnings("default")  # those of dvc and what it imports are not ours


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files: dict[str, str | bytes] = {
        "train.py": "print(1)\n",
        "data/big.npy": b"\0" * (LARGE + 1),
        "data/small.npy": b"\0" * LARGE,
        "docs/film.png": b"\0" * (LARGE + 1),
        "film.blob": b"\0" * (LARGE + 1),
    }
    return make_repository(tmp_path / "project", files)


def judge(root: Path) -> CheckResult:
    return run_check(FactsFor(gather_snapshot(root), load_knowledge()), CHECK)


def plan(root: Path) -> ChangeSet:
    def answer(lookups: Iterable[Lookup]) -> Answers:
        with ProjectFiles(root) as opened:
            return answer_lookups(opened, lookups, frozenset({Consent.READS}), NoProgress())

    return plan_fix(gather_snapshot(root), load_knowledge(), [(CHECK, None)], answer).change_set


def test_moved_to_dvc_and_back(project: Path) -> None:
    result = judge(project)
    assert [(note.path, note.message) for note in result.findings] == [
        ("data/big.npy", "data/big.npy (10 MB) lies in Git.")
    ]
    before = run_git(project, "ls-files", "--stage"), run_git(project, "status", "--porcelain")
    apply_change_set(project, plan(project))
    assert "data/big.npy" not in run_git(project, "ls-files").split()
    assert (project / "data/big.npy").stat().st_size == LARGE + 1
    assert (project / "data/big.npy.dvc").exists()
    assert judge(project).outcome is Outcome.PASSED
    undo(project)
    assert (run_git(project, "ls-files", "--stage"), run_git(project, "status", "--porcelain")) == before
    assert judge(project).outcome is Outcome.FAILED


def test_a_file_in_git_lfs_is_no_finding(project: Path) -> None:
    write_files(project, {".gitattributes": "data/*.npy filter=lfs -text\n"})
    assert judge(project).outcome is Outcome.PASSED


def test_a_changed_file_is_committed_first(project: Path) -> None:
    (project / "data/big.npy").write_bytes(b"\1" * (LARGE + 1))
    with pytest.raises(CannotPlan, match="last commit"):
        plan(project)


def test_without_git_nothing_is_asked(tmp_path: Path) -> None:
    write_files(tmp_path / "p", {"a.py": "1\n"})
    assert judge(tmp_path / "p").outcome is Outcome.NOT_APPLICABLE
