"""Writes the golden files anew: `python -m tests.export.golden`, then read the diff."""

from __future__ import annotations

from pathlib import Path

from repro_gui.export.formats import FORMATS
from tests.sample_report import sample_report

GOLDEN = Path(__file__).parent.parent / "golden"


def golden_file(suffix: str) -> Path:
    """Where the golden file of a format is."""
    return GOLDEN / f"report{suffix}"


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for known in FORMATS:
        if known.is_text:
            golden_file(known.suffix).write_bytes(known.render(sample_report()))
