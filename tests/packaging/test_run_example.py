"""`make run` without a screen: the bundled example is audited and the report written, anew each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pypdf import PdfReader

SCRIPT = Path(__file__).parent.parent.parent / "packaging" / "run_example.py"


def test_audits_the_example_and_says_where_the_report_is(tmp_path: Path) -> None:
    example, pdf = tmp_path / "build" / "example", tmp_path / "build" / "audit.pdf"
    for _ in range(2):
        said = _run(example, pdf)
        assert str(pdf) in said
        assert len(PdfReader(pdf).pages) >= 1
        assert (example / ".git").is_dir()
        pdf.unlink()


def _run(example: Path, pdf: Path) -> str:
    without_screen = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    done = subprocess.run(
        [sys.executable, SCRIPT, example, pdf],
        env=without_screen,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
