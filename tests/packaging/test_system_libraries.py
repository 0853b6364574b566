"""What `packaging/system-packages.sh` installs is all that Qt needs: nothing it loads is missing, and a window opens."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import PySide6
import pytest

QT = Path(PySide6.__file__).parent / "Qt"
# Loaded for every window; the drivers of data bases and 3D that the wheel also brings are not.
LOADED = [
    *("lib/libQt6Widgets.so.6", "lib/libQt6Pdf.so.6", "lib/libQt6PdfWidgets.so.6", "lib/libQt6Svg.so.6"),
    *("lib/libQt6PrintSupport.so.6", "plugins/iconengines/libqsvgicon.so", "plugins/imageformats/libqsvg.so"),
    *("plugins/platforms/libqxcb.so", "plugins/platforms/libqoffscreen.so", "plugins/platforms/libqwayland.so"),
    *("plugins/xcbglintegrations/libqxcb-glx-integration.so", "plugins/xcbglintegrations/libqxcb-egl-integration.so"),
]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="shared libraries of Linux")


@pytest.mark.parametrize("name", LOADED)
def test_nothing_that_qt_loads_is_missing(name: str) -> None:
    ldd = shutil.which("ldd")
    assert ldd
    shown = subprocess.run([ldd, QT / name], capture_output=True, text=True, check=True).stdout
    missing = [line.strip() for line in shown.splitlines() if "not found" in line]
    assert missing == [], "run packaging/system-packages.sh tests"


@pytest.mark.gui
@pytest.mark.parametrize("platform", ["offscreen", "xcb"])
def test_a_window_opens_and_shows_letters(platform: str) -> None:
    if platform == "xcb" and not os.environ.get("DISPLAY"):
        pytest.skip("there is no screen; `make test` starts a virtual one")
    script = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel
application = QApplication([])
label = QLabel("Reproducible?")
label.show()
def look():
    picture = label.grab().toImage()
    colours = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    print(application.platformName(), len(colours) > 1)
    application.quit()
QTimer.singleShot(200, look)
sys.exit(application.exec())
"""
    environment = {**os.environ, "QT_QPA_PLATFORM": platform}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [platform, "True"]
    assert done.stderr == ""
