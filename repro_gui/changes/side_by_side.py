"""Changes that were planned from the same bytes, joined as long as none touches what another does."""

from __future__ import annotations

from bisect import bisect_left, insort

from repro_gui.changes.change_set import FileChange


class SideBySide:
    """The joined changes so far; one that overlaps or touches another is not taken, for it may depend on it."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}

    def take(self, changes: tuple[FileChange, ...]) -> bool:
        """Take all of these changes, or none and say so."""
        places = [(change, self._place_of(change)) for change in changes]
        if any(place is None for _, place in places) or len({change.path for change in changes}) < len(changes):
            return False
        for change, place in places:
            assert place is not None
            self._files.setdefault(change.path, _File(change)).keep(place)
        return True

    def changes(self) -> tuple[FileChange, ...]:
        """One change for each file, in the order in which the files came."""
        return tuple(file.joined() for file in self._files.values())

    def _place_of(self, change: FileChange) -> _Place | None:
        if change.before is None or change.after is None:
            return None if change.path in self._files else _Place(0, 0, 0, b"")
        file = self._files.get(change.path)
        place = _changed_place(change.before, change.after)
        if file is not None and (file.first.before != change.before or not file.is_free(place)):
            return None
        return place


class _Place:
    """Bytes `start` to `end` become others; a change as early as `low` may have had the same result."""

    def __init__(self, low: int, start: int, end: int, replacement: bytes) -> None:
        self.low, self.start, self.end = low, start, end
        self.replacement = replacement

    def __lt__(self, other: _Place) -> bool:
        return self.low < other.low


class _File:
    def __init__(self, first: FileChange) -> None:
        self.first = first
        self._places: list[_Place] = []

    def is_free(self, place: _Place) -> bool:
        if self.first.before is None or self.first.after is None:
            return False
        at = bisect_left(self._places, place)
        return all(other.end < place.low or place.end < other.low for other in self._places[max(at - 1, 0) : at + 1])

    def keep(self, place: _Place) -> None:
        insort(self._places, place)

    def joined(self) -> FileChange:
        before = self.first.before
        if before is None or self.first.after is None:
            return self.first
        parts: list[bytes] = []
        at = 0
        for place in self._places:
            parts += (before[at : place.start], place.replacement)
            at = place.end
        after = b"".join([*parts, before[at:]])
        return FileChange(self.first.path, before, after, self.first.executable, self.first.reason)


def _changed_place(before: bytes, after: bytes) -> _Place:
    """Where two contents differ: all between their longest common beginning and their longest common end.

    What is put in or taken out of a run of equal bytes could have been anywhere in the run: then beginning and end overlap.
    """
    shorter = min(len(before), len(after))
    start = _equal_bytes(before, after, shorter)
    same_end = _equal_bytes(before[::-1], after[::-1], shorter)
    behind = min(same_end, shorter - start)
    end = len(before) - behind
    return _Place(min(start, shorter - same_end), start, end, after[start : len(after) - behind])


def _equal_bytes(one: bytes, other: bytes, most: int) -> int:
    """How many bytes from the start are the same."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
