"""The program started on a saved report, as by a double-click, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.sample_report import sample_report

pytestmark = [pytest.mark.gui, pytest.mark.skipif(sys.platform != "linux", reason="asks for pages by xdg-open")]


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    """A folder of programs with one that shows pages: it notes which."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "xdg-open"
    program.write_text(
        f'#!/bin/sh\nenv >{tmp_path}/environment\necho "$1" >{tmp_path}/part && mv {tmp_path}/part {tmp_path}/asked\n'
    )
    program.chmod(0o755)
    return folder


def _start(report: Path, search: str, **own: str) -> subprocess.Popen[bytes]:
    # The platform without a screen asks nobody for pages.
    environment = {**os.environ, "PATH": search, "QT_QPA_PLATFORM": "xcb", **own}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "repro_gui", "open", report], env=environment, stderr=subprocess.PIPE
    )


@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="needs a screen; `make test` starts a virtual one")
def test_a_report_is_shown_as_a_page_and_no_window_opens(browser: Path, tmp_path: Path) -> None:
    saved = tmp_path / "audit.repro.json"
    saved.write_bytes(sample_report().to_json())
    process = _start(saved, f"{browser}{os.pathsep}{os.environ['PATH']}", QT_PLUGIN_PATH="/somewhere/of/mine")
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, b"")
    asked = tmp_path / "asked"
    for _ in range(200):
        if asked.exists():
            break
        time.sleep(0.05)
    page = Path(asked.read_text().strip().removeprefix("file://"))
    assert sample_report().project in page.read_text(encoding="utf-8")
    # The browser is a program of the person's system, with the person's settings for Qt.
    assert "QT_PLUGIN_PATH=/somewhere/of/mine" in (tmp_path / "environment").read_text().splitlines()


def test_plug_ins_of_another_qt_are_not_looked_at(tmp_path: Path) -> None:
    asked = (
        "import os, repro_gui.ui\n"
        "from repro_gui.ui.application import make_application\n"
        "application = make_application()\n"
        "print(*application.libraryPaths(), os.environ['QT_PLUGIN_PATH'], sep='\\n')\n"
    )
    environment = {**os.environ, "QT_PLUGIN_PATH": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-P", "-c", asked], env=environment, capture_output=True, check=True)
    *searched, kept = os.fsdecode(done.stdout).splitlines()
    assert [Path(path) for path in searched if Path(path).name == "plugins"]
    assert str(tmp_path) not in searched
    assert kept == str(tmp_path)


@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="needs a screen; `make test` starts a virtual one")
def test_a_damaged_report_opens_the_window_that_says_so(browser: Path, tmp_path: Path) -> None:
    saved = tmp_path / "audit.repro.json"
    saved.write_bytes(b"{}")
    process = _start(saved, f"{browser}{os.pathsep}{os.environ['PATH']}")
    # It listens to signals from just after its worker was started.
    for _ in range(1200):
        if process.poll() is not None or psutil.Process(process.pid).children():
            break
        time.sleep(0.05)
    time.sleep(3)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, b"")
    assert not (tmp_path / "asked").exists()
