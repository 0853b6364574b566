"""Published checklists for reproducible research, item by item in our own short words."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Decided(StrEnum):
    """Who can tick an item: the tool, the tool's evidence together with a person, or a person alone."""

    AUTO = "auto"
    ASSIST = "assist"
    MANUAL = "manual"


class ChecklistItem(msgspec.Struct, frozen=True):
    """One question; `checks` are the ids of ours that bear on it, `look_at` says what a person should look at.

    `pillar` is one of ours or `paper` for what only the paper can answer.
    """

    id: str
    text: str
    pillar: str
    decided: Decided
    checks: tuple[str, ...] = ()
    look_at: str = ""


class Checklist(msgspec.Struct, frozen=True):
    """A checklist with its owner; `read` says how much of the source was read for it (`all`, `partly`, `none`)."""

    id: str
    name: str
    owner: str
    year: int
    source: str
    read: str
    items: tuple[ChecklistItem, ...]
    scoring: str = ""
    answers: tuple[str, ...] = ()
    note: str = ""
