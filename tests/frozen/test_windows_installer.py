"""The installer of Windows, compiled here and run under Wine with a stand-in for the program: install, upgrade, remove, refuse."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SCRIPT = ROOT / "packaging" / "windows" / "repro-gui.nsi"
WINE = Path("/usr/lib/wine/wine64")
KEY = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\repro-gui"
SHELL = r"Software\Classes\Directory\shell\repro-gui\command"

pytestmark = [
    pytest.mark.frozen,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("makensis") or not WINE.exists(), reason="needs nsis and wine64"),
]


class Windows:
    """A Windows of its own, without anybody's settings."""

    def __init__(self, folder: Path) -> None:
        self.drive = folder / "prefix" / "drive_c"
        kept = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
        self.environment = {
            **kept,
            "WINEPREFIX": str(folder / "prefix"),
            "WINEDEBUG": "-all",
            # No offers to fetch what only other programs need.
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
        }
        self.run("wineboot", "-i")
        self.set_version("win10")

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [WINE, *argv],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
            errors="replace",
        )

    def set_version(self, name: str) -> None:
        self.run("reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", name, "/f")

    def value(self, key: str, name: str = "", hive: str = "HKCU") -> str:
        """A string of the registry; empty where there is none."""
        said = self.run("reg", "query", rf"{hive}\{key}", *(["/v", name] if name else ["/ve"])).stdout
        for line in said.splitlines():
            if "REG_" in line:
                return line.split(maxsplit=2)[2].strip() if name else line.partition("REG_SZ")[2].strip()
        return ""

    def path(self, windows_path: str) -> Path:
        """Where a path of this Windows lies here."""
        return self.drive / windows_path.strip('"').removeprefix("C:\\").replace("\\", "/")

    def end(self) -> None:
        subprocess.run(["/usr/lib/wine/wineserver64", "-k"], env=self.environment, check=False, timeout=60)


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    made = Windows(tmp_path_factory.mktemp("windows"))
    yield made
    made.end()


@pytest.fixture(scope="module")
def installers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Two versions: the older one has a file that the newer one lacks, and the other way round."""
    folder = tmp_path_factory.mktemp("installers")
    programs = WINE.parent.parent / "x86_64-linux-gnu" / "wine" / "x86_64-windows"
    made = {}
    for version, file in (("0.0.9", "old.txt"), ("0.1.0", "new.txt")):
        payload = folder / version
        (payload / "_internal").mkdir(parents=True)
        shutil.copy(programs / "where.exe", payload / "repro-gui.exe")
        shutil.copy(programs / "notepad.exe", payload / "Repro GUI.exe")
        (payload / "_internal" / file).write_text(version)
        target = folder / f"{version}.exe"
        # -WX: a warning ends it.
        subprocess.run(
            ["makensis", "-V2", "-WX", f"-DVERSION={version}", f"-DPROGRAM={payload}", f"-DOUTPUT={target}", SCRIPT],
            check=True,
        )
        made[version] = f"Z:{target}".replace("/", "\\")
    return made


@pytest.mark.parametrize(
    ("mode", "hive", "place"),
    [
        ("/CurrentUser", "HKCU", r"C:\users\*\AppData\Local\Programs\Repro GUI"),
        ("/AllUsers", "HKLM", r"C:\Program Files\Repro GUI"),
    ],
)
def test_install_upgrade_and_remove(
    windows: Windows, installers: dict[str, str], mode: str, hive: str, place: str
) -> None:
    assert windows.run(installers["0.0.9"], "/S", mode).returncode == 0
    folder = windows.path(windows.value(KEY, "InstallLocation", hive))
    assert folder.match(place.replace("C:\\", "").replace("\\", "/"))
    assert (folder / "_internal" / "old.txt").read_text() == "0.0.9"
    assert windows.value(KEY, "DisplayVersion", hive) == "0.0.9"
    assert windows.value(SHELL, hive=hive).endswith(r'Repro GUI.exe" open "%1"')
    (folder / "mine.txt").write_text("somebody's own")

    assert windows.run(installers["0.1.0"], "/S", mode).returncode == 0
    assert windows.value(KEY, "DisplayVersion", hive) == "0.1.0"
    assert sorted(path.name for path in (folder / "_internal").iterdir()) == ["new.txt"]
    assert len(list(windows.drive.rglob("Repro GUI.lnk"))) == 1

    said = windows.value(KEY, "QuietUninstallString", hive)
    assert said.endswith(f"{mode} /S")
    # `_?=` keeps the uninstaller from copying itself away, so that its end can be waited for.
    uninstaller = windows.value(KEY, "InstallLocation", hive)
    assert windows.run(rf"{uninstaller}\Uninstall.exe", mode, "/S", f"_?={uninstaller}").returncode == 0
    assert sorted(path.name for path in folder.iterdir() if path.name != "Uninstall.exe") == ["mine.txt"]
    assert windows.value(KEY, "DisplayVersion", hive) == ""
    assert windows.value(SHELL, hive=hive) == ""
    assert not list(windows.drive.rglob("Repro GUI.lnk"))
    shutil.rmtree(folder)


def test_an_older_windows_is_refused_and_left_alone(windows: Windows, installers: dict[str, str]) -> None:
    windows.set_version("win7")
    try:
        assert windows.run(installers["0.1.0"], "/S", "/CurrentUser").returncode == 2
    finally:
        windows.set_version("win10")
    assert windows.value(KEY, "DisplayVersion") == ""
    assert not list(windows.drive.rglob("repro-gui.exe"))
