"""An interpreter with torch is made by the real uv, from a folder of wheels in place of the index: its size told, progress, cancel."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest

from repro_gui.cli import run
from repro_gui.errors import Cancelled
from repro_gui.probe.make_interpreter import (
    CannotMakeInterpreter,
    PlannedInterpreter,
    interpreter_folder,
    made_interpreter,
    make_interpreter,
    plan_interpreter,
)
from repro_gui.probe.told import tell_planned
from repro_gui.processes import run_program
from repro_gui.progress import NoProgress
from repro_gui.text import Text


def wheel(folder: Path, name: str, code: str, needs: str = "") -> Path:
    """A small wheel of a package with one module."""
    target = folder / f"{name}-9.9.9-py3-none-any.whl"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9.9\n" + (f"Requires-Dist: {needs}\n" if needs else "")
    parts = {
        f"{name}.py": code.encode(),
        f"{name}-9.9.9.dist-info/METADATA": metadata.encode(),
        f"{name}-9.9.9.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in parts.items())
    parts[f"{name}-9.9.9.dist-info/RECORD"] = f"{record}{name}-9.9.9.dist-info/RECORD,,\n".encode()
    with zipfile.ZipFile(target, "w") as archive:
        for path, content in parts.items():
            archive.writestr(path, content)
    return target


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    # No index is asked: what is here is all there is.
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    return folder


def test_it_is_planned_made_and_found_again(index: Path) -> None:
    wheel(index, "torch", "import sums\n", needs="sums")
    wheel(index, "sums", f"VALUE = {'x' * 200_000!r}\n")
    assert made_interpreter() == ""
    planned = plan_interpreter(NoProgress())
    assert (planned.torch, planned.packages, planned.is_cpu_build) == ("9.9.9", 2, True)
    assert made_interpreter() == ""
    seen: list[tuple[str, int, int]] = []

    class Recording:
        def step(self, what: Text, done: int, total: int) -> None:
            seen.append((str(what), done, total))

    python = make_interpreter(Recording())
    assert python == made_interpreter()
    finished = run_program([python, "-I", "-c", "import sums; print(len(sums.VALUE))"], folder=index)
    assert finished.output_text.strip() == "200000"
    assert any("Downloading torch 9.9.9" in what for what, _, _ in seen)
    # What was only needed to make it is gone.
    assert {path.name for path in interpreter_folder().iterdir()} == {"environment", "pylock.toml", "requirements.in"}


def test_the_size_is_told_with_what_is_not_known() -> None:
    said = "\n".join(tell_planned(PlannedInterpreter("2.13.0", 9, 201_000_000, 804_000_000, 2, True, "/cache")))
    assert "torch 2.13.0, built for the CPU, and 8 packages that it needs" in said
    assert "201 MB to download and 2 packages whose size the index does not tell, about 804 MB on the disk" in said


def test_a_cancel_leaves_nothing_and_keeps_what_was_there(index: Path) -> None:
    wheel(index, "torch", "")
    plan_interpreter(NoProgress())
    before = make_interpreter(NoProgress())

    class Impatient:
        turns = 0

        def step(self, what: Text, done: int, total: int) -> None:
            self.turns += "Downloading" in str(what)
            if self.turns:
                raise Cancelled

    with pytest.raises(Cancelled):
        make_interpreter(Impatient())
    assert made_interpreter() == before
    assert {path.name for path in interpreter_folder().iterdir()} == {"environment", "pylock.toml", "requirements.in"}


def test_without_torch_in_the_index_it_is_said(index: Path) -> None:
    assert index.is_dir()
    with pytest.raises(CannotMakeInterpreter, match="torch could not be found"):
        plan_interpreter(NoProgress())
    with pytest.raises(CannotMakeInterpreter, match="Nothing was planned"):
        make_interpreter(NoProgress())


def test_a_torch_that_cannot_be_imported_is_not_kept(index: Path) -> None:
    wheel(index, "torch", "raise ImportError('libgomp.so.1: cannot open shared object file')\n")
    plan_interpreter(NoProgress())
    with pytest.raises(CannotMakeInterpreter, match="libgomp"):
        make_interpreter(NoProgress())
    assert made_interpreter() == ""


def test_the_command_line_tells_the_size_before_it_downloads(index: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wheel(index, "torch", "")
    assert run(["probe", "--make-interpreter", "--device", "cpu"], lambda _paths: 0) == 2
    said = capfd.readouterr().err
    assert "torch 9.9.9, built for the CPU, and 0 packages that it needs" in said
    assert "Say --yes to download it." in said
    assert made_interpreter() == ""
    # With a yes it is made, and probed: this one holds nothing to probe.
    assert run(["probe", "--make-interpreter", "--yes", "--device", "cpu"], lambda _paths: 0) == 2
    assert "device cannot be used" in capfd.readouterr().err
    assert made_interpreter() != ""
