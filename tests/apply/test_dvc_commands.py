"""Data put under a real DVC by the fix, and had back bit for bit."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from pathlib import Path

import pytest

from repro_gui.apply.history import apply_change_set, redo, undo
from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.changes.change_set import ChangeSet, Command, UndoKind
from repro_gui.checks.check import Check
from repro_gui.checks.data import changed_data, unversioned_data
from repro_gui.errors import CannotApply, CannotUndo, ProgramFailed
from repro_gui.facts.lookup import Answers, Consent, Lookup
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.gather import gather_snapshot
from repro_gui.gather.lookups.answer import answer_lookups
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from repro_gui.text import text
from tests.apply.trees import Tree, tree_of
from tests.dvc_repositories import run_dvc
from tests.git_repositories import commit_all, make_repository, run_git, write_files

pytestmark = pytest.mark.filterwarnings("default")  # those of dvc and what it imports are not ours

TRAIN = """import pandas as pd
from sklearn.linear_model import LinearRegression

frame = pd.read_csv("data/train.csv")
LinearRegression().fit(frame[["x"]], frame["y"])
"""
TABLE = b"x,y\r\n" + b"1,2\r\n" * 30_000


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = make_repository(tmp_path / "project", {"train.py": TRAIN, ".gitignore": "__pycache__/\n"})
    write_files(root, {"data/train.csv": TABLE})
    return root


def judge(root: Path, check: Check) -> CheckResult:
    return run_check(FactsFor(gather_snapshot(root), load_knowledge()), check)


def plan(root: Path, check: Check) -> ChangeSet:
    def answer(lookups: Iterable[Lookup]) -> Answers:
        with ProjectFiles(root) as opened:
            return answer_lookups(opened, lookups, frozenset({Consent.READS}), NoProgress())

    return plan_fix(gather_snapshot(root), load_knowledge(), [(check, None)], answer).change_set


def comparable(root: Path) -> Tree:
    """The tree, without DVC's locks; of Git's own folder only the index as it reads, since its bytes hold times."""
    tree = {path: what for path, what in tree_of(root).items() if not path.startswith((".git/", ".dvc/tmp/"))}
    tree["index"] = (run_git(root, "ls-files", "--stage"),)
    return tree


def test_fix_removes_the_finding_and_undo_is_the_identity(project: Path) -> None:
    (project / "data/train.csv").chmod(0o640)
    os.utime(project / "data/train.csv", ns=(1_600_000_000_000_000_000, 1_600_000_000_123_456_789))
    before = comparable(project)
    assert judge(project, unversioned_data.CHECK).outcome is Outcome.FAILED
    changes = plan(project, unversioned_data.CHECK)
    entry = apply_change_set(project, changes)
    assert judge(project, unversioned_data.CHECK).outcome is Outcome.PASSED
    assert judge(project, changed_data.CHECK).outcome is Outcome.PASSED
    assert entry.can_undo
    assert "train.csv" in (project / "data/.gitignore").read_text()
    undo(project)
    assert comparable(project) == before
    assert (project / "data/train.csv").stat().st_mtime_ns == 1_600_000_000_123_456_789
    redo(project)
    assert judge(project, unversioned_data.CHECK).outcome is Outcome.PASSED
    undo(project)
    assert comparable(project) == before


def test_dvc_agrees_with_what_the_fix_recorded(project: Path) -> None:
    apply_change_set(project, plan(project, unversioned_data.CHECK))
    (project / "data/train.csv").unlink()
    run_dvc(project, ["checkout", "-q"])
    assert (project / "data/train.csv").read_bytes() == TABLE


def test_folder_with_awkward_names(project: Path) -> None:
    names = [
        "data/many/ü b.npy",
        "data/many/-q.npy",
        "data/many/a'b\"c.npy",
        "data/many/deep/x.npy",
        "data/many/#y.npy",
    ]
    write_files(project, {name: os.urandom(120_000) for name in names})
    before = comparable(project)
    changes = plan(project, unversioned_data.CHECK)
    assert any(command.argv[-1] == "data/many" for command in changes.commands)
    apply_change_set(project, changes)
    assert judge(project, unversioned_data.CHECK).outcome is Outcome.PASSED
    undo(project)
    assert comparable(project) == before


def test_ignored_folder_shows_git_the_record_and_nothing_else(project: Path) -> None:
    write_files(project, {".gitignore": "data/\n", "data/sub/other.csv": TABLE, "data/notes.log": b"x"})
    commit_all(project)
    before = comparable(project)
    apply_change_set(project, plan(project, unversioned_data.CHECK))
    listed = run_git(project, "ls-files", "--others", "--exclude-standard").split()
    assert sorted(path for path in listed if path.startswith("data/")) == [
        "data/sub/other.csv.dvc",
        "data/train.csv.dvc",
    ]
    assert judge(project, unversioned_data.CHECK).outcome is Outcome.PASSED
    undo(project)
    assert comparable(project) == before


@pytest.mark.parametrize("kind", ["symlink", "hardlink"])
def test_undo_brings_real_files_back_from_links(project: Path, kind: str) -> None:
    run_dvc(project, ["init", "-q"], ["config", "cache.type", kind])
    before = comparable(project)
    apply_change_set(project, plan(project, unversioned_data.CHECK))
    status = os.lstat(project / "data/train.csv")
    assert (project / "data/train.csv").is_symlink() or status.st_nlink == 2
    undo(project)
    assert comparable(project) == before


def test_undo_refuses_when_the_data_changed_since(project: Path) -> None:
    apply_change_set(project, plan(project, unversioned_data.CHECK))
    (project / "data/train.csv").write_bytes(b"new work")
    with pytest.raises(CannotUndo, match=r"data/train\.csv"):
        undo(project)
    assert (project / "data/train.csv").read_bytes() == b"new work"


def test_undo_takes_a_vanished_file_from_the_cache(project: Path) -> None:
    before = comparable(project)
    apply_change_set(project, plan(project, unversioned_data.CHECK))
    (project / "data/train.csv").unlink()
    undo(project)
    assert comparable(project) == before


def test_undo_refuses_when_the_bytes_are_gone(project: Path) -> None:
    apply_change_set(project, plan(project, unversioned_data.CHECK))
    (project / "data/train.csv").unlink()
    for cached in (project / ".dvc/cache/files/md5").rglob("*"):
        if cached.is_file():
            cached.unlink()
    with pytest.raises(CannotUndo):
        undo(project)


def test_undo_leaves_what_the_cache_held_before(project: Path) -> None:
    write_files(project, {"copy.csv": TABLE})
    run_dvc(project, ["init", "-q"], ["add", "-q", "copy.csv"])
    run_git(project, "add", "copy.csv.dvc")
    apply_change_set(project, plan(project, unversioned_data.CHECK))
    undo(project)
    (project / "copy.csv").unlink()
    run_dvc(project, ["checkout", "-q", "copy.csv"])
    assert (project / "copy.csv").read_bytes() == TABLE


def test_recording_changed_bytes_and_back(project: Path) -> None:
    run_dvc(project, ["init", "-q"], ["add", "-q", "data/train.csv"])
    commit_all(project)
    (project / "data/train.csv").chmod(0o644)
    (project / "data/train.csv").write_bytes(TABLE + b"5,6\r\n")
    before = comparable(project)
    assert judge(project, changed_data.CHECK).outcome is Outcome.FAILED
    apply_change_set(project, plan(project, changed_data.CHECK))
    assert judge(project, changed_data.CHECK).outcome is Outcome.PASSED
    undo(project)
    assert comparable(project) == before


def test_recording_the_changed_output_of_a_pipeline_and_back(project: Path) -> None:
    write_files(
        project,
        {
            "make.py": "open('made.csv', 'w').write('a,b' * 9)\n",
            "dvc.yaml": "stages:\n  make:\n    cmd: python make.py\n    deps: [make.py]\n    outs: [made.csv]\n",
        },
    )
    run_dvc(project, ["init", "-q"], ["repro", "-q"])
    commit_all(project)
    (project / "made.csv").chmod(0o644)
    (project / "made.csv").write_bytes(b"other")
    before = comparable(project)
    changes = plan(project, changed_data.CHECK)
    assert [command.shown for command in changes.commands] == ["dvc commit --quiet --force -- dvc.yaml:make"]
    apply_change_set(project, changes)
    assert judge(project, changed_data.CHECK).outcome is Outcome.PASSED
    undo(project)
    assert comparable(project) == before


def command_set(*words: str) -> ChangeSet:
    command = Command(("dvc", *words), "dvc " + " ".join(words), UndoKind.DVC_RESTORE)
    return ChangeSet(text("Test"), "test", commands=(command,))


def test_what_dvc_refuses_leaves_the_project_as_it_was(project: Path) -> None:
    run_git(project, "add", "data/train.csv")
    run_dvc(project, ["init", "-q"])
    before = comparable(project)
    with pytest.raises(ProgramFailed, match="already tracked by SCM"):
        apply_change_set(project, command_set("add", "--", "data/train.csv"))
    assert comparable(project) == before


def test_links_are_not_put_under_dvc(project: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_bytes(TABLE)
    (project / "data/train.csv").unlink()
    (project / "data/train.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(CannotApply):
        apply_change_set(project, command_set("add", "--", "data/train.csv"))
    assert (project / "data/train.csv").is_symlink()


def test_other_verbs_are_refused(project: Path) -> None:
    with pytest.raises(ProgramFailed, match="not a command that a fix may run"):
        apply_change_set(project, command_set("gc", "-w"))


def test_nothing_of_dvc_reaches_our_outputs(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    apply_change_set(project, plan(project, unversioned_data.CHECK))
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""


def test_a_remote_that_does_not_answer_is_not_asked_by_the_fix(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/store"
        run_dvc(project, ["init", "-q"], ["remote", "add", "-d", "far", address])
        run_git(project, "commit", "--quiet", "--message", "use dvc", "--", ".dvc", ".dvcignore")
        apply_change_set(project, plan(project, unversioned_data.CHECK))
        assert judge(project, unversioned_data.CHECK).outcome is Outcome.PASSED
        with pytest.raises(TimeoutError):
            listening.accept()
