"""PySide6 6.12 under Python 3.11 takes a reference of None with each call; the windows must outlive that."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
import repro_gui.ui
from PySide6.QtCore import QObject
thing = QObject()
for _ in range(50_000):
    thing.setObjectName("x")
print("alive", sys.getrefcount(None) > 50_000 or sys.version_info >= (3, 12))
"""


def test_fifty_thousand_calls_leave_none_alive() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "alive True"
