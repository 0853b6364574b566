"""The built program under test: `dist/repro-gui`, when it was built from the commit that is checked out.

`FROZEN_PROGRAM` names another program, of the sources that these tests import; `make test-installer` sets `MUST_BE_BUILT`, so
that nothing is skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DIST = ROOT / "dist"


@pytest.fixture(scope="session")
def program() -> Path:
    """The program itself; the test is skipped when there is none of this commit."""
    named = os.environ.get("FROZEN_PROGRAM", "")
    path = Path(named) if named else DIST / "repro-gui" / "repro-gui"
    reason = ""
    if not path.exists():
        reason = "the program is not built: make installer"
    elif not named:
        built = (ROOT / "build" / "installer" / "commit.txt").read_text(encoding="ascii").split()[0]
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
        if built != head:
            reason = f"the program was built from {built[:12]}, not from what is checked out: make installer"
    if reason and os.environ.get("MUST_BE_BUILT"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def sources(program: Path) -> str:
    """A Python with the very wheel that the program was built from: a checkout goes on while the tests run."""
    if os.environ.get("FROZEN_PROGRAM"):
        return sys.executable
    del program
    folder = ROOT / "build" / "installer" / "environment"
    return str(folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))


@pytest.fixture(scope="session")
def package(program: Path) -> Path:
    """The newest Debian package of that program."""
    del program
    found = sorted(DIST.glob("repro-gui_*.deb"), key=lambda path: path.stat().st_mtime)
    if not found:
        pytest.skip("the package is not built: make installer")
    return found[-1]
