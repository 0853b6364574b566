"""Some changes of a file kept, others left."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from repro_gui.changes.change_set import FileChange, unified_diff
from repro_gui.changes.hunks import hunks_of, with_hunks

LINES = st.lists(st.sampled_from([b"a", b"b", b"", b"c\r", b"\x0cd", b"caf\xe9", b"\xef\xbb\xbfx"]), max_size=12)


@st.composite
def changes(draw: st.DrawFn) -> FileChange:
    before, after = draw(LINES), draw(LINES)
    ends = draw(st.booleans()), draw(st.booleans())
    return FileChange("a.txt", b"\n".join(before) + b"\n" * ends[0], b"\n".join(after) + b"\n" * ends[1])


@given(changes())
def test_all_hunks_are_the_change_and_none_is_the_file(change: FileChange) -> None:
    numbers = range(len(hunks_of(change)))
    assert with_hunks(change, numbers).after == change.after
    if numbers:
        assert with_hunks(change, ()).after == change.before


@given(changes(), st.sets(st.integers(0, 12)))
def test_kept_and_left_hunks_make_the_whole(change: FileChange, chosen: set[int]) -> None:
    """First some, then the rest: the same bytes as all at once, but for ends of lines that were not there."""
    part = with_hunks(change, chosen)
    if not hunks_of(change):
        assert part == change
        return
    rest = FileChange(change.path, part.after, change.after)
    assert rest.after == change.after
    hunks = hunks_of(change)
    kept = {number for number in chosen if number < len(hunks)}
    assert part.before is not None
    assert part.after is not None
    assert change.after is not None
    grown = sum(hunks[n].after_end - hunks[n].after_start - (hunks[n].end - hunks[n].start) for n in kept)
    assert len(_lines(part.after)) == len(_lines(part.before)) + grown


@settings(max_examples=1500)
@given(changes())
@example(FileChange("a.txt", b"a\n\xef\xbb\xbfx\na", b"\xef\xbb\xbfx\n"))
@example(FileChange("a.txt", b"\xef\xbb\xbfa\nb\n", b"\xef\xbb\xbfa\nc\n"))
def test_hunks_are_those_of_the_diff_that_is_shown(change: FileChange) -> None:
    runs, inside = 0, False
    for line in unified_diff(change, context=10_000).split("\n")[3:]:
        if line.startswith("\\"):
            continue
        is_change = line.startswith(("+", "-"))
        runs += is_change and not inside
        inside = is_change
    assert runs == len(hunks_of(change))


def test_files_that_come_or_go_and_binary_ones_are_taken_whole() -> None:
    marked = b"\xef\xbb\xbfa\n"  # another mark, the same words: nothing to choose
    for before, after in ((None, b"a\n"), (b"a\n", None), (b"\0a\n", b"\0b\n"), (b"a", b"a"), (b"a\n", marked)):
        change = FileChange("a", before, after)
        assert hunks_of(change) == ()
        assert with_hunks(change, ()) == change


def _lines(content: bytes) -> list[bytes]:
    *lines, last = content.split(b"\n")
    return [*lines, *([last] if last else [])]
