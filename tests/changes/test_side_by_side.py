"""Changes of one file that were planned on the same bytes, and when they are not apart."""

from __future__ import annotations

import itertools

import pytest

from repro_gui.changes.change_set import FileChange
from repro_gui.changes.side_by_side import SideBySide


def change(before: bytes | None, after: bytes | None, path: str = "a.py") -> FileChange:
    return FileChange(path, before, after)


def test_changes_of_different_places_become_one_change() -> None:
    together = SideBySide()
    assert together.take((change(b"one two three", b"one two THREE"),))
    assert together.take((change(b"one two three", b"(one) two three"),))
    assert together.changes() == (change(b"one two three", b"(one) two THREE"),)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b"one TWO three", b"one (two) three"),
        (b"one two !three", b"one two ?three"),
        (b"one two three", b"one two three"),
        (b"one two THREE", None),
    ],
)
def test_what_overlaps_or_touches_is_left(first: bytes, second: bytes | None) -> None:
    together = SideBySide()
    assert together.take((change(b"one two three", first),))
    assert not together.take((change(b"one two three", second),)) or first == second
    assert together.changes()[0].after == first


def test_one_that_is_left_leaves_nothing_behind() -> None:
    together = SideBySide()
    assert together.take((change(b"x = 1\n", b"x = 2\n"),))
    assert not together.take((change(b"y", b"z", "b.py"), change(b"x = 1\n", b"x = 3\n")))
    assert [one.path for one in together.changes()] == ["a.py"]


def test_another_state_of_the_file_is_left() -> None:
    together = SideBySide()
    assert together.take((change(b"one two", b"ONE two"),))
    assert not together.take((change(b"one two three", b"one two THREE"),))


def test_a_file_that_is_made_or_goes_is_taken_alone() -> None:
    for before, after in ((None, b"new"), (b"old", None)):
        together = SideBySide()
        assert together.take((change(before, after),))
        assert not together.take((change(before, b"else"),))
        assert together.changes() == (change(before, after),)


def test_every_pair_that_is_taken_comes_out_as_if_both_were_made() -> None:
    # Runs of equal bytes: where the difference of two contents lies is not told by the contents alone.
    taken = 0
    for before in (b"abab", b"aaaaa", b"\n\na\n\n"):
        spans = list(itertools.combinations_with_replacement(range(len(before) + 1), 2))
        new = (b"", b"a", b"b\n", before[:1])
        for (start, end), (later, last) in itertools.product(spans, spans):
            if end >= later:
                continue
            for one, two in itertools.product(new, new):
                first = before[:start] + one + before[end:]
                second = before[:later] + two + before[last:]
                if before in {first, second}:
                    continue
                together = SideBySide()
                assert together.take((change(before, second),))
                if together.take((change(before, first),)):
                    taken += 1
                    both = before[:start] + one + before[end:later] + two + before[last:]
                    assert together.changes()[0].after == both
    assert taken
