"""The four checks on Git, on real repositories: read, judged, planned."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import PlannedFix, plan_fix
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.changes.change_set import UndoKind
from repro_gui.checks.find_checks import find_check
from repro_gui.errors import CannotPlan
from repro_gui.facts.git import GitState
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.settings import Limits, Settings
from repro_gui.facts.snapshot import ProjectSnapshot, snapshot_of_files
from repro_gui.gather.files import NotRead, ProjectFiles
from repro_gui.gather.git import gather_git
from repro_gui.gather.tree import walk_tree
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.git_repositories import add_remote, commit_all, make_repository, run_git, write_files

FILES: dict[str, str | bytes] = {
    "train.py": "from sklearn.linear_model import LogisticRegression\nimport model\nLogisticRegression().fit([[1]], [1])\n",
    "model.py": "layers = 3\n",
    "scratch.py": "print(1)\n",
    "conf/a.yaml": "lr: 1\n",
    "README.md": "# Project\n",
}


def snapshot_of(project: Path) -> ProjectSnapshot:
    """Git and the tree as they are on disk, the rest from the contents."""
    with ProjectFiles(project) as opened:
        tree = walk_tree(opened, Limits(), NoProgress())
        git = gather_git(opened, tree, Settings(), NoProgress())
        contents = {entry.path: opened.read(entry.path, 10**6) for entry in tree.entries}
    files = {path: content for path, content in contents.items() if isinstance(content, bytes)}
    return msgspec.structs.replace(snapshot_of_files(project.name, files, git), tree=tree)


def result_of(project: Path, check_id: str) -> CheckResult:
    check = find_check(check_id)
    assert check is not None
    return run_check(FactsFor(snapshot_of(project), load_knowledge()), check)


def plan(project: Path, check_id: str, keys: frozenset[str] | None = None) -> PlannedFix:
    check = find_check(check_id)
    assert check is not None

    def answer(lookups: Iterable[Lookup]) -> Answers:
        with ProjectFiles(project) as opened:
            read = {item: opened.read(item.path, 10**6) for item in lookups if isinstance(item, FileContent)}
        return Answers({item: None if isinstance(content, NotRead) else content for item, content in read.items()})

    return plan_fix(snapshot_of(project), load_knowledge(), [(check, keys)], answer)


def carry_out(project: Path, planned: PlannedFix) -> None:
    for change in planned.change_set.files:
        if change.after is not None:
            (project / change.path).write_bytes(change.after)
    for command in planned.change_set.commands:
        run_git(project, *command.argv[1:])


def messages(result: CheckResult) -> list[str]:
    return [f"{note.weight or ''} {note.message}".strip() for note in result.findings]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "project", FILES)


# ---- no-repository ----


def test_a_project_without_a_repository_gets_one(tmp_path: Path) -> None:
    project = tmp_path / "project"
    write_files(project, FILES)
    write_files(
        project,
        {
            ".gitignore": "*.log",
            "run.log": "x",
            ".env": "KEY=1",
            "api_key.txt": "k",
            "big.csv": "1,2\n" * 100_000,
            "small.csv": "1,2\n",
            "a/__pycache__/x.pyc": "",
            "net.ckpt": "w",
            "*.py": "odd = 1\n",
        },
    )
    (project / "outside").symlink_to("/etc/passwd")
    result = result_of(project, "no-repository")
    assert (result.outcome, messages(result)) == (Outcome.FAILED, ["must The project is in no Git repository."])
    planned = plan(project, "no-repository")
    (change,) = planned.change_set.files
    assert change.after is not None
    assert change.after.startswith(b"*.log\n\n# Python\n")
    assert change.after.count(b"*.log") == 1
    assert planned.change_set.commands[0].undo is UndoKind.MOVE_REPOSITORY_AWAY
    notes = [str(note) for note in planned.change_set.notes]
    assert "big.csv" in notes[1]
    assert "api_key.txt" in notes[2]
    carry_out(project, planned)
    kept = set(run_git(project, "ls-files", "-z").split("\0")) - {""}
    assert kept == {*FILES, ".gitignore", "small.csv", "*.py"}
    assert result_of(project, "no-repository").outcome is Outcome.PASSED
    assert result_of(project, "uncommitted-change").outcome is Outcome.PASSED
    assert result_of(project, "untracked-source").outcome is Outcome.PASSED


def test_a_complete_gitignore_stays_as_it_is(tmp_path: Path) -> None:
    write_files(tmp_path / "p", {"a.py": "1\n", ".gitignore": load_knowledge().templates["gitignore"]})
    assert plan(tmp_path / "p", "no-repository").change_set.files == ()


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    write_files(tmp_path / "p", {"a.py": "1\n", ".gitignore": b"*.log\r\n"})
    (change,) = plan(tmp_path / "p", "no-repository").change_set.files
    assert change.after is not None
    assert change.after.count(b"\n") == change.after.count(b"\r\n")


def test_a_folder_ignored_from_above_has_no_repository(tmp_path: Path) -> None:
    make_repository(tmp_path / "home", {".gitignore": "/work\n"})
    write_files(tmp_path / "home/work", FILES)
    result = result_of(tmp_path / "home/work", "no-repository")
    assert messages(result) == ["must The Git repository above this folder ignores the folder as a whole."]


# ---- uncommitted-change ----


def test_what_the_program_reaches_weighs_most(project: Path) -> None:
    for path in FILES:
        (project / path).write_bytes((project / path).read_bytes() + b"\n")
    result = result_of(project, "uncommitted-change")
    by_path = {note.path: note.weight for note in result.findings}
    assert set(by_path) == {"train.py", "model.py", "scratch.py", "conf/a.yaml"}
    assert {str(by_path[path]) for path in ("train.py", "model.py", "conf/a.yaml")} == {"must"}
    assert {note.cause for note in result.findings} == {"changed since the last commit"}
    assert [note.path for note in result.evidence] == ["README.md"]


def test_deleted_staged_and_hidden_changes(project: Path) -> None:
    (project / "model.py").unlink()
    write_files(project, {"train.py": "import model\n", "conf/a.yaml": "lr: 2\n"})
    run_git(project, "add", "train.py")
    run_git(project, "update-index", "--assume-unchanged", "conf/a.yaml")
    said = messages(result_of(project, "uncommitted-change"))
    assert said == [
        "must conf/a.yaml differs from the last commit, and Git was told not to look at it.",
        "must model.py is deleted, but the last commit has it.",
        "must train.py is staged, but not committed.",
    ]


def test_a_module_that_nothing_reaches_weighs_less(project: Path) -> None:
    for path in ("model.py", "scratch.py"):
        (project / path).write_text("changed = True\n")
    assert messages(result_of(project, "uncommitted-change")) == [
        "must model.py differs from the last commit.",
        "should scratch.py differs from the last commit.",
    ]


def test_chosen_files_become_one_commit_and_nothing_else(project: Path) -> None:
    write_files(project, {"train.py": "1\n", "model.py": "2\n", "conf/a.yaml": "3\n"})
    (project / "scratch.py").unlink()
    run_git(project, "add", "conf/a.yaml")
    result = result_of(project, "uncommitted-change")
    chosen = frozenset(note.key for note in result.findings if note.path in {"train.py", "scratch.py"})
    planned = plan(project, "uncommitted-change", chosen)
    (command,) = planned.change_set.commands
    assert command.undo is UndoKind.UNCOMMIT
    assert set(command.touches) == {"train.py", "scratch.py"}
    assert not command.runs_project_code
    carry_out(project, planned)
    assert set(run_git(project, "show", "--name-only", "--format=", "HEAD").split()) == {"train.py", "scratch.py"}
    left = result_of(project, "uncommitted-change")
    assert {note.path for note in left.findings} == {"model.py", "conf/a.yaml"}
    carry_out(project, plan(project, "uncommitted-change"))
    assert result_of(project, "uncommitted-change").outcome is Outcome.PASSED


def test_hooks_need_trust(project: Path) -> None:
    write_files(project, {"train.py": "1\n", ".git/hooks/pre-commit": "#!/bin/sh\nexit 1\n"})
    (project / ".git/hooks/pre-commit").chmod(0o755)
    (command,) = plan(project, "uncommitted-change").change_set.commands
    assert command.runs_project_code


def test_no_commit_in_the_middle_of_a_merge(project: Path) -> None:
    run_git(project, "checkout", "--quiet", "-b", "other")
    write_files(project, {"model.py": "theirs\n"})
    commit_all(project)
    run_git(project, "checkout", "--quiet", "main")
    write_files(project, {"model.py": "ours\n"})
    commit_all(project)
    with pytest.raises(AssertionError):
        run_git(project, "merge", "other")
    assert "must model.py has a merge conflict." in messages(result_of(project, "uncommitted-change"))
    with pytest.raises(CannotPlan, match="middle of a merge"):
        plan(project, "uncommitted-change")


def test_a_filter_that_would_have_to_run_is_cannot_tell(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "p", {**FILES, "a.ipynb": "{}", ".gitattributes": "*.ipynb filter=strip\n"})
    write_files(project, {"a.ipynb": '{"cells": []}'})
    result = result_of(project, "uncommitted-change")
    assert result.outcome is Outcome.COULD_NOT_RUN
    assert "the filter strip would have to run" in str(result.why_not)


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "p")
    write_files(project, FILES)
    assert messages(result_of(project, "uncommitted-change")) == ["must The repository has no commit yet."]
    assert len(messages(result_of(project, "untracked-source"))) == 4
    assert result_of(project, "unpushed-commit").outcome is Outcome.NOT_APPLICABLE
    carry_out(project, plan(project, "untracked-source"))
    assert result_of(project, "uncommitted-change").outcome is Outcome.PASSED


# ---- untracked-source ----


def test_untracked_files_that_a_result_could_come_from(project: Path) -> None:
    write_files(
        project,
        {
            "conf/b.yaml": "x: 1\n",
            "requirements.txt": "torch\n",
            "launch.sh": "python train.py\n",
            "notes.md": "x",
            "data.csv": "1\n",
            "outputs/2024/.hydra/config.yaml": "x: 1\n",
            ".env": "KEY=1\n",
        },
    )
    result = result_of(project, "untracked-source")
    assert {note.path for note in result.findings} == {"conf/b.yaml", "requirements.txt", "launch.sh"}
    assert any("folders of results" in note.message for note in result.evidence)
    assert any(note.path == ".env" for note in result.evidence)
    planned = plan(project, "untracked-source")
    assert [command.argv[2] for command in planned.change_set.commands] == ["add", "commit"]
    carry_out(project, planned)
    assert result_of(project, "untracked-source").outcome is Outcome.PASSED
    assert set(run_git(project, "show", "--name-only", "--format=", "HEAD").split()) == {
        "conf/b.yaml",
        "requirements.txt",
        "launch.sh",
    }


def test_names_that_are_patterns_are_names(project: Path) -> None:
    write_files(project, {":(exclude)x.py": "1\n", "*.py": "2\n", "-n.py": "3\n", "new.py": "4\n"})
    result = result_of(project, "untracked-source")
    chosen = frozenset(note.key for note in result.findings if note.path != "new.py")
    carry_out(project, plan(project, "untracked-source", chosen))
    assert {note.path for note in result_of(project, "untracked-source").findings} == {"new.py"}


# ---- unpushed-commit ----


def test_pushed_and_not(project: Path) -> None:
    (said,) = messages(result_of(project, "unpushed-commit"))
    assert said == "should The repository has no remote: its commits are on this disk only."
    run_git(project, "remote", "add", "far", "https://u:p@example.org/x.git")
    result = result_of(project, "unpushed-commit")
    assert messages(result) == ["should Nothing was ever pushed to the remote far, or fetched from it."]
    assert [note.message for note in result.evidence] == ["The remote far is https://example.org/x.git."]
    add_remote(project)
    result = result_of(project, "unpushed-commit")
    assert result.outcome is Outcome.PASSED
    assert any("is on origin/main, as of" in note.message for note in result.evidence)
    write_files(project, {"train.py": "1\n"})
    commit_all(project)
    (said,) = messages(result_of(project, "unpushed-commit"))
    assert said.endswith("is on no remote branch: one commit is not pushed.")


def test_a_cut_history_is_cannot_tell(project: Path) -> None:
    snapshot = snapshot_of(project)
    assert isinstance(snapshot.git, GitState)
    check = find_check("unpushed-commit")
    assert check is not None
    git = msgspec.structs.replace(snapshot.git, is_pushed=None)
    result = run_check(FactsFor(msgspec.structs.replace(snapshot, git=git), load_knowledge()), check)
    assert result.outcome is Outcome.COULD_NOT_RUN


def test_the_commands_of_a_plan_run_as_shown(tmp_path: Path) -> None:
    """What the preview shows is what a person can paste into a shell."""
    project = make_repository(tmp_path / "p", FILES)
    write_files(project, {"with space.py": "1\n", "quote'.py": "2\n"})
    for command in plan(project, "untracked-source").change_set.commands:
        identity = "GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b"
        subprocess.run(
            ["sh", "-c", f"export {identity}; {command.shown}"], cwd=project, check=True, capture_output=True
        )
    assert result_of(project, "untracked-source").outcome is Outcome.PASSED
