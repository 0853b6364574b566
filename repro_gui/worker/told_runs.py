"""Recorded runs as lines for a terminal."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from repro_gui.facts.runs import LACK_WORDS
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro_gui.facts.runs import Lack, RunComparison, RunDetails, RunTable

_WIDEST = 48


def tell_runs(table: RunTable) -> Iterator[str]:
    """A line for each run and what it lacks, then what the table leaves out."""
    if not table.rows:
        yield str(text("No runs are recorded here that could be read."))
    rows = [
        (
            row.run_id[:12],
            row.name or "-",
            shown_time(row.started) or "-",
            row.commit[:10] or "-",
            "?" if row.parameters is None else str(row.parameters),
            "?" if row.metrics is None else str(row.metrics),
            words_of(row.lacks) or ("-" if not row.unknown else ""),
            words_of(row.unknown),
        )
        for row in table.rows
    ]
    head = ("RUN", "NAME", "STARTED", "COMMIT", "PARAMETERS", "METRICS", "LACKS", "NOT TOLD")
    yield from _columns([head, *rows] if rows else [])
    for note in table.notes:
        yield str(note)


def tell_comparison(comparison: RunComparison) -> Iterator[str]:
    """What differs between two runs, section by section; what is equal is counted."""
    yield str(text("A: {run}", run=_named(comparison.left)))
    yield str(text("B: {run}", run=_named(comparison.right)))
    for section in comparison.sections:
        yield ""
        equal = len(section.rows) - section.differing
        if section.why_not is not None:
            yield f"{section.title}: {section.why_not}"
            continue
        if not section.differing:
            yield f"{section.title}: {text('all {count} are equal', count=equal)}"
            continue
        yield f"{section.title}: {text('{count} differ, {equal} are equal', count=section.differing, equal=equal)}"
        lines = [(f"  {row.name}", row.left or "-", "→", row.right or "-") for row in section.rows if row.differs]
        yield from _columns(lines)


def words_of(lacks: Sequence[Lack]) -> str:
    """What a run lacks, in words."""
    return ", ".join(str(LACK_WORDS[lack]) for lack in lacks)


def shown_time(started: int) -> str:
    """Seconds since the epoch in the person's own time; empty for 0 and for what is no time."""
    if started <= 0:
        return ""
    try:
        return dt.datetime.fromtimestamp(started, dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return ""


def _named(details: RunDetails) -> str:
    parts = [details.name, details.run_id, shown_time(details.started), details.store]
    return ", ".join(part for part in parts if part)


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    cut = [[cell if len(cell) <= _WIDEST else f"{cell[: _WIDEST - 1]}…" for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cut) for column in range(len(cut[0]))] if cut else []
    for row in cut:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
