"""`make run`: opens the window on the example; without a screen audits the example and writes the PDF.

Usage: run_example.py EXAMPLE_FOLDER PDF
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from repro_gui.apply.example import make_example


def has_screen() -> bool:
    """Whether windows can be shown: a display server is named, or the system always has one."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(example: Path, pdf: Path) -> int:
    """Exit status of the window, or of writing the PDF."""
    shutil.rmtree(example, ignore_errors=True)
    root = str(make_example(example))
    if has_screen():
        return repro_gui("open", root)
    pdf.parent.mkdir(parents=True, exist_ok=True)
    status = repro_gui("audit", root, "--fail-on", "never")
    if status == 0:
        status = repro_gui("audit", root, "--fail-on", "never", "--format", "pdf", "--output", str(pdf))
    if status == 0:
        print(f"\nThere is no screen, so the example in {root} was audited; the report is {pdf.resolve()}")
    return status


def repro_gui(*arguments: str) -> int:
    """Exit status of the program, started as a person starts it."""
    return subprocess.run([sys.executable, "-m", "repro_gui", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), Path(sys.argv[2])))
