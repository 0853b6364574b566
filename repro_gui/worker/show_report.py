"""A saved report as a page: what opens when a `.repro.json` file is double-clicked."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from repro_gui.audit.report import report_from_json
from repro_gui.errors import ReportUnreadable
from repro_gui.export.html import render
from repro_gui.own_folders import cache_folder, write_whole
from repro_gui.redact import redact_report
from repro_gui.text import text

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".repro.json"


def page_of_report(file: Path) -> Path:
    """Write the report as one HTML file into the cache and return it; raises `ReportUnreadable`."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ReportUnreadable(
            text("{path} cannot be read: {reason}.", path=str(file), reason=error.strerror or str(error)),
            text("Check the name and the permissions."),
        ) from error
    page = render(redact_report(report_from_json(content)))
    target = cache_folder("shown-reports") / f"{hashlib.sha256(page).hexdigest()[:16]}.html"
    write_whole(target, page)
    return target
