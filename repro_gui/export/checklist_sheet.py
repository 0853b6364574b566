"""The chosen checklist as words: each item with its state and with what answers it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from repro_gui.audit.report import Tick

if TYPE_CHECKING:
    from repro_gui.audit.report import ChecklistItemNote, ChecklistNote

CHECKLIST_TITLE = "Checklist"
TICK_WORDS = {
    Tick.MET: "Met",
    Tick.NOT_MET: "Not met",
    Tick.CONFIRM: "To confirm",
    Tick.CANNOT_TELL: "Cannot tell",
    Tick.BY_HAND: "Open",
}
# The looks of the answers, which the states of items share.
_LOOKS = {
    Tick.MET: "yes",
    Tick.NOT_MET: "no",
    Tick.CONFIRM: "partly",
    Tick.CANNOT_TELL: "cannot-tell",
    Tick.BY_HAND: "cannot-tell",
}


def checklist_sentence(note: ChecklistNote) -> str:
    """Which checklist it is, and how many of its items are in which state."""
    counted = Counter(item.tick for item in note.items)
    counts = " · ".join(f"{counted[tick]} {word.lower()}" for tick, word in TICK_WORDS.items() if counted[tick])
    return f"{note.name} ({note.owner}, {note.year}): {counts}."


def answered_by(item: ChecklistItemNote) -> str:
    """What answers an item, and since when where a person does."""
    return f"{item.why}{f' ({item.on})' if item.on else ''}"


def checklist_sheet(note: ChecklistNote | None) -> dict[str, Any] | None:
    """The section of the PDF; None where none was chosen."""
    if note is None:
        return None
    return {
        "sentence": checklist_sentence(note),
        "rows": [
            {
                "text": item.text,
                "state": _LOOKS[item.tick],
                "word": TICK_WORDS[item.tick],
                "answered_by": answered_by(item),
                "checks": ", ".join(item.checks),
            }
            for item in note.items
        ],
    }
