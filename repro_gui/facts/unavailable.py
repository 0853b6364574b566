"""The value that stands where a fact could not be had."""

from __future__ import annotations

import msgspec

from repro_gui.text import Text


class Unavailable(msgspec.Struct, frozen=True, tag=True):
    """Why a fact is missing, and what would bring it; checks that need the fact *could not run* for this reason."""

    reason: Text
    mend: Text | None = None
