"""A journal does not grow for ever, and says of which changes it keeps the record only."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro_gui.apply import history
from repro_gui.apply.history import apply_change_set, read_history, redo, undo
from repro_gui.apply.journal import Journal, journal_folder
from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.errors import CannotUndo
from repro_gui.text import text


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(history, "MOST_UNDOABLE", 12)
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def write(root: Path, number: int, size: int = 10) -> None:
    before = (root / "file").read_bytes() if number else None
    after = f"{number:06}".encode() * size
    apply_change_set(root, ChangeSet(text("Change {number}", number=number), "x", (FileChange("file", before, after),)))


def test_old_changes_keep_their_record_and_say_that_they_cannot_be_undone(root: Path) -> None:
    for number in range(15):
        write(root, number)
    entries = read_history(root)
    assert [str(entry.title) for entry in entries] == [f"Change {number}" for number in reversed(range(15))]
    assert all(entry.files == ("file",) for entry in entries)
    assert "the newest 12" in str(entries[-1].why_not)
    with pytest.raises(CannotUndo, match="older"):
        undo(root, entries[-1].id)
    for number in reversed(range(3, 15)):
        undo(root)
        assert (root / "file").read_bytes() == f"{number - 1:06}".encode() * 10
    with pytest.raises(CannotUndo, match="older"):
        undo(root)
    redo(root)
    assert (root / "file").read_bytes() == b"000003" * 10


def test_large_changes_are_trimmed_by_size_but_never_the_newest_ones(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_MOST_BYTES", 40_000)
    monkeypatch.setattr(history, "_ALWAYS_KEPT", 3)
    for number in range(8):
        write(root, number, 2_000)
    with Journal(journal_folder(root)) as journal:
        whole = [number for number, size in journal.sizes() if size > 5_000]
    assert len(whole) == 3
    assert [entry.why_not is None for entry in read_history(root)][:3] == [True, False, False]
    assert (journal_folder(root) / "journal.sqlite").stat().st_size < 400_000
    for _ in range(3):
        undo(root)
    assert (root / "file").read_bytes() == b"000004" * 2_000


def test_the_oldest_records_go_at_last(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_MOST_RECORDS", 14)
    for number in range(20):
        write(root, number)
    assert len(read_history(root)) == 14
    undo(root)
    assert (root / "file").read_bytes() == b"000018" * 10
