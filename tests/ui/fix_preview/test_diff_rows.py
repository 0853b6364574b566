"""A unified diff as rows: nothing is lost, whatever the files are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repro_gui.changes.change_set import FileChange, unified_diff
from repro_gui.ui.fix_preview.diff_rows import RowKind, count_changes, diff_rows, two_columns

LINES = st.lists(
    st.text(st.characters(exclude_characters="\n\r\0", categories=["L", "N", "P", "S", "Z", "Cc"]), max_size=12),
    max_size=12,
)


def difference(before: str, after: str) -> str:
    return unified_diff(FileChange("a.py", before.encode(), after.encode()))


@given(LINES, LINES, st.booleans(), st.booleans())
def test_removed_and_added_lines_are_those_of_the_difference(
    before: list[str], after: list[str], end: bool, other_end: bool
) -> None:
    old, new = "\n".join(before) + "\n" * end, "\n".join(after) + "\n" * other_end
    diff = difference(old, new)
    rows = diff_rows(diff)
    old_lines, new_lines = old.removeprefix("\ufeff").split("\n"), new.removeprefix("\ufeff").split("\n")
    for row in rows:
        if row.before:
            assert old_lines[row.before - 1] == row.words
        if row.after:
            assert new_lines[row.after - 1] == row.words
        assert all(0 <= start < stop <= len(row.words) for start, stop in row.parts)
    added, removed = count_changes(rows)
    assert added == sum(line.startswith("+") for line in diff.split("\n")[2:] if not line.startswith("+++"))
    left, right = two_columns(rows)
    assert len(left) == len(right)
    assert [row for row in left if row.kind is RowKind.REMOVED] == [row for row in rows if row.kind is RowKind.REMOVED]
    assert [row for row in right if row.kind is RowKind.ADDED] == [row for row in rows if row.kind is RowKind.ADDED]
    assert removed == sum(row.kind is RowKind.REMOVED for row in left)


def test_words_that_differ_are_marked() -> None:
    rows = diff_rows(difference("numpy\n", "numpy==1.26.4\n"))
    (added,) = [row for row in rows if row.kind is RowKind.ADDED]
    assert [added.words[start:end] for start, end in added.parts] == ["==1.26.4"]


def test_lines_that_look_like_headers_are_lines() -> None:
    rows = diff_rows(difference("--- x\n+++ y\n@@ -1 +1 @@\n", "-- x\n+++ y\n"))
    assert {row.words for row in rows if row.kind is RowKind.REMOVED} == {"--- x", "@@ -1 +1 @@"}


def test_binary_files_are_said_to_differ() -> None:
    rows = diff_rows(unified_diff(FileChange("a.bin", b"\0a", b"\0b")))
    assert [row.kind for row in rows] == [RowKind.NOTE]


def test_missing_newline_is_said() -> None:
    rows = diff_rows(difference("a", "a\n"))
    assert any(row.kind is RowKind.NOTE and "No newline" in row.words for row in rows)
