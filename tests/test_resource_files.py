"""Resources are found in a checkout and in an installed wheel, and are the same there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from repro_gui.resource_files import list_resources, read_resource_bytes, read_resource_text, resource_path

ROOT = Path(__file__).parent.parent


def test_finds_what_is_in_the_checkout() -> None:
    assert resource_path("templates/report.typ") == ROOT / "resources" / "templates" / "report.typ"
    assert read_resource_bytes("templates/report.typ").decode("utf-8") == read_resource_text("templates/report.typ")
    assert "templates/report.typ" in list_resources("templates")
    assert list_resources("templates") == sorted(list_resources("templates"))


@pytest.mark.parametrize("missing", ["templates/no-such.typ", "no-such-folder", "../pyproject.toml", "/etc/passwd"])
def test_a_missing_resource_is_named(missing: str) -> None:
    with pytest.raises(FileNotFoundError, match="the installation lacks resources/"):
        resource_path(missing)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    # Hatchling itself, not `build`: an isolated environment would ask an index.
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a clean environment with the wheel; the dependencies are lent by ours, which leaves out the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    _run(
        [sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-deps", "--python", str(python), str(wheel)],
        folder,
    )
    purelib = _run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).strip()
    # Of a folder named in a .pth file no further .pth is read, so the editable installation stays unseen.
    (Path(purelib) / "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def test_an_installed_wheel_brings_every_tracked_resource(installed: Path) -> None:
    script = """
import hashlib, json, pathlib
import repro_gui
from repro_gui.resource_files import resource_path
root = resource_path(".")
files = {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
         for path in root.rglob("*") if path.is_file()}
print(json.dumps([repro_gui.__file__, str(root), files]))
"""
    package, root, files = json.loads(_run([str(installed), "-I", "-c", script], installed.parent))
    assert not Path(package).is_relative_to(ROOT)
    assert Path(root) == Path(package).parent / "resources"
    assert set(files) >= _tracked_resources()
    assert not [name for name in files if name.endswith((".pyc", ".orig"))]
    report = read_resource_bytes("templates/report.typ")
    assert _run([str(installed), "-I", "-c", _PRINT_TEMPLATE], installed.parent).encode() == report


_PRINT_TEMPLATE = """
import sys
from repro_gui.resource_files import read_resource_bytes
sys.stdout.buffer.write(read_resource_bytes("templates/report.typ"))
"""


def _tracked_resources() -> set[str]:
    listed = subprocess.run(["git", "ls-files", "-z", "resources"], cwd=ROOT, capture_output=True, check=True).stdout
    names = os.fsdecode(listed).split("\0")[:-1]
    return {name.removeprefix("resources/") for name in names if (ROOT / name).exists()}


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode()
