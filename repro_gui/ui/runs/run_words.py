"""Recorded runs in the words of the windows: rows of the table, rows of a comparison."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from repro_gui.facts.runs import Lack
from repro_gui.ui.translate import _, counted, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro_gui.facts.runs import ComparedSection, RunComparison, RunRow


def run_head() -> tuple[str, ...]:
    """The heads of the columns of runs."""
    return (_("Run"), _("Started"), _("Store"), _("Commit"), _("Parameters"), _("Metrics"), _("Lacks"))


def run_cells(row: RunRow) -> tuple[str, ...]:
    """One run as cells under these heads."""
    lacks = words_of(row.lacks)
    if row.unknown:
        untold = _("not told: {names}").format(names=words_of(row.unknown))
        lacks = f"{lacks} · {untold}" if lacks else untold
    return (
        row.name or row.run_id[:12],
        local_time_of(row.started),
        f"{row.store} ({row.tracker})",
        row.commit[:10],
        "?" if row.parameters is None else str(row.parameters),
        "?" if row.metrics is None else str(row.metrics),
        lacks or _("nothing"),
    )


def run_icon(row: RunRow) -> tuple[str, str]:
    """The mark before a run: whether it could be made again."""
    if row.lacks:
        return "warning", "no"
    return ("notice", "unknown") if row.unknown else ("done", "yes")


def words_of(lacks: Iterable[Lack]) -> str:
    """What a run lacks, in words."""
    words = {
        Lack.PARAMETERS: _("parameters"),
        Lack.METRICS: _("metrics"),
        Lack.COMMIT: _("commit"),
        Lack.COMMIT_GONE: _("its commit is not in the repository"),
        Lack.UNCOMMITTED: _("changes that are in no commit"),
        Lack.DATA_VERSION: _("data version"),
        Lack.ENVIRONMENT: _("environment"),
    }
    return ", ".join(words[lack] for lack in lacks)


def comparison_head(comparison: RunComparison) -> tuple[str, ...]:
    """The heads of the columns of a comparison: the two runs by name."""
    left, right = (one.name or one.run_id[:12] for one in (comparison.left, comparison.right))
    return (_("Kind"), _("Name"), f"A: {left}", f"B: {right}")


def comparison_rows(comparison: RunComparison, *, with_equal: bool) -> list[tuple[tuple[str, ...], tuple[str, str]]]:
    """Cells and mark of each row: what differs, and with `with_equal` the rest."""
    found: list[tuple[tuple[str, ...], tuple[str, str]]] = []
    for section in comparison.sections:
        title = section_title(section)
        if section.why_not is not None:
            found.append(((title, shown(section.why_not), "", ""), ("notice", "unknown")))
            continue
        for row in section.rows:
            if row.differs or with_equal:
                cells = (title, row.name, row.left or "–", row.right or "–")
                found.append((cells, ("warning", "partly") if row.differs else ("done", "yes")))
    return found


def comparison_summary(comparison: RunComparison) -> str:
    """What differs, counted by kind."""
    parts = []
    for section in comparison.sections:
        if section.why_not is None:
            differ = (
                counted("{count} differs", "{count} differ", section.differing) if section.differing else _("all equal")
            )
            parts.append(f"{section_title(section)}: {differ}")
    return " · ".join(parts) or _("Neither run tells anything that could be compared.")


def section_title(section: ComparedSection) -> str:
    """The name of a kind of rows."""
    return {
        "parameters": _("Parameters"),
        "commit": _("Commit"),
        "data": _("Data"),
        "environment": _("Environment"),
        "metrics": _("Metrics"),
    }[section.id]


def local_time_of(started: int) -> str:
    """Seconds since the epoch as the person's own date and time; empty where unknown or impossible."""
    if started <= 0:
        return ""
    try:
        return dt.datetime.fromtimestamp(started, dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return ""
