"""A sentence for the person, where it belongs, with a way on; never a box that stops the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from repro_gui.ui.translate import _, shown
from repro_gui.worker.messages import Fault, Refusal


class Level(StrEnum):
    """How a notice looks."""

    NOTICE = "notice"
    DONE = "done"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class NoticeAction:
    """A way on: what its button says and does."""

    label: str
    run: Callable[[], object]


@dataclass(frozen=True)
class Notice:
    """What happened and how to go on; a later one with the same `topic` takes its place."""

    what: str
    mend: str = ""
    level: Level = Level.NOTICE
    topic: str = ""
    actions: tuple[NoticeAction, ...] = ()
    details: str = ""
    fades: bool = False


def notice_of(end: Refusal | Fault, *actions: NoticeAction, topic: str = "") -> Notice:
    """The sentences of a request that ended badly; a fault keeps its traceback for copying."""
    if isinstance(end, Refusal):
        return Notice(shown(end.what), shown(end.mend), Level.WARNING, topic, actions)
    return Notice(
        _("Repro GUI made a mistake: {error}").format(error=end.error),
        _("Your project was not touched. The details can be copied for a report; nothing is sent."),
        Level.ERROR,
        topic,
        actions,
        details=end.traceback,
    )
