"""The package and the `.run`: what is in them, what the system's own checkers say, and installing for one person without root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frozen.conftest import DIST, ROOT

LINUX = ROOT / "packaging" / "linux"
DOWNLOAD_MEGABYTES = 130
_PERSON = 65534

pytestmark = [pytest.mark.frozen, pytest.mark.skipif(sys.platform != "linux", reason="Linux")]


def said_by(*argv: str | Path) -> str:
    """What a checker prints; it must end well."""
    if not shutil.which(str(argv[0])):
        pytest.skip(f"{argv[0]} is not installed")
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_menu_entry_is_valid() -> None:
    assert said_by("desktop-file-validate", LINUX / "repro-gui.desktop") == ""


def test_the_appstream_data_is_valid(tmp_path: Path) -> None:
    name = "org.repro_gui.repro_gui.metainfo.xml"
    filled = (LINUX / name).read_text().replace("@VERSION@", "0.1.0").replace("@DATE@", "2026-01-01")
    (tmp_path / name).write_text(filled)
    said_by("appstreamcli", "validate", "--no-net", tmp_path / name)


def test_the_package_holds_what_a_desktop_asks_for(package: Path) -> None:
    listed = said_by("dpkg-deb", "--contents", package)
    names = {line.split()[5] for line in listed.splitlines()}
    for name in (
        *("./usr/bin/repro-gui", "./usr/lib/repro-gui/repro-gui", "./usr/lib/repro-gui/_internal/uv"),
        *("./usr/share/applications/repro-gui.desktop", "./usr/share/mime/packages/repro-gui.xml"),
        *("./usr/share/metainfo/org.repro_gui.repro_gui.metainfo.xml", "./usr/share/man/man1/repro-gui.1.gz"),
        *("./usr/share/doc/repro-gui/changelog.gz", "./usr/share/doc/repro-gui/copyright"),
        "./usr/share/icons/hicolor/scalable/apps/repro-gui.svg",
        *(
            f"./usr/share/icons/hicolor/{size}x{size}/apps/repro-gui.png"
            for size in (16, 24, 32, 48, 64, 128, 256, 512)
        ),
    ):
        assert name in names
    assert all(line.split()[1] == "root/root" for line in listed.splitlines())
    assert package.stat().st_size <= DOWNLOAD_MEGABYTES * 1_000_000


def test_lintian_finds_none_of_the_chosen_faults(package: Path) -> None:
    tags = ",".join(line for line in (LINUX / "lintian-tags").read_text().splitlines() if not line.startswith("#"))
    assert said_by("lintian", "--no-cfg", "--allow-root", "--tags", tags, package) == ""


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home; whoever is root here gives it to somebody who is not."""
    made = Path(tempfile.mkdtemp(prefix="repro-gui-person-"))
    if os.geteuid() == 0:
        os.chown(made, _PERSON, _PERSON)
    yield made
    shutil.rmtree(made)


def test_a_person_installs_upgrades_and_removes_it_without_root(program: Path, home: Path) -> None:
    del program
    archives = sorted(DIST.glob("repro-gui-*.run"), key=lambda path: path.stat().st_mtime)
    if not archives:
        pytest.skip("the .run is not built: make installer")
    # The checkout may be closed to others.
    archive = Path(shutil.copy(archives[-1], home / "download.run"))
    archive.chmod(0o755)
    person = _PERSON if os.geteuid() == 0 else None
    own = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

    def start(*argv: str | Path) -> str:
        done = subprocess.run(
            argv,
            env=own,
            cwd=home,
            user=person,
            group=person,
            extra_groups=[] if person else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    start("sh", "-c", "mkdir -p .config/repro-gui && printf '[General]\ntheme=dark\n' >.config/repro-gui/windows.ini")
    for _ in range(2):  # the second time it is an upgrade
        assert "Repro GUI is installed" in start("sh", archive)
        entry = (home / ".local" / "share" / "applications" / "repro-gui.desktop").read_text()
        assert f'Exec="{home}/.local/lib/repro-gui/repro-gui" open %F' in entry
        assert start(home / ".local" / "bin" / "repro-gui", "--version").startswith("repro-gui ")
    assert "Everything works." in start(home / ".local" / "bin" / "repro-gui", "--self-test")
    assert not list((home / ".local" / "lib").glob("repro-gui.*"))
    start("desktop-file-validate", home / ".local" / "share" / "applications" / "repro-gui.desktop")
    start(home / ".local" / "lib" / "repro-gui" / "uninstall.sh")
    left = [path for path in (home / ".local").rglob("*repro*") if not path.is_dir() and "state" not in path.parts]
    assert left == []
    assert (home / ".config" / "repro-gui" / "windows.ini").exists()
    start("sh", archive)
    start(home / ".local" / "lib" / "repro-gui" / "uninstall.sh", "--purge")
    assert [path for path in home.rglob("*repro*gui*") if path != archive] == []
