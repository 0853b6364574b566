"""The package in bare systems, as root in trees made by debootstrap; and the same commit built twice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.frozen.conftest import DIST, ROOT

pytestmark = [pytest.mark.frozen, pytest.mark.slow, pytest.mark.timeout(3600)]
TREES = Path(os.environ.get("BARE_TREES", "") or ROOT / "build" / "bare-trees")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="makes trees and mounts as root")
@pytest.mark.parametrize("suite", ["bookworm", "trixie"])
def test_install_use_upgrade_purge(package: Path, suite: str, tmp_path: Path) -> None:
    for needed in ("debootstrap", "Xvfb", "xdotool", "import"):
        if not shutil.which(needed):
            pytest.skip(f"{needed} is not installed")
    tree = TREES / suite
    if not tree.exists():
        TREES.mkdir(parents=True, exist_ok=True)
        made = tree.with_name(f"{suite}.part")
        shutil.rmtree(made, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", suite, made], check=True)
        made.rename(tree)
    older = DIST / f"repro-gui_0.0.1_{package.stem.rsplit('_', 1)[1]}.deb"
    subprocess.run([sys.executable, ROOT / "packaging/package_linux.py", "--version", "0.0.1", "deb"], check=True)
    prove = [ROOT / "packaging/linux/prove_package.sh", tree, older, package, tmp_path]
    try:
        done = subprocess.run(prove, capture_output=True, text=True, check=False)
    finally:
        older.unlink()
    log = (tmp_path / "log.txt").read_text(errors="replace")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{log[-4000:]}"
    assert (tmp_path / "window.png").stat().st_size > 20_000


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
