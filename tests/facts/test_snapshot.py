"""What a snapshot foresees of a change set."""

from __future__ import annotations

import msgspec

from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.facts.git import GitState, NoRepository
from repro_gui.facts.git_commands import start_repository
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.text import text


def test_the_start_of_a_repository_is_foreseen() -> None:
    """What is planned behind it is planned in Git: DVC outside of it ignores no data and lets its cache be committed."""
    snapshot = msgspec.structs.replace(snapshot_of_files("sample", {"train.py": b"1\n"}), git=NoRepository())
    started = snapshot.after(ChangeSet(text("Start"), "no-repository", commands=start_repository(["train.py"])))
    assert isinstance(started.git, GitState)
    assert started.git.tracked == {"train.py"}
    later = (FileChange("train.py", b"1\n", b"2\n"), FileChange("Dockerfile", None, b"FROM python\n"))
    after = started.after(ChangeSet(text("Change"), "", later)).git
    assert isinstance(after, GitState)
    # The commit is made when all files are written.
    assert (after.modified, after.untracked) == ((), ("Dockerfile",))


def test_other_commands_are_not_foreseen() -> None:
    snapshot = msgspec.structs.replace(snapshot_of_files("sample", {"train.py": b"1\n"}), git=NoRepository())
    assert isinstance(snapshot.after(ChangeSet(text("Nothing"), "")).git, NoRepository)
