"""The consistency table of packages in a report: the same rows in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.audit.report import package_rows
from repro_gui.text import neutralise

if TYPE_CHECKING:
    from repro_gui.audit.report import AuditReport

COLUMNS = ("Package", "Imported as", "Declared", "Locked", "Installed", "Image")
TITLE = "Packages"
SENTENCE = (
    "What the code imports, the lists declare, the locks fix, the project's environment has and the image installs."
)
_MOST_ROWS = 200


def table_rows(report: AuditReport, most: int = _MOST_ROWS) -> tuple[list[tuple[bool, tuple[str, ...]]], str]:
    """Whether a row does not agree, and its cells, the odd ones first; and a sentence on those that are left out."""
    rows = package_rows(report.results)
    shown = [(row.is_odd, tuple(neutralise(cell) for cell in row.cells)) for row in rows[:most]]
    left = len(rows) - len(shown)
    return shown, f"{left} more; the JSON report has all." if left else ""
