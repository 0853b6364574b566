"""The whole report as JSON; `repro-gui schema` prints its schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repro_gui.audit.report import AuditReport

# Characters that JSON may hold as they are and that act on terminals or on the order of words.
_ACTING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def render(report: AuditReport) -> bytes:
    """UTF-8, indented, keys sorted; equal reports give equal bytes, and printing them does nothing to a terminal."""
    shown = report.to_json().decode("utf-8")
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", shown).encode("utf-8")
