"""Git is read exactly, whatever the repository's state; compared with what git itself says."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from repro_gui.facts.git import GitFacts, GitState, NoRepository
from repro_gui.facts.settings import Limits, Settings
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather import git_program
from repro_gui.gather.files import ProjectFiles
from repro_gui.gather.git import gather_git
from repro_gui.gather.git_config import without_secrets
from repro_gui.gather.tree import walk_tree
from repro_gui.progress import NoProgress
from tests.git_repositories import COMMIT_DATE, add_remote, commit_all, make_repository, run_git, write_files

FILES: dict[str, str | bytes] = {"train.py": "import torch\n", "conf/a.yaml": "lr: 1\n", ".gitignore": "*.log\n"}


def facts(project: Path, settings: Settings | None = None) -> GitFacts:
    with ProjectFiles(project) as opened:
        tree = walk_tree(opened, Limits(), NoProgress())
        return gather_git(opened, tree, settings or Settings(), NoProgress())


def state(project: Path, settings: Settings | None = None) -> GitState:
    found = facts(project, settings)
    assert isinstance(found, GitState), found
    return found


def reason(project: Path) -> str:
    found = facts(project)
    assert isinstance(found, Unavailable), found
    return str(found.reason)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "project", FILES)


def test_a_clean_repository(project: Path) -> None:
    found = state(project)
    assert found.head == run_git(project, "rev-parse", "HEAD").strip()
    assert found.head_date == COMMIT_DATE
    assert found.branch == "main"
    assert found.prefix == ""
    assert found.tracked == frozenset(FILES)
    assert (found.modified, found.deleted, found.staged, found.untracked, found.undecided) == ((), (), (), (), ())
    assert found.is_pushed is False
    assert found.ahead == 0
    assert not found.runs_on_commit


def test_every_kind_of_change(project: Path) -> None:
    write_files(project, {"kept.py": "1\n", "gone.py": "2\n", "staged.py": "3\n", "removed.py": "4\n"})
    commit_all(project)
    write_files(project, {"train.py": "import jax\n", "new.py": "5\n", "run.log": "x", "sub/other.py": "6\n"})
    (project / "gone.py").unlink()
    write_files(project, {"staged.py": "33\n", "added.py": "7\n"})
    run_git(project, "add", "staged.py", "added.py")
    run_git(project, "rm", "--quiet", "--cached", "removed.py")
    write_files(project, {"intended.py": "8\n"})
    run_git(project, "add", "--intent-to-add", "intended.py")
    found = state(project)
    assert found.modified == ("added.py", "intended.py", "staged.py", "train.py")
    assert found.deleted == ("gone.py",)
    assert found.staged == ("added.py", "removed.py", "staged.py")
    assert found.untracked == ("new.py", "removed.py", "sub/other.py")
    assert found.ignored == ("run.log",)


def test_a_touched_file_is_clean(project: Path) -> None:
    os.utime(project / "train.py", (1, 1))
    assert state(project).modified == ()


def test_a_change_that_keeps_size_and_time_is_seen_while_the_index_is_as_new(tmp_path: Path) -> None:
    """The racy case: git compares content when a file is as new as the index; so does its copy."""
    project = make_repository(tmp_path / "project", {"a.py": "1\n"})
    moment = time.time_ns()
    os.utime(project / "a.py", ns=(moment, moment))
    run_git(project, "update-index", "--refresh")
    os.utime(project / ".git/index", ns=(moment, moment))
    (project / "a.py").write_text("2\n")
    os.utime(project / "a.py", ns=(moment, moment))
    assert state(project).modified == ("a.py",)


def test_mode_changes_and_type_changes_are_changes(project: Path) -> None:
    (project / "train.py").chmod(0o755)
    (project / "conf/a.yaml").unlink()
    (project / "conf/a.yaml").symlink_to("elsewhere")
    assert state(project).modified == ("conf/a.yaml", "train.py")
    run_git(project, "config", "core.fileMode", "false")
    assert state(project).modified == ("conf/a.yaml",)


def test_line_ends_and_ident_are_no_change(tmp_path: Path) -> None:
    project = make_repository(
        tmp_path / "project",
        {".gitattributes": "*.py text eol=crlf\n*.txt ident\n", "a.py": "a\n", "b.txt": "$Id$\n"},
    )
    blob = run_git(project, "rev-parse", "HEAD:b.txt").strip()
    write_files(project, {"a.py": b"a\r\n", "b.txt": f"$Id: {blob} $\n"})
    assert state(project).modified == ()
    write_files(project, {"a.py": b"b\r\n"})
    assert state(project).modified == ("a.py",)


def test_autocrlf_of_the_repository_counts(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "project", {"a.txt": "one\ntwo\n"})
    write_files(project, {"a.txt": b"one\r\ntwo\r\n"})
    assert state(project).modified == ("a.txt",)
    run_git(project, "config", "core.autocrlf", "true")
    assert state(project).modified == ()


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_changes_that_git_was_told_to_pass_over_are_found(project: Path, mark: str) -> None:
    run_git(project, "update-index", mark, "train.py")
    assert (state(project).modified, state(project).hidden) == ((), ("train.py",))
    write_files(project, {"train.py": "import os\n"})
    assert run_git(project, "status", "--porcelain").strip() == ""
    found = state(project)
    assert found.modified == ("train.py",)
    assert found.hidden == ("train.py",)


def test_a_sparse_checkout_misses_nothing(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "project", {"in/a.py": "1\n", "out/b.py": "2\n"})
    run_git(project, "sparse-checkout", "set", "in")
    found = state(project)
    assert found.tracked == {"in/a.py", "out/b.py"}
    assert (found.modified, found.deleted, found.hidden) == ((), (), ())


def test_a_sparse_index_is_read_whole(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "project", {"in/a.py": "1\n", "out/deep/b.py": "2\n", "out/c.py": "3\n"})
    run_git(project, "sparse-checkout", "set", "--cone", "--sparse-index", "in")
    write_files(project, {"in/a.py": "2\n"})
    found = state(project)
    assert found.tracked == {"in/a.py", "out/deep/b.py", "out/c.py"}
    assert (found.modified, found.deleted) == (("in/a.py",), ())


def test_other_index_formats_are_read(project: Path) -> None:
    run_git(project, "update-index", "--index-version", "4")
    run_git(project, "update-index", "--split-index")
    run_git(project, "update-index", "--untracked-cache")
    write_files(project, {"new.py": "1\n"})
    found = state(project)
    assert found.tracked == frozenset(FILES)
    assert found.untracked == ("new.py",)


def test_sha256_repositories_are_read(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    run_git(project, "init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    write_files(project, FILES)
    commit = commit_all(project)
    assert len(commit) == 64
    add_remote_of_sha256(project)
    write_files(project, {"train.py": "x\n"})
    found = state(project)
    assert (found.head, found.modified, found.is_pushed) == (commit, ("train.py",), True)


def add_remote_of_sha256(project: Path) -> None:
    commit = run_git(project, "rev-parse", "HEAD").strip()
    run_git(project, "update-ref", "refs/remotes/origin/main", commit)


# ---- pushed ----


def test_pushed_is_judged_by_remote_branches(project: Path) -> None:
    add_remote(project)
    found = state(project)
    assert found.is_pushed is True
    assert found.last_fetch > COMMIT_DATE
    assert [branch.name for branch in found.remote_branches] == ["origin/main"]
    write_files(project, {"train.py": "1\n"})
    commit_all(project)
    write_files(project, {"train.py": "2\n"})
    commit_all(project)
    found = state(project)
    assert (found.is_pushed, found.ahead) == (False, 2)


def test_an_older_commit_that_is_checked_out_is_pushed(project: Path) -> None:
    write_files(project, {"train.py": "1\n"})
    commit_all(project)
    add_remote(project)
    run_git(project, "checkout", "--quiet", "HEAD~1")
    found = state(project)
    assert (found.is_pushed, found.branch) == (True, "")


def test_packed_refs_are_read(project: Path) -> None:
    add_remote(project)
    run_git(project, "pack-refs", "--all")
    run_git(project, "gc", "--quiet")
    found = state(project)
    assert found.is_pushed is True
    assert found.head == run_git(project, "rev-parse", "HEAD").strip()


def test_a_shallow_clone_says_what_it_cannot_know(project: Path, tmp_path: Path) -> None:
    for number in range(3):
        write_files(project, {"train.py": f"{number}\n"})
        commit_all(project)
    add_remote(project)
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project}-origin.git", str(clone))
    found = state(clone)
    assert (found.is_shallow, found.is_pushed) == (True, True)
    write_files(clone, {"train.py": "mine\n"})
    commit_all(clone)
    found = state(clone)
    assert (found.is_pushed, found.ahead) == (False, 1)
    # Another root, as when an older state was fetched: HEAD may lie before the cut.
    run_git(clone, "update-ref", "refs/remotes/origin/main", commit_without_parents(clone))
    found = state(clone)
    assert found.is_pushed is None
    assert "shallow" in str(found.pushed_reason)


def commit_without_parents(folder: Path) -> str:
    tree = run_git(folder, "rev-parse", "HEAD^{tree}").strip()
    return run_git(folder, "commit-tree", tree, "-m", "root").strip()


def test_a_partial_clone_is_read_without_fetching(project: Path, tmp_path: Path) -> None:
    remote = add_remote(project)
    run_git(remote, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", "--filter=blob:none", f"file://{remote}", str(clone))
    shutil.rmtree(remote)
    write_files(clone, {"train.py": "mine\n"})
    found = state(clone)
    assert (found.is_partial, found.modified, found.is_pushed) == (True, ("train.py",), True)


# ---- kinds of repositories ----


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    assert isinstance(facts(tmp_path / "project"), NoRepository)


def test_no_commits_yet(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "project")
    write_files(project, {"train.py": "1\n", "staged.py": "2\n"})
    run_git(project, "add", "staged.py")
    found = state(project)
    assert (found.head, found.branch, found.is_pushed) == ("", "main", None)
    assert (found.untracked, found.staged) == (("train.py",), ("staged.py",))


def test_a_project_in_a_subfolder(tmp_path: Path) -> None:
    outer = make_repository(tmp_path / "outer", {"ml/train.py": "1\n", "web/app.py": "2\n", "ml/x.log": "3"})
    write_files(outer, {"ml/train.py": "2\n", "web/app.py": "3\n", "ml/new.py": "4\n", ".gitignore": "secret*\n"})
    write_files(outer, {"ml/secret.py": "5\n"})
    found = state(outer / "ml")
    assert found.prefix == "ml/"
    assert found.tracked == {"train.py", "x.log"}
    assert (found.modified, found.untracked, found.ignored) == (("train.py",), ("new.py",), ("secret.py",))


def test_a_folder_that_the_repository_above_ignores(tmp_path: Path) -> None:
    outer = make_repository(tmp_path / "outer", {".gitignore": "/work\n"})
    write_files(outer, {"work/train.py": "1\n", "other/train.py": "1\n"})
    assert state(outer / "work").is_folder_ignored
    assert not state(outer / "other").is_folder_ignored


def test_a_linked_worktree(project: Path, tmp_path: Path) -> None:
    add_remote(project)
    linked = tmp_path / "linked"
    run_git(project, "worktree", "add", "--quiet", "-b", "other", str(linked))
    write_files(linked, {"train.py": "2\n"})
    found = state(linked)
    assert (found.is_worktree, found.branch, found.modified) == (True, "other", ("train.py",))
    assert found.is_pushed is True
    assert state(project).modified == ()
    shutil.rmtree(project / ".git/worktrees")
    assert "Git directory that is not there" in reason(linked)


def test_a_bare_repository_has_no_working_files(project: Path) -> None:
    assert "bare" in reason(add_remote(project))


def test_submodules_recorded_and_checked_out(project: Path, tmp_path: Path) -> None:
    library = make_repository(tmp_path / "library", {"a.py": "1\n"})
    first = run_git(library, "rev-parse", "HEAD").strip()
    run_git(project, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "vendor/lib")
    commit_all(project)
    found = state(project)
    (module,) = found.submodules
    assert (module.path, module.recorded, module.checked_out) == ("vendor/lib", first, first)
    assert found.untracked == ()
    write_files(project, {"vendor/lib/a.py": "2\n"})
    second = commit_all(project / "vendor/lib")
    (module,) = state(project).submodules
    assert (module.recorded, module.checked_out) == (first, second)
    run_git(project, "add", "vendor/lib")
    found = state(project)
    assert found.staged == ("vendor/lib",)
    run_git(project, "submodule", "--quiet", "deinit", "--force", "vendor/lib")
    (module,) = state(project).submodules
    assert module.checked_out == ""


def test_changes_inside_submodules_are_found(project: Path, tmp_path: Path) -> None:
    inner = make_repository(tmp_path / "inner", {"b.py": "1\n"})
    outer = make_repository(tmp_path / "outer-library", {"a.py": "1\n"})
    allow = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
    run_git(outer, *allow, "add", str(inner), "in")
    commit_all(outer)
    run_git(project, *allow, "add", str(outer), "lib")
    run_git(project, *allow, "update", "--init", "--recursive")
    commit_all(project)
    (module,) = state(project).submodules
    assert (module.changed, module.reason) == ((), None)
    write_files(project, {"lib/a.py": "2\n"})
    (module,) = state(project).submodules
    assert module.changed == ("a.py",)
    (project / "lib/.git").write_text("gitdir: nowhere\n")
    (module,) = state(project).submodules
    assert (module.checked_out, "not there" in str(module.reason)) == ("", True)


def test_operations_in_the_middle_and_conflicts(project: Path) -> None:
    run_git(project, "checkout", "--quiet", "-b", "other")
    write_files(project, {"train.py": "theirs\n"})
    commit_all(project)
    run_git(project, "checkout", "--quiet", "main")
    write_files(project, {"train.py": "ours\n"})
    commit_all(project)
    with pytest.raises(AssertionError):
        run_git(project, "merge", "other")
    found = state(project)
    assert found.operation == "merge"
    assert found.conflicted == ("train.py",)
    assert "train.py" not in found.modified


def test_a_reftable_is_said_not_to_be_read_yet(project: Path) -> None:
    run_git(project, "config", "core.repositoryformatversion", "1")
    with (project / ".git/config").open("a") as file:
        file.write("[extensions]\n\trefStorage = reftable\n")
    assert "not read yet" in reason(project)


def test_an_empty_folder_named_git_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "project/.git").mkdir(parents=True)
    assert isinstance(facts(tmp_path / "project"), NoRepository)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("HEAD", "HEAD"),
        ("refs/heads/main", "refs/heads/main"),
        ("index", "index"),
        ("config", "config"),
        ("objects", "objects"),
    ],
)
def test_a_damaged_repository_is_a_reason(project: Path, damage: str, said: str) -> None:
    target = project / ".git" / damage
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.write_bytes(b"\x00\xffnonsense[[[\n" * 3)
    assert said in reason(project)


def test_a_missing_commit_is_a_reason(project: Path) -> None:
    (project / ".git/refs/heads/main").write_text("1" * 40 + "\n")
    assert "could not read the repository" in reason(project)


def test_a_file_that_is_no_git_file(tmp_path: Path) -> None:
    write_files(tmp_path, {"project/.git": "hello\n"})
    assert "names no Git directory" in reason(tmp_path / "project")


def test_names_of_every_kind(tmp_path: Path) -> None:
    odd = [b"new\nline.py", b"\xff\xfe.py", b" lead.py", b":(exclude)x.py", b"*.py", b"quo\"te'.py", "ü.py".encode()]
    project = make_repository(tmp_path / "project")
    for name in odd:
        (project / os.fsdecode(name)).write_text("1\n")
    found = state(project)
    assert sorted(map(os.fsencode, found.untracked)) == sorted(odd)
    commit_all(project)
    for name in odd:
        (project / os.fsdecode(name)).write_text("2\n")
    assert sorted(map(os.fsencode, state(project).modified)) == sorted(odd)


# ---- filters ----


def lfs_pointer(content: bytes) -> str:
    import hashlib

    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(content).hexdigest()}\nsize {len(content)}\n"


def test_lfs_files_are_compared_by_their_pointers(tmp_path: Path) -> None:
    content = b"weights" * 100
    project = make_repository(
        tmp_path / "project",
        {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n", "a.bin": lfs_pointer(content), "b.bin": "x"},
    )
    write_files(project, {"a.bin": content, "b.bin": "yy"})
    found = state(project)
    assert found.modified == ("b.bin",)
    assert found.undecided == ()
    write_files(project, {"a.bin": content[:-1] + b"X"})
    assert state(project).modified == ("a.bin", "b.bin")
    (undecided,) = state(project, Settings(limits=Limits(hashed_bytes=10))).undecided
    assert undecided.path == "a.bin"
    write_files(project, {"a.bin": lfs_pointer(content)})
    assert state(project).modified == ("b.bin",)


def test_any_other_filter_is_undecided(tmp_path: Path) -> None:
    project = make_repository(
        tmp_path / "project", {".gitattributes": "*.ipynb filter=nbstripout\n", "a.ipynb": "{}", "b.ipynb": "{}"}
    )
    assert state(project).undecided == ()
    write_files(project, {"a.ipynb": '{"cells": []}'})
    found = state(project)
    assert found.modified == ()
    (undecided,) = found.undecided
    assert undecided.path == "a.ipynb"
    assert "nbstripout would have to run" in str(undecided.reason)


# ---- the person and the machine ----


def test_secrets_never_leave_an_address(project: Path) -> None:
    token = "ghp_" + "a1B2" * 9
    run_git(project, "remote", "add", "origin", f"https://me:{token}@example.org/x/y.git?access={token}")
    run_git(project, "remote", "add", "other", "git@example.org:x/y.git")
    remotes = {remote.name: remote.url for remote in state(project).remotes}
    assert remotes == {"origin": "https://example.org/x/y.git", "other": "example.org:x/y.git"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ssh://git@example.org:22/x", "ssh://example.org:22/x"),
        ("https://a@b:c@example.org/x#t", "https://example.org/x"),
        ("/srv/git/x.git", "/srv/git/x.git"),
        ("C:/git/x", "C:/git/x"),
    ],
)
def test_addresses_without_secrets(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_no_git_is_a_sentence(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Git is not installed" in reason(project)


def test_the_git_of_an_active_project_environment_is_not_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = project.parent / "mark"
    write_files(project, {".venv/bin/git": f"#!/bin/sh\ntouch {mark}\n", ".venv/pyvenv.cfg": ""})
    (project / ".venv/bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{project}/.venv/bin{os.pathsep}.{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(project / ".venv/bin")
    state(project)
    assert not mark.exists()
    subprocess.run(["git", "version"], check=True)
    assert mark.exists()


def test_variables_of_a_calling_hook_do_not_lead_astray(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = make_repository(tmp_path / "other", {"else.py": "1\n"})
    for name, value in {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git/index"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": f"touch {tmp_path}/mark",
        "GIT_GLOB_PATHSPECS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    assert state(project).tracked == frozenset(FILES)
    assert not (tmp_path / "mark").exists()


def test_the_persons_own_ignore_rules_count(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_files(tmp_path, {"home/.config/git/ignore": "*.orig\n", "home/.gitconfig": "[core]\n\tautocrlf = true\n"})
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    write_files(project, {"a.orig": "x", "train.py": b"import torch\r\n"})
    found = state(project)
    assert (found.ignored, found.modified) == (("a.orig",), ())


def test_a_git_that_never_ends_is_ended(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Real slowness: the program found as git sleeps."""
    write_files(tmp_path, {"bin/git": "#!/bin/sh\nexec sleep 60\n"})
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setattr(git_program, "_MOST_SECONDS", 0.2)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    assert "did not finish" in reason(project)


def test_a_repository_owned_by_somebody_else_is_read(project: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("needs another user id")
    for path in [project, *project.rglob("*")]:
        os.lchown(path, 12345, 12345)
    write_files(project, {"train.py": "2\n"})
    assert state(project).modified == ("train.py",)
