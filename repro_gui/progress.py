"""How long work reports where it is and learns that it was cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from repro_gui.text import Text


class Progress(Protocol):
    """Handed into long work; the only thing such work knows about who waits for it."""

    def step(self, what: Text, done: int, total: int) -> None:
        """Report `done` of `total` items (0 = not known yet); raises `Cancelled` when the person stopped the work."""


class NoProgress:
    """For callers that wait for the end: reports to nobody and is never cancelled."""

    def step(self, what: Text, done: int, total: int) -> None:
        """Do nothing."""
