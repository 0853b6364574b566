"""Nothing of a project runs while it is read, and nothing of it changes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from repro_gui.facts.git import GitState
from repro_gui.facts.settings import Limits, Settings
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.git import gather_git
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress
from tests.git_repositories import make_repository, run_git, write_files
from tests.hostile_project import MARKED_BY_GIT, MARKED_BY_PYTHON, make_hostile_project, provoke

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="payloads are shell scripts")


def fingerprint(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything about every path, to the nanosecond."""
    found: dict[str, tuple[object, ...]] = {}
    for where, folders, files in os.walk(folder):
        for name in [*folders, *files, "."]:
            path = Path(where) / name
            status = path.lstat()
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
            found[str(path)] = (
                status.st_mode,
                status.st_size,
                status.st_mtime_ns,
                status.st_ctime_ns,
                status.st_ino,
                content,
            )
    return found


def test_the_payloads_fire_when_somebody_is_careless(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    project = make_hostile_project(tmp_path / "project", marks)
    assert not list(marks.iterdir()), "nothing may have run while the project was built"
    fired = provoke(project, marks)
    assert fired >= MARKED_BY_GIT | MARKED_BY_PYTHON, (MARKED_BY_GIT | MARKED_BY_PYTHON) - fired


def test_git_is_read_with_no_mark_and_no_change(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    project = make_hostile_project(tmp_path / "project", marks)
    before = fingerprint(project)
    with ProjectFiles(project) as opened:
        tree = walk_tree(opened, Limits(), NoProgress())
        found = gather_git(opened, tree, Settings(), NoProgress())
    assert isinstance(found, GitState), found
    assert not list(marks.iterdir())
    assert fingerprint(project) == before
    # And it was read, not passed over.
    assert {"data.csv", "notes.md"} <= set(found.modified)
    assert {item.path for item in found.undecided} | set(found.modified) >= {"data.csv", "notes.md"}
    assert found.is_partial
    (module,) = found.submodules
    assert (module.path, module.checked_out, module.reason) == ("vendor", module.recorded, None)
    assert found.filters == ("anything", "other")
    assert found.has_hooks == ("post-index-change", "pre-commit")
    assert set(found.programs) == {"core.fsmonitor", "core.editor", "gpg.program", "include.path"}


def test_a_whole_audit_from_inside_the_folder_leaves_no_mark_and_no_change(tmp_path: Path) -> None:
    """As a person would: in the folder, its environment active, its folder on every path."""
    marks = tmp_path / "marks"
    project = make_hostile_project(tmp_path / "project", marks)
    (project / ".venv/bin/git").write_text(f"#!/bin/sh\ntouch '{marks}/environment-git'\n")
    (project / ".venv/bin/git").chmod(0o755)
    # So many sources that they are read by further processes, which start in the folder too.
    write_files(project, {f"many/m{number}.py": "x = 1  # filler\n" * 2_000 for number in range(200)})
    before = fingerprint(project)
    script = """
import sys
sys.path = [entry for entry in sys.path if entry]
sys.path.insert(0, sys.argv[1])
from repro_gui.gather.gather import gather_snapshot
if __name__ == "__main__":
    snapshot = gather_snapshot(".")
    broken = [f for f in snapshot.__struct_fields__ if "failed" in str(getattr(getattr(snapshot, f), "reason", ""))]
    print([(field, str(getattr(snapshot, field).reason)) for field in broken])
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT)],
        cwd=project,
        env={
            "PATH": f"{project}/.venv/bin:.:{os.environ['PATH']}",
            "HOME": str(tmp_path / "home"),
            "VIRTUAL_ENV": f"{project}/.venv",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    assert not list(marks.iterdir()), [path.name for path in marks.iterdir()]
    assert fingerprint(project) == before


@pytest.mark.parametrize(
    "name",
    [".git/config", ".git/index", ".git/HEAD", ".git/packed-refs", ".gitignore", ".gitattributes", "sub/.gitignore",
     ".git/info/exclude", ".git/objects/pack/pack-1.idx", ".git/objects/info/alternates", ".git/shallow",
     ".git/refs/remotes/origin/main", ".git/config.worktree", ".git/commondir", ".gitmodules"],
)  # fmt: skip
def test_a_pipe_in_gits_way_is_a_sentence_and_no_hang(tmp_path: Path, name: str) -> None:
    project = make_repository(tmp_path / "project", {"a.py": "1\n", "sub/b.py": "2\n"})
    write_files(project, {"sub/new.py": "3\n"})
    target = project / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    os.mkfifo(target)
    with ProjectFiles(project) as opened:
        tree = walk_tree(opened, Limits(), NoProgress())
        found = gather_git(opened, tree, Settings(), NoProgress())
    # What git would have needed is named; what it can do without is passed over.
    harmless = {".git/refs/remotes/origin/main", ".git/config.worktree", ".git/commondir", ".gitmodules"}
    if name in harmless:
        assert isinstance(found, GitState)
    else:
        assert isinstance(found, Unavailable)
        assert "HEAD" in str(found.reason) if name == ".git/HEAD" else name.removeprefix(".git/") in str(found.reason)


def test_a_tree_that_unfolds_without_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten levels of ten names for the same folder: 10^10 files in a few bytes of objects."""
    monkeypatch.setattr("repro_gui.gather.git_program._MOST_SECONDS", 1.0)
    project = make_repository(tmp_path / "project", {"a.py": "1\n"})
    blob = run_git(project, "rev-parse", "HEAD:a.py").strip()
    listing = "".join(f"100644 blob {blob}\tf{number}\n" for number in range(10))
    for _ in range(10):
        (project / ".git/listing").write_text(listing)
        made = subprocess.run(
            ["git", "mktree"], cwd=project, input=listing.encode(), capture_output=True, check=True
        ).stdout
        tree = made.decode().strip()
        listing = "".join(f"040000 tree {tree}\td{number}\n" for number in range(10))
    commit = run_git(project, "commit-tree", tree, "-m", "bomb").strip()
    run_git(project, "update-ref", "refs/heads/main", commit)
    with ProjectFiles(project) as opened:
        found = gather_git(opened, walk_tree(opened, Limits(), NoProgress()), Settings(), NoProgress())
    assert isinstance(found, Unavailable)
    assert "did not finish" in str(found.reason)


def test_ignore_patterns_made_to_be_slow_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repro_gui.gather.git_program._MOST_SECONDS", 1.0)
    project = make_repository(tmp_path / "project", {".gitignore": ("*a" * 60 + "b\n") * 200})
    write_files(project, {"a" * 250: "x"})
    with ProjectFiles(project) as opened:
        found = gather_git(opened, walk_tree(opened, Limits(), NoProgress()), Settings(), NoProgress())
    assert isinstance(found, Unavailable | GitState)
