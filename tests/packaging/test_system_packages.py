"""`packaging/system-packages.sh` asks for nothing that is there, and says the exact line to a person who may not install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "packaging" / "system-packages.sh"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Debian's packages")


@pytest.fixture
def system() -> Iterator[Path]:
    """A folder of programs that another user may run: what the script uses, without sudo and package managers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for program in ("sh", "grep", "id"):
            (folder / program).symlink_to(_path_of(program))
        yield folder


def test_prints_the_line_to_run(system: Path) -> None:
    _answer(system, "dpkg-query", "exit 1")
    done = _run_as_nobody(system, "window")
    assert done.returncode == 2
    (line,) = [line.strip() for line in done.stderr.splitlines() if "apt-get install" in line]
    assert line.startswith("sudo apt-get update && sudo apt-get install --no-install-recommends --yes libgl1 ")
    assert "libxcb-cursor0" in line
    assert "xvfb" not in line


def test_tests_need_a_screen_and_pdf_tools_too(system: Path) -> None:
    _answer(system, "dpkg-query", "exit 1")
    asked = _run_as_nobody(system, "tests").stderr
    assert all(f" {name}" in asked for name in ("libgl1", "xvfb", "xauth", "poppler-utils"))


def test_asks_only_for_what_is_missing(system: Path) -> None:
    _answer(system, "dpkg-query", 'case "$*" in *xauth*) exit 1 ;; *) echo "install ok installed" ;; esac')
    (line,) = [line for line in _run_as_nobody(system, "tests").stderr.splitlines() if "apt-get install" in line]
    assert line.endswith("--yes xauth")


def test_a_package_that_was_removed_is_missing(system: Path) -> None:
    _answer(system, "dpkg-query", 'echo "deinstall ok config-files"')
    assert _run_as_nobody(system, "window").returncode == 2


def test_says_nothing_when_all_is_there(system: Path) -> None:
    _answer(system, "dpkg-query", 'echo "install ok installed"')
    done = _run_as_nobody(system, "tests")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_leaves_systems_without_dpkg_alone(system: Path) -> None:
    done = _run_as_nobody(system, "tests")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_installs_with_sudo_that_asks_no_password(system: Path) -> None:
    _answer(system, "dpkg-query", "exit 1")
    # sudo cleans the environment, as the real one does.
    _answer(system, "sudo", f'shift; exec /usr/bin/env -i PATH={system} "$@"')
    _answer(system, "apt-get", 'echo "$DEBIAN_FRONTEND: $*" >&2')
    for program in ("true", "env"):
        (system / program).symlink_to(_path_of(program))
    done = _run_as_nobody(system, "window")
    assert done.returncode == 0, done.stderr
    update, install = done.stderr.splitlines()
    assert update.startswith("noninteractive: ")
    assert update.endswith(" update")
    assert "noninteractive: " in install
    assert " install --no-install-recommends --yes libgl1 " in install


def test_a_failed_installation_says_the_line(system: Path) -> None:
    _answer(system, "dpkg-query", "exit 1")
    _answer(system, "sudo", 'shift; exec "$@"')
    _answer(system, "apt-get", "exit 100")
    for program in ("true", "env"):
        (system / program).symlink_to(_path_of(program))
    done = _run_as_nobody(system, "window")
    assert done.returncode == 2
    assert "sudo apt-get install" in done.stderr


def _answer(system: Path, program: str, script: str) -> None:
    path = system / program
    path.write_text(f"#!{_path_of('sh')}\n{script}\n")
    path.chmod(0o755)


def _path_of(program: str) -> str:
    path = shutil.which(program)
    assert path
    return path


def _run_as_nobody(system: Path, what: str) -> subprocess.CompletedProcess[str]:
    other = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    # By standard input: the checkout may lie where nobody else may look.
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [system / "sh", "-s", what],
        input=SCRIPT.read_text(encoding="utf-8"),
        env={"PATH": str(system)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **other,  # type: ignore[call-overload]
    )
    return done
