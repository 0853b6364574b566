import subprocess
import sys
import threading
from pathlib import Path

import pytest

from repro_gui.apply import project_lock
from repro_gui.apply.history import apply_change_set, read_history
from repro_gui.apply.journal import journal_folder
from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.errors import Cancelled, CannotApply, StaleFile
from repro_gui.progress import NoProgress
from repro_gui.text import Text, text

HOLD = """
import sys, time
from pathlib import Path
from repro_gui.apply.project_lock import project_lock
from repro_gui.progress import NoProgress
with project_lock(Path(sys.argv[1]), NoProgress()):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "count").write_bytes(b"0")
    return folder


def change(before: int, after: int) -> ChangeSet:
    return ChangeSet(text("Count"), "x", (FileChange("count", str(before).encode(), str(after).encode()),))


def holder(root: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(journal_folder(root)), "audit"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        pipe.close()
    process.wait()


def test_another_process_is_waited_for_and_then_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_lock, "_PATIENCE", 0.3)
    process = holder(root)
    try:
        with pytest.raises(CannotApply, match=f"process {process.pid}"):
            apply_change_set(root, change(0, 1))
    finally:
        end(process)
    assert (root / "count").read_bytes() == b"0"
    apply_change_set(root, change(0, 1))


def test_a_killed_holder_leaves_no_lock(root: Path) -> None:
    process = holder(root)
    process.kill()
    end(process)
    apply_change_set(root, change(0, 1))


def test_a_program_that_outlives_us_keeps_the_lock(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_lock, "_PATIENCE", 0.1)
    folder = journal_folder(root)
    with project_lock.project_lock(folder, NoProgress()) as descriptor:
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, pass_fds=(descriptor,)
        )
    try:
        with pytest.raises(CannotApply):
            apply_change_set(root, change(0, 1))
    finally:
        assert child.stdin is not None
        child.stdin.close()
        child.wait()
    apply_change_set(root, change(0, 1))


def test_waiting_can_be_cancelled(root: Path) -> None:
    class Stop:
        def step(self, what: Text, done: int, total: int) -> None:
            raise Cancelled

    process = holder(root)
    try:
        with pytest.raises(Cancelled):
            apply_change_set(root, change(0, 1), Stop())
    finally:
        end(process)


def test_two_at_once_write_one_after_the_other(root: Path) -> None:
    """Both start from the same preview: one is written, the other is told that its preview is stale."""
    outcomes: list[str] = []

    def write() -> None:
        try:
            apply_change_set(root, change(0, 1))
            outcomes.append("written")
        except StaleFile:
            outcomes.append("stale")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stale", "stale", "stale", "written"]
    assert len(read_history(root)) == 1
    assert (root / "count").read_bytes() == b"1"
