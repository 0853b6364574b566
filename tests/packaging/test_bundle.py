"""What goes into the built program and what stays out, and the icons that systems ask for."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import repro_gui
from repro_gui.checks.find_checks import check_module_names

PACKAGING = Path(__file__).parent.parent.parent / "packaging"


@pytest.fixture(scope="module")
def bundle() -> ModuleType:
    return _module("bundle")


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"packaging_{name}", PACKAGING / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_that_we_stand_on_is_excluded(bundle: ModuleType) -> None:
    excluded = set(bundle.EXCLUDED_MODULES)
    provided = importlib.metadata.packages_distributions()
    declared = {
        line.split(";")[0].split(">")[0].strip().lower() for line in importlib.metadata.requires("repro-gui") or []
    }
    optional = {"torch", "lakefs", "mlflow-skinny"}
    ours = {
        name for name, sources in provided.items() if {source.lower() for source in sources} & (declared - optional)
    }
    assert ours & excluded == set()
    assert not {name.split(".")[0] for name in check_module_names()} & excluded


def test_the_battery_goes_as_sources_and_not_as_modules(bundle: ModuleType) -> None:
    names = [
        "repro_gui.probe.run",
        "repro_gui.probe.battery",
        "repro_gui.probe.battery.layers",
        "repro_gui.probe.battery_x",
    ]
    assert bundle.own_modules(names) == ["repro_gui.probe.run", "repro_gui.probe.battery_x"]
    files = dict(bundle.own_files(Path(repro_gui.__file__).parent))
    battery = {Path(path).name for path, folder in files.items() if folder == "repro_gui/probe/battery"}
    assert {"__main__.py", "registry.py", "layers.py"} <= battery


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
        ("PySide6/Qt/plugins/platforms/libqeglfs.so", False),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6\\plugins\\imageformats\\qtiff.dll", False),
        ("PySide6/Qt/plugins/imageformats/libqsvg.so", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("repro_gui/resources/translations/de/LC_MESSAGES/repro-gui.mo", True),
        ("dvc-3.67.1.dist-info/METADATA", True),
        ("dvc-3.67.1.dist-info/RECORD", False),
    ],
)
def test_files_that_are_never_opened_stay_behind(bundle: ModuleType, name: str, stays: bool) -> None:
    assert bool(bundle.trimmed_data([(name, "/x", "DATA")])) is stays


def test_the_start_of_qt_that_writes_into_the_environment_stays_behind(bundle: ModuleType) -> None:
    names = ["own_libraries_only_for_us", "pyi_rth_inspect", "pyi_rth_pyside6", "__main__"]
    kept = bundle.start_scripts([(name, f"/somewhere/{name}.py", "PYSOURCE") for name in names])
    assert [row[0] for row in kept] == ["own_libraries_only_for_us", "pyi_rth_inspect", "__main__"]


@pytest.mark.skipif(sys.platform != "linux", reason="shared libraries of Linux")
@pytest.mark.skipif(shutil.which("objdump") is None, reason="binutils come with what `make installer` needs")
def test_only_libraries_that_something_reaches_are_carried(bundle: ModuleType) -> None:
    """With real ELF files: psutil's extension is reached by Python, a library that nothing links to is not."""
    import psutil._psutil_linux as extension

    place = str(extension.__file__)
    rows = [
        ("psutil/_psutil_linux.abi3.so", place, "EXTENSION"),
        ("libnobody-asks.so.1", place, "BINARY"),
        ("libstdc++.so.6", place, "BINARY"),
        ("libpython3.11.so.1.0", place, "BINARY"),
    ]
    kept = [row[0] for row in bundle.trimmed_libraries(rows)]
    assert kept == ["libpython3.11.so.1.0", "psutil/_psutil_linux.abi3.so"]


def test_icons_in_every_size(tmp_path: Path) -> None:
    # In a process of its own: one application of Qt per process.
    environment = {**os.environ, "PYTHONPATH": str(PACKAGING.parent)}
    subprocess.run([sys.executable, PACKAGING / "draw_icons.py", tmp_path], check=True, env=environment, timeout=120)
    for size in (16, 22, 24, 32, 48, 64, 96, 128, 256, 512):
        content = (tmp_path / f"{size}.png").read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", content[16:24]) == (size, size)
        assert len(content) > 300
    ico = (tmp_path / "repro-gui.ico").read_bytes()
    _, kind, count = struct.unpack("<HHH", ico[:6])
    assert (kind, count) == (1, 7)
    for number in range(count):
        length, place = struct.unpack("<II", ico[6 + 16 * number + 8 : 6 + 16 * number + 16])
        assert ico[place : place + 4] == b"\x89PNG"
        assert place + length <= len(ico)
    icns = (tmp_path / "repro-gui.icns").read_bytes()
    assert icns[:4] == b"icns"
    assert struct.unpack(">I", icns[4:8]) == (len(icns),)


def test_what_windows_shows_of_the_program() -> None:
    shown = _module("freeze").windows_version("0.1.0")
    assert "filevers=(0, 1, 0, 0)" in shown
    assert "StringStruct('ProductVersion', '0.1.0')" in shown
