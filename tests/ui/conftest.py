"""What all tests of the windows share: own folders, a look, windows that leave nothing behind."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
import pytest
from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QEvent, Qt, QThreadPool
from PySide6.QtWidgets import QApplication

import repro_gui.ui
from repro_gui.ui.application import Windows
from repro_gui.ui.main_window import MainWindow
from repro_gui.ui.theme.palettes import Theme
from repro_gui.ui.translate import set_language
from tests.ui.model_testers import watch_models

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

assert repro_gui.ui
ROOT = Path(__file__).parent.parent.parent
STAND_IN = Path(__file__).parent / "stand_in_worker.py"
WAIT = 30_000

TRAIN = """import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split


def main() -> None:
    X = np.random.rand(200, 4)
    y = (X.sum(axis=1) > 2).astype(int)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25)
    model = RandomForestClassifier()
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))


if __name__ == "__main__":
    main()
"""


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["repro-gui"]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, journals and caches of windows and workers lie in the test's own folder."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("REPRO_GUI_SETTINGS", str(home / "windows.ini"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture(autouse=True)
def watched_models(monkeypatch: pytest.MonkeyPatch) -> list[type[QAbstractItemModel]]:
    """Qt's model tester looks at every model of every window in every test; the kinds that were made."""
    return watch_models(monkeypatch)


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp: QApplication) -> Iterator[None]:
    """No window, thread, timer of ours or process survives a test."""
    qapp.setStyle("Fusion")
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    threads = set(threading.enumerate())
    yield
    for widget in QApplication.topLevelWidgets():
        if not widget.parent() and isinstance(widget, MainWindow):
            widget.close()
    settle()
    left = [
        type(widget).__name__
        for widget in QApplication.topLevelWidgets()
        if type(widget).__module__.startswith("repro_gui.")
    ]
    assert left == []
    assert QThreadPool.globalInstance().activeThreadCount() == 0
    assert set(threading.enumerate()) <= threads
    children = [process for process in psutil.Process().children(recursive=True) if process.pid not in before]
    _gone, alive = psutil.wait_procs(children, timeout=5)
    assert [process.cmdline() for process in alive] == []
    set_language("en")


def settle() -> None:
    """Let deferred deletions and queued calls happen."""
    for _turn in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def stand_in(*options: str) -> list[str]:
    """The command of a worker that behaves as the options say."""
    return [sys.executable, str(STAND_IN), *options]


@pytest.fixture
def windows(qtbot: QtBot) -> Windows:
    """Windows with the real worker."""
    made = Windows()
    made.preferences.theme = Theme.LIGHT
    made.preferences.language = "en"
    set_language("en")
    made.change_look()
    return made


@pytest.fixture
def stand_in_windows(qtbot: QtBot) -> Callable[..., Windows]:
    """Windows with a worker that behaves as the options say."""

    def make(*options: str) -> Windows:
        made = Windows(stand_in(*options))
        made.preferences.theme = Theme.LIGHT
        made.preferences.language = "en"
        set_language("en")
        made.change_look()
        return made

    return make


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small real project in a real repository: unpinned requirements, unseeded training."""
    root = tmp_path / "abalone"
    root.mkdir()
    (root / "train.py").write_text(TRAIN)
    (root / "requirements.txt").write_text("numpy\nscikit-learn\n")
    (root / "README.md").write_text("# Abalone\n\nRun `python train.py`.\n")
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "First")
    return root


def git(root: Path, *arguments: str) -> str:
    """Run Git as nobody in particular."""
    program = shutil.which("git")
    assert program is not None
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run([program, *who, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout


def opened(windows: Windows, qtbot: QtBot, root: Path | str) -> MainWindow:
    """A window with an audited project."""
    window = windows.open_window(str(root))

    def audited() -> None:
        said = [f"{notice.what} {notice.mend} {notice.details}" for notice in window.bar.notices]
        session = window.session
        assert is_audited(window), (said, session is not None and (session.activity, session.is_auditing))

    qtbot.waitUntil(audited, timeout=WAIT)
    return window


def is_audited(window: MainWindow) -> bool:
    """True when a report is shown and no audit is under way."""
    session = window.session
    return session is not None and session.report is not None and not session.is_auditing


def key(widget: object, which: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is."""
    from PySide6.QtTest import QTest

    QTest.keyClick(widget, which, modifier)  # type: ignore[call-overload]
