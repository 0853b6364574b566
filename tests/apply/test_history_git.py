"""Change sets with Git commands in real repositories: applied, taken back, refused."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from repro_gui import trust
from repro_gui.apply.git_repository import project_programs
from repro_gui.apply.history import apply_change_set, read_history, redo, undo
from repro_gui.changes.change_set import ChangeSet, Command, FileChange, UndoKind, show_command
from repro_gui.errors import Cancelled, CannotUndo, NeedsTrust, ProgramFailed
from repro_gui.facts.git import GitState
from repro_gui.facts.git_commands import commit_files, start_repository
from repro_gui.text import Text, text
from tests.apply.trees import Tree, tree_of
from tests.git_repositories import commit_all, make_repository, run_git, write_files

EDIT = FileChange("train.py", b"one\n", b"two\n")
NEW = FileChange("extra.py", None, b"x = 1\n")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "project", {"train.py": "one\n", "other.py": "o\n"})


def with_commands(*commands: Command, files: tuple[FileChange, ...] = ()) -> ChangeSet:
    return ChangeSet(text("Commit"), "some-check", files, commands)


def commit_of(*paths: str, known: tuple[str, ...] = ("train.py", "other.py")) -> tuple[Command, ...]:
    return commit_files(GitState(head="1" * 40, tracked=frozenset(known)), paths)


def git_state(root: Path) -> tuple[str, ...]:
    """HEAD, refs, what the index holds, and what Git says of the files."""
    questions = (("rev-parse", "HEAD"), ("for-each-ref",), ("ls-files", "--stage"), ("status", "--porcelain"))
    return tuple(run_git(root, *question) for question in questions)


def files_of(root: Path) -> Tree:
    return {path: entry for path, entry in tree_of(root).items() if not path.startswith(".git")}


def test_commit_and_undo(repository: Path) -> None:
    (repository / "other.py").write_text("changed, not to be committed\n")
    run_git(repository, "add", "other.py")
    before, files = git_state(repository), files_of(repository)
    apply_change_set(repository, with_commands(*commit_of("train.py", "extra.py"), files=(EDIT, NEW)))
    assert run_git(repository, "show", "--name-only", "--format=%s").split() == [
        *["Commit", "what", "the", "results", "come", "from"],
        "extra.py",
        "train.py",
    ]
    assert "M  other.py" in run_git(repository, "status", "--porcelain")
    undo(repository)
    assert git_state(repository) == before
    assert files_of(repository) == files
    redo(repository)
    assert "extra.py" in run_git(repository, "ls-files")
    undo(repository)
    assert git_state(repository) == before


def test_undo_of_a_first_commit(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project")
    write_files(root, {"train.py": "one\n"})
    apply_change_set(root, with_commands(*commit_of("train.py", known=())))
    assert run_git(root, "rev-list", "--count", "HEAD").strip() == "1"
    undo(root)
    assert run_git(root, "status", "--porcelain") == "?? train.py\n"
    assert run_git(root, "symbolic-ref", "HEAD").strip() == "refs/heads/main"


def test_staged_since_is_kept_by_undo(repository: Path) -> None:
    apply_change_set(repository, with_commands(*commit_of("extra.py"), files=(NEW,)))
    write_files(repository, {"later.py": "l\n"})
    run_git(repository, "add", "later.py")
    undo(repository)
    assert run_git(repository, "status", "--porcelain") == "A  later.py\n"


def test_a_commit_with_work_after_it_stays(repository: Path) -> None:
    apply_change_set(repository, with_commands(*commit_of("train.py"), files=(EDIT,)))
    write_files(repository, {"later.py": "l\n"})
    commit_all(repository)
    before = git_state(repository)
    entry = read_history(repository)[0]
    assert not entry.can_undo
    with pytest.raises(CannotUndo, match="work after it"):
        undo(repository)
    assert git_state(repository) == before
    assert (repository / "train.py").read_bytes() == b"two\n"


def test_a_pushed_commit_stays(repository: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--bare", "--quiet", "there.git")
    run_git(repository, "remote", "add", "origin", str(tmp_path / "there.git"))
    apply_change_set(repository, with_commands(*commit_of("train.py"), files=(EDIT,)))
    run_git(repository, "push", "--quiet", "origin", "main")
    with pytest.raises(CannotUndo, match="origin/main"):
        undo(repository)


def test_a_new_repository_and_its_undo(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write_files(root, {"train.py": "one\n", "src/model.py": "m\n", "data/big.csv": "1\n"})
    before = tree_of(root)
    ignore = FileChange(".gitignore", None, b"data/\n")
    apply_change_set(
        root, with_commands(*start_repository(("train.py", "src/model.py", ".gitignore")), files=(ignore,))
    )
    assert run_git(root, "status", "--porcelain") == ""
    assert run_git(root, "ls-files").split() == [".gitignore", "src/model.py", "train.py"]
    assert read_history(root)[0].can_undo
    undo(root)
    assert tree_of(root) == before
    redo(root)
    assert run_git(root, "rev-list", "--count", "HEAD").strip() == "1"
    write_files(root, {"later.py": "l\n"})
    commit_all(root)
    with pytest.raises(CannotUndo, match="came later"):
        undo(root)
    assert (root / ".git").is_dir()


def test_a_command_that_fails_takes_everything_back(repository: Path) -> None:
    before, files = git_state(repository), files_of(repository)
    words = ("git", "commit", "--no-such-option")
    failing = Command(words, show_command(words))
    with pytest.raises(ProgramFailed, match="no-such-option"):
        apply_change_set(repository, with_commands(*commit_of("train.py", "extra.py"), failing, files=(EDIT, NEW)))
    assert git_state(repository) == before
    assert files_of(repository) == files
    assert read_history(repository) == ()


def test_cancelling_between_commands_takes_everything_back(repository: Path) -> None:
    before, files = git_state(repository), files_of(repository)

    class CancelAtCommit:
        def step(self, what: Text, done: int, total: int) -> None:
            if "commit" in str(what):
                raise Cancelled

    with pytest.raises(Cancelled):
        apply_change_set(
            repository, with_commands(*commit_of("train.py", "extra.py"), files=(EDIT, NEW)), CancelAtCommit()
        )
    assert git_state(repository) == before
    assert files_of(repository) == files


# ---- what would run needs trust, is named, and is never left out ----


def hook(root: Path, name: str, script: str) -> None:
    target = root / ".git/hooks" / name
    target.parent.mkdir(exist_ok=True)
    target.write_text(f"#!/bin/sh\n{script}\n")
    target.chmod(0o755)


def test_hooks_need_trust_and_then_run(repository: Path, tmp_path: Path) -> None:
    hook(repository, "pre-commit", f"touch {tmp_path}/ran")
    change = with_commands(*commit_of("train.py"), files=(EDIT,))
    with pytest.raises(NeedsTrust, match="pre-commit"):
        apply_change_set(repository, change)
    assert not (tmp_path / "ran").exists()
    assert (repository / "train.py").read_bytes() == b"one\n"
    trust.remember_trust(repository)
    apply_change_set(repository, change)
    assert (tmp_path / "ran").exists()


def test_a_hook_that_refuses_takes_everything_back_and_is_named(repository: Path) -> None:
    hook(repository, "pre-commit", "echo 'line too long in train.py' >&2; exit 1")
    trust.remember_trust(repository)
    before = git_state(repository)
    with pytest.raises(ProgramFailed) as caught:
        apply_change_set(repository, with_commands(*commit_of("train.py"), files=(EDIT,)))
    assert "line too long" in str(caught.value.what)
    assert "pre-commit" in str(caught.value.mend)
    assert git_state(repository) == before
    assert (repository / "train.py").read_bytes() == b"one\n"


@pytest.mark.parametrize(
    "setting",
    [
        ("core.fsmonitor", "touch MARK"),
        ("core.sshCommand", "touch MARK"),
        ("filter.x.clean", "touch MARK; cat"),
        ("filter.x.process", "touch MARK"),
        ("gpg.program", "touch MARK"),
        ("core.hooksPath", "HOOKS"),
        ("include.path", "CONFIG"),
        ("alias.commit", "!touch MARK"),
        ("core.editor", "touch MARK"),
        ("diff.external", "touch MARK"),
        ("merge.x.driver", "touch MARK"),
        ("credential.helper", "!touch MARK"),
        ("gc.recentObjectsHook", "touch MARK"),
    ],
)
def test_settings_of_the_repository_that_may_run_something_need_trust(
    repository: Path, tmp_path: Path, setting: tuple[str, str]
) -> None:
    mark, hooks, config = tmp_path / "mark", tmp_path / "hooks", tmp_path / "config"
    hooks.mkdir()
    (hooks / "pre-commit").write_text(f"#!/bin/sh\ntouch {mark}\n")
    (hooks / "pre-commit").chmod(0o755)
    config.write_text(f'[core]\n\tfsmonitor = "touch {mark}"\n[filter "x"]\n\tclean = "touch {mark}; cat"\n')
    value = setting[1].replace("MARK", str(mark)).replace("HOOKS", str(hooks)).replace("CONFIG", str(config))
    with (repository / ".git/config").open("a") as file:
        section, _, name = setting[0].rpartition(".")
        head, _, sub = section.partition(".")
        quoted = value.replace('"', '\\"')
        file.write(f'[{head} "{sub}"]\n' if sub else f"[{head}]\n")
        file.write(f'\t{name} = "{quoted}"\n')
    (repository / ".gitattributes").write_text("*.py filter=x\n")
    with pytest.raises(NeedsTrust, match=setting[0].rpartition(".")[2].lower()):
        apply_change_set(repository, with_commands(*commit_of("train.py"), files=(EDIT,)))
    assert not mark.exists()
    assert (repository / "train.py").read_bytes() == b"one\n"


def test_an_ordinary_clone_needs_no_trust(repository: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", str(repository), "clone")
    run_git(tmp_path / "clone", "checkout", "--quiet", "-b", "topic", "--track", "origin/main")
    assert project_programs(tmp_path / "clone") == ()


def test_a_file_in_the_folder_called_git_is_not_git(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = repository / "git"
    fake.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{repository}{os.pathsep}.{os.pathsep}{os.environ['PATH']}")
    apply_change_set(repository, with_commands(*commit_of("train.py"), files=(EDIT,)))
    assert not (tmp_path / "ran").exists()


# ---- identity, signing, other owners ----


def test_without_an_identity_nothing_is_written(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "empty"))
    for name in (
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "EMAIL",
        "XDG_CONFIG_HOME",
    ):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ProgramFailed, match="does not know your name") as caught:
        apply_change_set(repository, with_commands(*commit_of("train.py"), files=(EDIT,)))
    assert "user.email" in str(caught.value.mend)
    assert (repository / "train.py").read_bytes() == b"one\n"


def test_a_locked_signing_key_asks_nobody(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path("/tmp") / f"repro-gui-gpg-{os.getpid()}"  # sockets have short names
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    mark = tmp_path / "asked"
    pinentry = tmp_path / "pinentry"
    pinentry.write_text(f"#!/bin/sh\ntouch {mark}\nexit 1\n")
    pinentry.chmod(0o755)
    (home / "gpg-agent.conf").write_text(f"pinentry-program {pinentry}\nallow-loopback-pinentry\n")
    try:
        made = subprocess.run(
            [
                "gpg",
                "--batch",
                "--pinentry-mode",
                "loopback",
                "--passphrase",
                "secret words",
                "--quick-gen-key",
                "a@example.org",
                "ed25519",
            ],
            capture_output=True,
            check=False,
        )
        if made.returncode:
            pytest.skip(f"gpg makes no key here: {made.stderr.decode()}")
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False)  # forgets the pass phrase
        monkeypatch.setenv("GIT_COMMITTER_EMAIL", "a@example.org")
        monkeypatch.setenv("GIT_COMMITTER_NAME", "A")
        run_git(repository, "config", "commit.gpgsign", "true")
        before = git_state(repository)
        with pytest.raises(ProgramFailed) as caught:
            apply_change_set(repository, with_commands(*commit_of("train.py"), files=(EDIT,)))
        assert "signed" in str(caught.value.mend)
        assert not mark.exists()
        assert git_state(repository) == before
    finally:
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False)
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="needs root")
def test_a_repository_of_somebody_else_is_a_sentence(repository: Path) -> None:
    subprocess.run(["chown", "-R", "12345:12345", str(repository)], check=True)
    before = files_of(repository)
    with pytest.raises(ProgramFailed, match="another user"):
        apply_change_set(repository, with_commands(*commit_of("train.py"), files=(EDIT,)))
    assert files_of(repository) == before


def test_another_git_at_work_is_a_sentence(repository: Path) -> None:
    (repository / ".git/index.lock").touch()
    with pytest.raises(ProgramFailed, match=r"index\.lock"):
        apply_change_set(repository, with_commands(*commit_of("train.py"), files=(EDIT,)))
    assert (repository / "train.py").read_bytes() == b"one\n"


def test_only_known_programs_run(repository: Path) -> None:
    words = ("sh", "-c", "touch mark")
    with pytest.raises(ProgramFailed, match="not a program that a fix may run"):
        apply_change_set(repository, with_commands(Command(words, "sh", UndoKind.NONE), files=(EDIT,)))
    assert (repository / "train.py").read_bytes() == b"one\n"


def test_what_has_no_undo_says_so(repository: Path) -> None:
    words = ("git", "tag", "v1")
    apply_change_set(repository, with_commands(Command(words, "git tag v1")))
    assert "cannot be taken back" in str(read_history(repository)[0].why_not)
    with pytest.raises(CannotUndo, match="cannot be taken back"):
        undo(repository)


def test_uv_and_its_files(repository: Path) -> None:
    write_files(repository, {"pyproject.toml": '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.11"\n'})
    words = ("uv", "--offline", "lock")
    before = files_of(repository)
    apply_change_set(repository, with_commands(Command(words, "uv lock", touches=("uv.lock",))))
    assert (repository / "uv.lock").exists()
    assert read_history(repository)[0].can_undo
    undo(repository)
    assert files_of(repository) == before
