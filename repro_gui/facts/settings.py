"""What the person chose for this project."""

from __future__ import annotations

import datetime as dt

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """How much is read, counted in items and bytes and never in seconds, so that two machines give one report.

    `syntax_nodes` are those of one source, `program_nodes` those of all code that is followed from the entry points; both
    are counted by what is kept of them (`ModuleSummary.nodes`).
    """

    files: int = 200_000
    folder_files: int = 50_000
    depth: int = 40
    source_bytes: int = 4 * 1024 * 1024
    notebook_bytes: int = 100 * 1024 * 1024
    config_bytes: int = 4 * 1024 * 1024
    syntax_nodes: int = 2_000_000
    hashed_bytes: int = 20 * 1024**3
    program_nodes: int = 1_000_000


class Waiver(msgspec.Struct, frozen=True):
    """A finding that somebody answers for: why, who, and until when (ISO date, empty: no end)."""

    finding_key: str
    reason: str
    name: str
    until: str = ""

    def holds_on(self, day: dt.date) -> bool:
        """True until the end of the named day."""
        return not self.until or day.isoformat() <= self.until


class HandTick(msgspec.Struct, frozen=True):
    """A question no program can judge, answered by a person."""

    check_id: str
    name: str
    note: str
    on: str


class Settings(msgspec.Struct, frozen=True):
    """Choices for one project; all empty is what opening a folder for the first time gives.

    `entry_points` are paths (or `path::function`, or a command name) that replace the ones found. `interpreter` is the absolute path
    of the Python whose environment counts; empty means the best one found. `today` is the audit's date, so that
    expiry is part of the input.
    """

    entry_points: tuple[str, ...] = ()
    interpreter: str = ""
    data_folders: tuple[str, ...] = ()
    checklist: str = "pillars"
    waivers: tuple[Waiver, ...] = ()
    ticks: tuple[HandTick, ...] = ()
    limits: Limits = Limits()
    today: dt.date = dt.date(1970, 1, 1)
