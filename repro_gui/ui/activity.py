"""What a window does now, as a value."""

from __future__ import annotations

import msgspec

from repro_gui.text import Text


class Activity(msgspec.Struct, frozen=True):
    """What is being done now: the sentence, and how far it is (`total` 0: not known)."""

    what: Text
    done: int = 0
    total: int = 0
    can_cancel: bool = True
