"""A kill before and after every system call of apply, undo and recovery: the old tree comes back, or the new one stays."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from repro_gui.apply.history import apply_change_set, read_history, recover, redo, undo
from repro_gui.apply.journal import Journal, journal_folder
from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.text import text
from tests.apply.trees import Tree, tree_of


@pytest.fixture
def fast_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in memory where there is one: a kill is no power cut, and hundreds of them wait for no disk."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="repro-gui-kill-", dir="/dev/shm") as folder:
        monkeypatch.setenv("XDG_DATA_HOME", f"{folder}/data")
        yield Path(folder)


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")

CHANGES = ChangeSet(
    text("Everything at once"),
    "some-check",
    (
        FileChange("train.py", b"old train", b"new train"),
        FileChange("src/data.py", b"old data", None),
        FileChange("deep/er/Dockerfile", None, b"FROM scratch"),
        FileChange("src/model.py", b"old model", b"new model"),
        FileChange("run.sh", None, b"#!/bin/sh\n", executable=True),
    ),
)
# Calls that only look leave what the one before them left.
CALLS = (
    *("open", "write", "fsync", "close", "replace", "rename", "link", "unlink", "mkdir", "rmdir", "fchmod", "fchown"),
    *("setxattr", "ftruncate"),
)
KILLED = 9


def make_project(root: Path) -> None:
    (root / "src").mkdir(parents=True)
    (root / "train.py").write_bytes(b"old train")
    (root / "train.py").chmod(0o750)
    (root / "src/data.py").write_bytes(b"old data")
    (root / "src/data.py").chmod(0o604)
    (root / "src/model.py").write_bytes(b"old model")


class _Counter:
    """Counts the moments before and after each call and ends the process at one of them, as a kill would."""

    def __init__(self, kill_at: int) -> None:
        self.count = 0
        self.kill_at = kill_at

    def tick(self, *_: object) -> None:
        if self.count == self.kill_at:
            os._exit(KILLED)
        self.count += 1

    def install(self) -> None:
        for name in CALLS:
            setattr(os, name, self._wrapped(getattr(os, name)))
        connect = sqlite3.connect

        def traced(*arguments: Any, **named: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*arguments, **named)
            connection.set_trace_callback(self.tick)
            return connection

        setattr(sqlite3, "connect", traced)  # noqa: B010 -- a stand-in of a looser type

    def _wrapped(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.tick()
            answer = real(*arguments, **named)
            self.tick()
            return answer

        return call


def in_child(work: Callable[[], object], kill_at: int) -> int:
    """Run in a forked process; the exit code, and for `kill_at` -1 the number of moments there are."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _run_and_leave(work, kill_at, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, KILLED}, code
    return int(said) if kill_at < 0 else code


def _run_and_leave(work: Callable[[], object], kill_at: int, writing: int) -> NoReturn:
    counter = _Counter(kill_at)
    real_write, real_exit = os.write, os._exit
    counter.install()
    try:
        work()
    except BaseException:  # noqa: BLE001 -- told by the exit code
        real_exit(1)
    real_write(writing, str(counter.count).encode())
    real_exit(0)


class Case:
    """A fresh project and journal for every kill."""

    def __init__(self, folder: Path, prepare: Callable[[Path], object]) -> None:
        self.template = folder / "template"
        self.root = folder / "project"
        self.data = journal_folder(self.root).parent
        make_project(self.root)
        self.old_files = tree_of(self.root)
        prepare(self.root)
        self.before = tree_of(self.root)
        self.template.mkdir()
        shutil.copytree(self.root, self.template / "project", symlinks=True)
        shutil.copytree(self.data, self.template / "data", symlinks=True)

    def reset(self) -> None:
        for target, source in ((self.root, "project"), (self.data, "data")):
            shutil.rmtree(target)
            shutil.copytree(self.template / source, target, symlinks=True)

    def after(self, work: Callable[[Path], object]) -> Tree:
        work(self.root)
        tree = tree_of(self.root)
        self.reset()
        return tree


def every_file_is_old_or_new(now: Tree, before: Tree, after: Tree) -> None:
    for path in {change.path for change in CHANGES.files}:
        states = [tree.get(path, (None,))[-1] for tree in (before, after)]
        assert now.get(path, (None,))[-1] in states, path


def moments(case: Case, work: Callable[[Path], object]) -> Iterator[int]:
    count = in_child(lambda: work(case.root), -1)
    assert count > 50
    for moment in range(count):
        case.reset()
        assert in_child(lambda: work(case.root), moment) == KILLED
        yield moment


WORKS: dict[str, tuple[Callable[[Path], object], Callable[[Path], object]]] = {
    "apply": (recover, lambda root: apply_change_set(root, CHANGES)),
    "undo": (lambda root: apply_change_set(root, CHANGES), undo),
    "redo": (lambda root: (apply_change_set(root, CHANGES), undo(root)), redo),
}


@pytest.mark.parametrize("name", WORKS)
def test_a_kill_at_any_moment(fast_folder: Path, name: str) -> None:
    prepare, work = WORKS[name]
    case = Case(fast_folder, prepare)
    after = case.after(work)
    kept_new = 0
    for moment in moments(case, work):
        every_file_is_old_or_new(tree_of(case.root), case.before, after)
        recover(case.root)
        now = tree_of(case.root)
        assert now in (case.before, after), f"moment {moment}: neither old nor new"
        kept_new += now == after
        history = read_history(case.root)
        is_applied = [entry.undone for entry in history]
        expected = {
            "apply": [[], [False]],
            "undo": [[False], [True]],
            "redo": [[True], [False]],
        }[name]
        assert is_applied == expected[now == after], f"moment {moment}: the journal says something else"
        # And the project can be worked with: the work, or its undo, goes through.
        if moment % 7 == 0:
            (undo if now == after and name != "undo" else redo if now == after else work)(case.root)
    assert kept_new


def test_a_kill_in_the_middle_of_recovery(fast_folder: Path) -> None:
    """Killed while applying, killed again while going back, at every moment of that; the third start goes through."""
    prepare, work = WORKS["apply"]
    case = Case(fast_folder, prepare)
    after = case.after(work)
    count = in_child(lambda: work(case.root), -1)
    for moment in range(20, count, max(1, count // 6)):
        case.reset()
        in_child(lambda: work(case.root), moment)
        shutil.rmtree(fast_folder / "killed", ignore_errors=True)
        copy_with_links(case.root, fast_folder / "killed" / "project")
        copy_with_links(case.data, fast_folder / "killed" / "data")
        steps = in_child(lambda: recover(case.root), -1)
        for step in range(0, steps, 3):
            for target, source in ((case.root, "project"), (case.data, "data")):
                shutil.rmtree(target)
                copy_with_links(fast_folder / "killed" / source, target)
            in_child(lambda: recover(case.root), step)
            recover(case.root)
            # Killed after everything was written, recovery only cleans up.
            assert tree_of(case.root) in (case.before, after), (moment, step)


def copy_with_links(source: Path, target: Path) -> None:
    """Copy a folder; files with two names have two names in the copy."""
    made: dict[int, str] = {}

    def copy(old: str, new: str) -> str:
        inode = Path(old).lstat().st_ino
        if inode in made:
            os.link(made[inode], new)
        else:
            made[inode] = new
            shutil.copy2(old, new, follow_symlinks=False)
        return new

    shutil.copytree(source, target, symlinks=True, copy_function=copy)


def test_recovery_leaves_alone_what_somebody_wrote_meanwhile(fast_folder: Path) -> None:
    prepare, work = WORKS["apply"]
    case = Case(fast_folder, prepare)
    count = in_child(lambda: work(case.root), -1)
    seen = 0
    for moment in range(0, count, 5):
        case.reset()
        in_child(lambda: work(case.root), moment)
        (case.root / "src/model.py").write_bytes(b"the person's own work")
        recover(case.root)
        now = tree_of(case.root)
        assert now["src/model.py"][-1] == b"the person's own work"
        seen += now["train.py"][-1] == b"old train"
        assert not [path for path in now if ".repro-gui-" in path]
        with Journal(journal_folder(case.root)) as journal:
            assert journal.pending() is None
    assert seen


# ---- the same with real system calls, SQLite's too ----

SYSTEM_CALLS = (
    "write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,"
    "fchmod,fchown,fsetxattr,fcntl,flock"
)
SCRIPT = """
import sys
from pathlib import Path
from tests.apply.test_kill import WORKS
WORKS[sys.argv[1]][1](Path(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("name", WORKS)
def test_a_kill_at_any_system_call(fast_folder: Path, name: str) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("needs strace")
    prepare, work = WORKS[name]
    case = Case(fast_folder, prepare)
    after = case.after(work)

    def run(*options: str) -> int:
        script = [sys.executable, "-B", "-c", SCRIPT, name, str(case.root)]
        command = [
            strace,
            "-qq",
            "-f",
            "-o",
            str(fast_folder / "trace"),
            "-e",
            f"trace={SYSTEM_CALLS}",
            *options,
            *script,
        ]
        return subprocess.run(
            command, cwd=Path(__file__).parent.parent.parent, capture_output=True, check=False
        ).returncode

    assert run() == 0, "strace cannot trace here"
    count = sum(1 for line in (fast_folder / "trace").read_text().splitlines() if "(" in line)
    # Starting Python makes some of these calls too; the first kills only show that nothing happened.
    for moment in range(1, count + 1):
        case.reset()
        run("-e", f"inject={SYSTEM_CALLS}:signal=KILL:when={moment}")
        every_file_is_old_or_new(tree_of(case.root), case.before, after)
        recover(case.root)
        assert tree_of(case.root) in (case.before, after), f"call {moment}"
