"""The whole program on a real X server: it opens, audits, is drawn, closes, and ends with what it started."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PySide6.QtGui import QImage

from tests.ui.conftest import ROOT

pytestmark = [
    pytest.mark.gui,
    pytest.mark.skipif(
        not (os.environ.get("DISPLAY") or shutil.which("xvfb-run")), reason="needs an X server or xvfb-run"
    ),
]
SCRIPT = Path(__file__).parent / "window_in_a_process.py"


def on_screen(*command: str) -> list[str]:
    """The command on the screen there is, or on a virtual one of its own."""
    if os.environ.get("DISPLAY"):
        return list(command)
    return [str(ROOT / "packaging" / "with-screen.sh"), *command]


def environment() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "xcb", "QT_LOGGING_RULES": "qt.qpa.*=false"}


def test_window_on_a_real_screen(project: Path, tmp_path: Path) -> None:
    picture = ROOT / "build" / "screens" / "real-screen.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    command = on_screen(sys.executable, str(SCRIPT), str(project), str(picture))
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    seen = json.loads(done.stdout)
    assert seen.get("platform") == "xcb", seen
    assert seen["answers"]["seeds"] == "no"
    image = QImage(str(picture))
    assert image.width() >= 1280
    colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 16) for y in range(0, image.height(), 16)}
    assert len(colours) > 20


def test_interrupt_closes_the_windows_and_their_workers(project: Path) -> None:
    process = subprocess.Popen(
        on_screen(sys.executable, "-m", "repro_gui", "open", str(project)),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        workers: list[psutil.Process] = []
        while not workers and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.1)
            children = psutil.Process(process.pid).children(recursive=True)
            workers = [child for child in children if "worker" in command_of(child)]
        assert workers, process.communicate(timeout=5)
        time.sleep(1)
        (window,) = [
            one
            for one in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            if "open" in command_of(one) and "python" in Path(command_of(one)[0]).name
        ]
        window.send_signal(signal.SIGINT)
        _out, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        _gone, alive = psutil.wait_procs(workers, timeout=10)
        assert alive == []
    finally:
        process.kill()


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
