import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_gui.changes.change_set import ChangeSet, Command, FileChange, unified_diff
from repro_gui.changes.merge import chain
from repro_gui.errors import CannotPlan
from repro_gui.text import text

contents = st.none() | st.binary(max_size=60) | st.text(alphabet="ab \n\r", max_size=40).map(str.encode)


@given(contents, contents)
def test_reversing_twice_is_the_identity(before: bytes | None, after: bytes | None) -> None:
    change = FileChange("a", before, after)
    assert change.reversed().reversed() == change


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\nb\nc\n", b"a\nB\nc\n"),
        (b"a\nb", b"a\nb\n"),
        (b"a\r\nb\r\n", b"a\r\nc\r\n"),
        (b"one\x0ctwo\nthree\n", b"one\x0ctwo\nfour\n"),
        (None, b"new\nfile\n"),
        (b"old\n", None),
        ("ä\u2028ö\n".encode(), "ä\u2028ü\n".encode()),
    ],
)
def test_git_can_apply_the_diff(tmp_path: Path, before: bytes | None, after: bytes | None) -> None:
    if before is not None:
        (tmp_path / "a.txt").write_bytes(before)
    git = shutil.which("git")
    assert git
    subprocess.run([git, "init", "-q", "."], cwd=tmp_path, check=True)
    diff = unified_diff(FileChange("a.txt", before, after))
    (tmp_path / "change.diff").write_bytes(diff.encode("utf-8", "surrogateescape"))
    subprocess.run([git, "apply", "--unsafe-paths", "change.diff"], cwd=tmp_path, check=True)
    written = tmp_path / "a.txt"
    assert (written.read_bytes() if written.exists() else None) == after


def test_binary_content_is_not_shown() -> None:
    assert unified_diff(FileChange("m.pt", b"\0\1", b"\0\2")) == "Binary files a/m.pt and b/m.pt differ\n"


def test_a_chain_goes_from_first_to_last() -> None:
    first = ChangeSet(text("one"), "x", (FileChange("a", b"1", b"2"), FileChange("b", None, b"b")))
    second = ChangeSet(text("two"), "y", (FileChange("a", b"2", b"3"),), (Command(("git", "init"), "git init"),))
    both = chain(text("both"), [first, second])
    assert both.files == (FileChange("a", b"1", b"3"), FileChange("b", None, b"b"))
    assert both.commands == second.commands
    assert both.check_id == ""


def test_a_chain_that_does_not_fit_is_refused() -> None:
    first = ChangeSet(text("one"), "x", (FileChange("a", b"1", b"2"),))
    with pytest.raises(CannotPlan, match="do not fit"):
        chain(text("both"), [first, first])


def test_there_and_back_changes_nothing() -> None:
    change = FileChange("a", b"1", b"2")
    assert chain(
        text("x"), [ChangeSet(text("x"), "x", (change,)), ChangeSet(text("x"), "x", (change.reversed(),))]
    ).is_empty
