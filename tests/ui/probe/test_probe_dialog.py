"""The probe's window with real workers and a real torch; pictures of it in every theme and size."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from repro_gui.facts.determinism import probe_from_json
from repro_gui.own_folders import probe_file
from repro_gui.trust import remember_trust
from repro_gui.ui.probe.probe_dialog import ProbeDialog
from repro_gui.ui.theme.palettes import Theme
from repro_gui.ui.translate import set_language
from repro_gui.worker.messages import InterpreterPlanned
from repro_gui.worker.probe_project import keep_probe
from tests.foreign_environments import foreign_python
from tests.probe.test_make_interpreter import wheel
from tests.ui.conftest import git, is_audited, opened
from tests.ui.probe.sample_probe import sample_view
from tests.ui.probe.test_probe_views import COMPARISON, save_picture
from tests.ui.test_screens import SIZES, THEMES

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from repro_gui.ui.application import Windows
    from repro_gui.ui.main_window import MainWindow

WAIT = 150_000
PLANNED = InterpreterPlanned(
    number=1,
    torch="2.15.0",
    packages=29,
    download_bytes=3_000_129_266,
    disk_bytes=5_400_232_678,
    unsized=2,
    is_cpu_build=False,
    folder="/home/somebody/.cache/repro-gui/probe-interpreter",
)
TRAIN = """import torch

torch.manual_seed(0)
table = torch.randn(300_000, 8, requires_grad=True)
rows = torch.randint(0, 64, (300_000,))
model = torch.nn.Linear(8, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
counts = torch.bincount(rows, weights=torch.rand(300_000))
grown = torch.zeros(64).index_put((rows,), torch.rand(300_000), accumulate=True)
model(table).sum().backward()
optimizer.step()
"""


@pytest.fixture(scope="module")
def python() -> str:
    return str(foreign_python("training"))


@pytest.fixture
def window(windows: Windows, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    root = tmp_path / "vision"
    root.mkdir()
    (root / "train.py").write_text(TRAIN)
    git(root, "init", "--quiet", "--initial-branch=main")
    return opened(windows, qtbot, root)


def shown(window: MainWindow, qtbot: QtBot) -> ProbeDialog:
    window.actions_of.probe.trigger()
    (dialog,) = [one for one in window.findChildren(ProbeDialog) if one.isVisible()]
    qtbot.waitUntil(lambda: bool(dialog.card.summary.text()), timeout=WAIT)
    return dialog


def is_running(dialog: ProbeDialog) -> bool:
    return dialog.run.is_running


def test_a_probe_from_trust_to_the_report(window: MainWindow, qtbot: QtBot, python: str) -> None:
    dialog = shown(window, qtbot)
    assert "No probe of this project was kept yet." in dialog.card.summary.text()
    assert "Nothing is claimed about a GPU: none was measured." in dialog.card.summary.text()
    dialog.choices.choose_interpreter(python)
    dialog.choices.device.setCurrentIndex(dialog.choices.device.findData("cpu"))
    dialog.choices.budget.setValue(6)
    QTest.mouseClick(dialog.card.start_button, Qt.MouseButton.LeftButton)
    (asked,) = dialog.bar.notices
    assert "not trusted" in asked.what
    assert not is_running(dialog)
    asked.actions[0].run()
    qtbot.waitUntil(lambda: is_running(dialog), timeout=WAIT)
    # Live: cells come while it runs, and it measures.
    qtbot.waitUntil(lambda: dialog.pages.model.rowCount() > 20, timeout=WAIT)
    assert is_running(dialog)
    assert dialog.card.progress.isVisible()
    qtbot.waitUntil(lambda: dialog.card.progress.value() > 0, timeout=WAIT)
    assert not dialog.card.start_button.isVisible()
    qtbot.waitUntil(lambda: not is_running(dialog), timeout=WAIT)
    probe = dialog.view.probe
    assert probe.controls_held
    assert "torch 2.13.0" in dialog.card.summary.text()
    assert dialog.pages.model.rowCount() == len(probe.cases) > 100
    assert window.session is not None
    assert probe_from_json(probe_file(Path(window.session.root)).read_bytes()) == probe
    # The audit follows, and its lines stand at the operation.
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    result = window.session.results["unstable-on-this-machine"]
    assert result.outcome.value in {"failed", "passed"}, result
    dialog.reject()


def battery_processes() -> list[psutil.Process]:
    """Those below this process that run the battery; one that ends while it is looked at is none."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "battery.pyz" in " ".join(one.cmdline()):
                found.append(one)
    return found


def test_cancel_ends_it_and_shows_what_was_kept(window: MainWindow, qtbot: QtBot, python: str) -> None:
    assert window.session is not None
    keep_probe(Path(window.session.root), sample_view().probe)
    remember_trust(Path(window.session.root))
    window.session.trusted = True
    dialog = shown(window, qtbot)
    assert dialog.pages.model.rowCount() == len(sample_view().probe.cases)
    dialog.choices.choose_interpreter(python)
    dialog.start()
    qtbot.waitUntil(lambda: dialog.pages.model.rowCount() > 3, timeout=WAIT)
    tree = battery_processes()
    assert tree
    with qtbot.waitSignal(dialog.run.ended, timeout=WAIT):
        QTest.mouseClick(dialog.card.cancel_button, Qt.MouseButton.LeftButton)
    assert [one for one in tree if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
    assert dialog.bar.notices[0].what == "Stopped."
    qtbot.waitUntil(lambda: dialog.pages.model.rowCount() == len(sample_view().probe.cases), timeout=WAIT)
    # Closing in the middle of one leaves nothing behind (the fixture looks).
    dialog.start()
    qtbot.waitUntil(lambda: dialog.pages.model.rowCount() > 0, timeout=WAIT)
    dialog.reject()


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("no torch", "cannot import torch"),
        ("broken torch", "libcudart"),
        ("no device", "device cannot be used"),
        ("none at all", "No interpreter with torch"),
    ],
)
def test_each_trouble_is_a_sentence_with_a_way_on(
    window: MainWindow, qtbot: QtBot, python: str, tmp_path: Path, broken: str, expected: str
) -> None:
    assert window.session is not None
    remember_trust(Path(window.session.root))
    window.session.trusted = True
    dialog = shown(window, qtbot)
    if broken == "no torch":
        dialog.choices.choose_interpreter(sys.executable)
    elif broken == "broken torch":
        import subprocess

        subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
        site = next((tmp_path / "venv").glob("lib/python*/site-packages"))
        (site / "torch.py").write_text("raise ImportError('libcudart.so: cannot open')")
        dialog.choices.choose_interpreter(str(tmp_path / "venv" / "bin" / "python"))
    elif broken == "no device":
        dialog.choices.choose_interpreter(python)
        dialog.choices.device.addItem("cuda:0", "cuda:0")
        dialog.choices.device.setCurrentIndex(dialog.choices.device.findData("cuda:0"))
    with qtbot.waitSignal(dialog.run.ended, timeout=WAIT):
        dialog.start()
    (notice,) = dialog.bar.notices
    assert expected in notice.what
    assert notice.mend
    make = ["Make one…"] if broken == "none at all" else []
    assert [action.label for action in notice.actions] == [*make, "Other interpreter…"]
    assert dialog.card.start_button.isVisible()
    dialog.reject()


def test_an_interpreter_is_offered_with_its_size_made_and_probed_without_trust(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The real uv, with a folder of wheels in place of the index; this torch is too small to probe, which is told.
    (tmp_path / "wheels").mkdir()
    wheel(tmp_path / "wheels", "torch", "__version__ = '9.9.9'\n")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "wheels"))
    dialog = shown(window, qtbot)
    assert window.session is not None
    assert not window.session.trusted
    box = dialog.choices.interpreter
    box.setCurrentIndex(box.findText("Make one with torch…"))
    box.activated.emit(box.currentIndex())
    assert is_running(dialog)
    qtbot.waitUntil(lambda: bool(dialog.bar.notices), timeout=WAIT)
    (offer,) = dialog.bar.notices
    assert "torch 9.9.9, built for the CPU: 0 MB to download, about 0 MB on the disk." in offer.what
    assert "delete that folder" in offer.mend
    assert dialog.choices.made == ""
    offer.actions[0].run()
    assert is_running(dialog)
    qtbot.waitUntil(lambda: bool(dialog.choices.made), timeout=WAIT)
    assert dialog.choices.chosen_interpreter == dialog.choices.made
    # Nobody was asked for trust, and the probe of it began.
    qtbot.waitUntil(lambda: bool(dialog.bar.notices) and not is_running(dialog), timeout=WAIT)
    (told,) = dialog.bar.notices
    assert "device cannot be used" in told.what
    dialog.reject()
    again = shown(window, qtbot)
    qtbot.waitUntil(lambda: bool(again.choices.made), timeout=WAIT)
    assert again.choices.interpreter.findText("Make one with torch…") < 0
    again.reject()


def test_making_can_be_stopped(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wheels").mkdir()
    # Imported for an hour: stopped while it is tried.
    wheel(tmp_path / "wheels", "torch", "import time\ntime.sleep(3600)\n")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "wheels"))
    dialog = shown(window, qtbot)
    dialog.plan_interpreter()
    qtbot.waitUntil(lambda: bool(dialog.bar.notices), timeout=WAIT)
    dialog.bar.notices[0].actions[0].run()
    qtbot.waitUntil(lambda: "Trying the new interpreter" in dialog.card.progress_words.text(), timeout=WAIT)
    QTest.mouseClick(dialog.card.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not is_running(dialog), timeout=WAIT)
    assert dialog.bar.notices[0].what == "Stopped."
    assert dialog.choices.made == ""
    dialog.reject()


def test_save_load_and_compare(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    assert window.session is not None
    dialog = shown(window, qtbot)
    assert not dialog.compare.isEnabled()
    dialog.save_battery(str(tmp_path / "battery.pyz"))
    qtbot.waitUntil(lambda: bool(dialog.bar.notices), timeout=WAIT)
    (saved,) = dialog.bar.notices
    saved.actions[0].run()
    assert QGuiApplication.clipboard().text() == "python battery.pyz --alone probe.jsonl --budget 30"
    result = tmp_path / "cluster.json"
    result.write_bytes(sample_view().probe.to_json())
    dialog.load_result(str(result))
    qtbot.waitUntil(lambda: dialog.pages.model.rowCount() > 0, timeout=WAIT)
    qtbot.waitUntil(lambda: window.session is not None and window.session.is_auditing, timeout=WAIT)
    assert dialog.compare.isEnabled()
    other = msgspec.structs.replace(sample_view().probe, fingerprint={"torch": {"torch": "2.12.0", "threads": 2}})
    result.write_bytes(other.to_json())
    dialog.compare_with(str(result))
    qtbot.waitUntil(lambda: dialog.pages.tabs.count() == 4, timeout=WAIT)
    assert ("torch torch", "2.13.0+cpu", "2.12.0") in [row[:3] for row in dialog.pages.comparison.facts.rows]
    result.write_text("no probe at all")
    dialog.load_result(str(result))
    qtbot.waitUntil(lambda: any("no lines of the battery" in one.what for one in dialog.bar.notices), timeout=WAIT)
    dialog.pages.tabs.setCurrentIndex(2)
    QTest.mouseClick(dialog.pages.copy_button, Qt.MouseButton.LeftButton)
    assert '"threads": 2' in QGuiApplication.clipboard().text()
    qtbot.waitUntil(lambda: is_audited(window), timeout=WAIT)
    dialog.reject()


def test_failed_controls_stand_above_everything(window: MainWindow, qtbot: QtBot) -> None:
    assert window.session is not None
    keep_probe(Path(window.session.root), sample_view(held=False).probe)
    dialog = shown(window, qtbot)
    assert "no verdict counts" in dialog.bar.notices[0].what
    assert "controls failed" in dialog.card.summary.text()
    dialog.reject()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.value)
def test_screens(windows: Windows, window: MainWindow, qtbot: QtBot, theme: Theme, size: tuple[int, int]) -> None:
    assert window.session is not None
    windows.preferences.theme = theme
    windows.change_look()
    root = Path(window.session.root)
    faults = []
    empty = shown(window, qtbot)
    empty.resize(*size)
    qtbot.wait(50)
    faults += save_picture(empty, theme, size, "60-probe-empty")
    empty.reject()
    keep_probe(root, sample_view().probe)
    dialog = shown(window, qtbot)
    dialog.resize(*size)
    dialog.pages.show_used({"getitem.backward": ()})
    qtbot.wait(80)
    faults += save_picture(dialog, theme, size, "61-probe")
    dialog.pages.search.setText("getitem")
    dialog.pages.map.setCurrentIndex(dialog.pages.filter.index(0, 0))
    dialog.pages.search.clear()
    qtbot.wait(50)
    faults += save_picture(dialog, theme, size, "62-probe-operation")
    dialog.pages.only_varying.setChecked(True)
    dialog.card.begin("")
    dialog.card.progress_words.setText("Probing cpu: strict · 120 of 320")
    dialog.card.progress.setRange(0, 320)
    dialog.card.progress.setValue(120)
    qtbot.wait(50)
    faults += save_picture(dialog, theme, size, "63-probe-running")
    dialog.card.end()
    dialog.pages.tabs.setCurrentIndex(1)
    qtbot.wait(50)
    faults += save_picture(dialog, theme, size, "64-probe-price")
    dialog.pages.tabs.setCurrentIndex(2)
    qtbot.wait(50)
    faults += save_picture(dialog, theme, size, "65-probe-machine")
    dialog.pages.show_comparison(COMPARISON)
    qtbot.wait(50)
    faults += save_picture(dialog, theme, size, "66-probe-comparison")
    dialog._ask_for_trust()
    qtbot.wait(50)
    faults += save_picture(dialog, theme, size, "67-probe-trust")
    dialog.bar.settle("trust")
    dialog._offer_interpreter(PLANNED)
    qtbot.wait(50)
    faults += save_picture(dialog, theme, size, "69-probe-interpreter")
    dialog.reject()
    assert not faults, "\n".join(faults)


def test_german_and_large_letters_fit(windows: Windows, window: MainWindow, qtbot: QtBot) -> None:
    assert window.session is not None
    keep_probe(Path(window.session.root), sample_view().probe)
    set_language("de")
    faults = []
    for scale in (1.0, 1.3):
        windows.preferences.text_scale = scale
        windows.change_look()
        dialog = shown(window, qtbot)
        dialog.resize(1280, 800)
        for tab in range(dialog.pages.tabs.count()):
            dialog.pages.tabs.setCurrentIndex(tab)
            qtbot.wait(60)
            faults += save_picture(dialog, Theme.LIGHT, SIZES[0], f"68-probe-german-{scale}-{tab}")
        dialog.reject()
    assert not faults, "\n".join(faults)
