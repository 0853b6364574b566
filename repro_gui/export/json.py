"""The whole report as JSON; `repro-gui schema` prints its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repro_gui.audit.report import AuditReport


def render(report: AuditReport) -> bytes:
    """UTF-8, indented, keys sorted; equal reports give equal bytes."""
    return report.to_json()
