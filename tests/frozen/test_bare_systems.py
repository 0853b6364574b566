"""The package in bare systems, as root in trees made by debootstrap; and the same commit built twice.

Trees lie in `build/bare-trees` or where BARE_TREES says, a folder named for each suite. UBUNTU_MIRROR is where debootstrap finds
Ubuntu when there is no tree of it yet; its keys come in the package `ubuntu-archive-keyring` or `ubuntu-keyring`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frozen.conftest import DIST, ROOT

pytestmark = [pytest.mark.frozen, pytest.mark.slow, pytest.mark.timeout(3600)]
TREES = Path(os.environ.get("BARE_TREES", "") or ROOT / "build" / "bare-trees")
_UBUNTU_KEYS = Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg")


@pytest.fixture(scope="module")
def older(package: Path) -> Iterator[Path]:
    """The same program as an older version."""
    made = DIST / f"repro-gui_0.0.1_{package.stem.rsplit('_', 1)[1]}.deb"
    subprocess.run([sys.executable, ROOT / "packaging/package_linux.py", "--version", "0.0.1", "deb"], check=True)
    yield made
    made.unlink()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="makes trees and mounts as root")
@pytest.mark.parametrize("suite", ["bookworm", "trixie", "jammy"])
def test_install_use_upgrade_purge(package: Path, older: Path, suite: str, tmp_path: Path) -> None:
    for needed in ("debootstrap", "Xvfb", "xdotool", "import"):
        if not shutil.which(needed):
            pytest.skip(f"{needed} is not installed")
    tree = TREES / suite
    if not tree.exists():
        _make_tree(suite, tree)
    prove = [ROOT / "packaging/linux/prove_package.sh", tree, older, package, tmp_path]
    done = subprocess.run(prove, capture_output=True, text=True, check=False)
    log = (tmp_path / "log.txt").read_text(errors="replace")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{log[-4000:]}"
    assert (tmp_path / "window.png").stat().st_size > 20_000


def _make_tree(suite: str, tree: Path) -> None:
    mirror = os.environ.get("UBUNTU_MIRROR", "") if suite == "jammy" else ""
    if suite == "jammy" and not (mirror and _UBUNTU_KEYS.exists()):
        pytest.skip(f"no tree in {tree}, and UBUNTU_MIRROR or Ubuntu's keys are missing to make one")
    made = tree.with_name(f"{suite}.part")
    shutil.rmtree(made, ignore_errors=True)
    made.parent.mkdir(parents=True, exist_ok=True)
    more = [f"--keyring={_UBUNTU_KEYS}", "--components=main,universe"] if mirror else []
    place = [mirror] if mirror else []
    subprocess.run(["debootstrap", "--variant=minbase", *more, suite, made, *place], check=True)
    made.rename(tree)


def test_the_same_commit_gives_the_same_files(program: Path, tmp_path: Path) -> None:
    """Built again from a clone in another folder."""
    del program
    again = tmp_path / "again"
    subprocess.run(["git", "clone", "--quiet", ROOT, again], check=True)
    subprocess.run([sys.executable, again / "packaging" / "freeze.py"], check=True)
    first, second = (
        set((root / "build" / "installer" / "manifest.txt").read_text().splitlines()) for root in (ROOT, again)
    )
    assert sorted(first ^ second) == []
