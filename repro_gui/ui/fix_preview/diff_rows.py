"""A unified diff as rows to show, in one column or in two; no Qt."""

from __future__ import annotations

import difflib
import re
from enum import StrEnum

import msgspec

_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$")
# Word by word only where the two lines are not too long to compare at once.
_MOST_COMPARED = 400


class RowKind(StrEnum):
    """What a row is."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"
    MISSING = "missing"
    NOTE = "note"


class DiffRow(msgspec.Struct, frozen=True):
    """One line: its numbers before and after (0: none) and the parts (start, end) that differ within it.

    `is_left`: the person leaves this change, so it will not be written.
    """

    kind: RowKind
    words: str
    before: int = 0
    after: int = 0
    parts: tuple[tuple[int, int], ...] = ()
    is_left: bool = False


def diff_rows(diff: str) -> list[DiffRow]:
    """The rows of one file's unified diff, removed before added, with the words that differ."""
    rows: list[DiffRow] = []
    removed: list[DiffRow] = []
    added: list[DiffRow] = []
    before = after = 0
    in_hunk = False

    def flush() -> None:
        rows.extend(_marked(removed, added))
        removed.clear()
        added.clear()

    for line in diff.split("\n"):
        hunk = _HUNK.match(line)
        if hunk:
            flush()
            before, after = int(hunk[1]), int(hunk[2])
            if in_hunk or before > 1:
                rows.append(DiffRow(RowKind.GAP, hunk[3].strip()))
            in_hunk = True
        elif not in_hunk:
            if line.startswith("Binary files"):
                rows.append(DiffRow(RowKind.NOTE, line))
        elif line.startswith("-"):
            removed.append(DiffRow(RowKind.REMOVED, line[1:], before=before))
            before += 1
        elif line.startswith("+"):
            added.append(DiffRow(RowKind.ADDED, line[1:], after=after))
            after += 1
        elif line.startswith(" "):
            flush()
            rows.append(DiffRow(RowKind.SAME, line[1:], before, after))
            before += 1
            after += 1
        elif line.startswith("\\"):
            # "No newline at end of file" belongs to the line before it, which may not be flushed yet.
            (added or removed or rows).append(DiffRow(RowKind.NOTE, line[2:]))
    flush()
    return rows


class Run(msgspec.Struct, frozen=True):
    """Changed lines that stand together: rows `start` to `end` (exclusive), the line where, and the first of the words."""

    start: int
    end: int
    line: int
    first: str
    added: int
    removed: int


def runs_of(rows: list[DiffRow]) -> list[Run]:
    """The single changes from top to bottom; a note about a missing line end belongs to the lines before it."""
    runs = []
    changed = {RowKind.ADDED, RowKind.REMOVED}
    row = 0
    while row < len(rows):
        if rows[row].kind not in changed:
            row += 1
            continue
        start = row
        while row < len(rows) and (rows[row].kind in changed or rows[row].kind is RowKind.NOTE):
            row += 1
        inside = rows[start:row]
        added, removed = count_changes(inside)
        spoken = next((one for one in inside if one.kind is RowKind.ADDED and one.words.strip()), inside[0])
        runs.append(Run(start, row, inside[0].before or inside[0].after, spoken.words, added, removed))
    return runs


def without_runs(rows: list[DiffRow], left: frozenset[int]) -> list[DiffRow]:
    """The rows with those of the runs of these numbers marked as left."""
    marked = list(rows)
    for number, run in enumerate(runs_of(rows)):
        if number in left:
            for place in range(run.start, run.end):
                marked[place] = msgspec.structs.replace(rows[place], is_left=True, parts=())
    return marked


def two_columns(rows: list[DiffRow]) -> tuple[list[DiffRow], list[DiffRow]]:
    """The same rows left (before) and right (after), equally long, with empty places where one side has no line."""
    left: list[DiffRow] = []
    right: list[DiffRow] = []
    nothing = DiffRow(RowKind.MISSING, "")

    def even() -> None:
        left.extend([nothing] * (len(right) - len(left)))
        right.extend([nothing] * (len(left) - len(right)))

    previous = RowKind.SAME
    for row in rows:
        if row.kind is RowKind.REMOVED:
            if previous is RowKind.ADDED:
                even()
            left.append(row)
        elif row.kind is RowKind.ADDED:
            right.append(row)
        else:
            even()
            left.append(row)
            right.append(row)
        previous = row.kind
    even()
    return left, right


def count_changes(rows: list[DiffRow]) -> tuple[int, int]:
    """How many lines are added and removed."""
    return sum(row.kind is RowKind.ADDED for row in rows), sum(row.kind is RowKind.REMOVED for row in rows)


def _marked(removed: list[DiffRow], added: list[DiffRow]) -> list[DiffRow]:
    old = [row for row in removed if row.kind is RowKind.REMOVED]
    new = [row for row in added if row.kind is RowKind.ADDED]
    if len(old) != len(new):
        return [*removed, *added]
    pairs = {id(row): parts for first, second in zip(old, new, strict=True) for row, parts in _parts(first, second)}
    return [
        msgspec.structs.replace(row, parts=pairs[id(row)]) if id(row) in pairs else row for row in (*removed, *added)
    ]


def _parts(first: DiffRow, second: DiffRow) -> list[tuple[DiffRow, tuple[tuple[int, int], ...]]]:
    if len(first.words) > _MOST_COMPARED or len(second.words) > _MOST_COMPARED:
        return []
    old, new = re.findall(r"\w+|\s+|.", first.words), re.findall(r"\w+|\s+|.", second.words)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    alike = sum(len("".join(old[block.a : block.a + block.size])) for block in matcher.get_matching_blocks())
    if alike < 0.3 * max(len(first.words), len(second.words)):
        return []
    left, right = [], []
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag != "equal":
            left.append((len("".join(old[:start])), len("".join(old[:end]))))
            right.append((len("".join(new[:other_start])), len("".join(new[:other_end]))))
    return [(first, _solid(left)), (second, _solid(right))]


def _solid(parts: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in parts if end > start)
