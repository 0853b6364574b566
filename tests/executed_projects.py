"""Runs small projects: before and after our fixes, each time twice, at once, in folders of different names."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import msgspec
import pytest

from repro_gui.cli import run as repro_gui
from repro_gui.errors import CannotPlan
from tests.foreign_environments import foreign_python
from tests.projects_in_memory import fixed

PROJECTS = Path(__file__).parent / "projects" / "executed"
STEADY = Path(__file__).parent / "projects" / "steady"

# In the order in which a person would click them.
FIXES = (
    "uncalled-seed",
    "moving-seed",
    "optional-seed",
    "late-seed",
    "unpinned-split",
    "unseeded-generator",
    "unseeded-estimator",
    "unordered-set",
    "unordered-files",
    "unordered-results",
    "unseeded-library",
    # Seeded libraries seed loaders; what is left needs a generator of its own.
    "unseeded-loader",
    "unseeded-environment",
)

_STARTS = ("train.py", "fit.py", "experiment.py", "main.py")
_RUN_NOTEBOOK = """
import json, sys
cells = json.load(open(sys.argv[1], encoding="utf-8"))["cells"]
names = {"__name__": "__main__"}
for cell in cells:
    if cell["cell_type"] == "code":
        lines = "".join(cell["source"]).split("\\n")
        exec("\\n".join(line for line in lines if not line.startswith("%")), names)
"""
_LONGEST_RUN_S = 280


class Runs(msgspec.Struct, frozen=True):
    """What two runs printed and wrote, as digests after the printed text, and what the slower one took in seconds."""

    first: str
    second: str
    seconds: float

    @property
    def agree(self) -> bool:
        """Whether they are the same to the last bit."""
        return self.first == self.second


class Fixed(msgspec.Struct, frozen=True):
    """All files of a folder after `repro-gui fix`, its exit status and what it said."""

    files: dict[str, bytes]
    status: int
    said: str


def read_project(name: str, folder: Path = PROJECTS) -> dict[str, bytes]:
    """The files of a sample project by path."""
    root = folder / name
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def fix_project(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files after all of our fixes, each planned on the outcome of those before, in memory."""
    for check_id in FIXES:
        try:
            files = fixed([check_id], files)
        except CannotPlan as refused:
            if refused.what.template != "There is nothing to fix here.":
                raise
    return files


def fix_on_disk(files: dict[str, bytes], root: Path, more: tuple[str, ...] = ()) -> Fixed:
    """What `repro-gui fix` makes of a folder with these files, given all of our fixes (and `more`) and a yes."""
    write_project(files, root)
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        status = repro_gui(["fix", str(root), *FIXES, *more, "--yes"], lambda _: 0)
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return Fixed({path.relative_to(root).as_posix(): path.read_bytes() for path in found}, status, said.getvalue())


def write_project(files: dict[str, bytes], root: Path, *, backwards: bool = False) -> None:
    """Write files; `backwards` in the other order, which is all that some file systems need to list them in another."""
    for path, content in sorted(files.items(), reverse=backwards):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def start_of(files: dict[str, bytes]) -> str:
    """The file that a person runs: the only one at the top that is no helper."""
    for name in _STARTS:
        if name in files:
            return name
    return next(path for path in files if path.endswith(".ipynb"))


def python_for(files: dict[str, bytes]) -> Path:
    """The interpreter of the environment that holds what a project imports."""
    needs_torch = any(b"torch" in content or b"networkx" in content for content in files.values())
    return foreign_python("training" if needs_torch else "boosting")


def run_twice(files: dict[str, bytes], folder: Path) -> Runs:
    """Run a project in two new folders of different names and depths at the same time."""
    python = python_for(files)
    roots = [folder / "first", folder / "the second run" / "deeper"]
    for number, root in enumerate(roots):
        write_project(files, root, backwards=bool(number))
    started = time.monotonic()
    children = [_start(python, root, start_of(files)) for root in roots]
    try:
        outputs = [_finish(child) for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
    seconds = time.monotonic() - started
    first, second = (_result(root, output, set(files)) for root, output in zip(roots, outputs, strict=True))
    return Runs(first, second, seconds)


def _start(python: Path, root: Path, start: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "SYSTEMROOT"}}
    environment |= {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    assert "PYTHONHASHSEED" not in environment
    command = [str(python), start] if start.endswith(".py") else [str(python), "-c", _RUN_NOTEBOOK, start]
    return subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _finish(child: subprocess.Popen[str]) -> str:
    printed, problems = child.communicate(timeout=_LONGEST_RUN_S)
    assert child.returncode == 0, problems
    return printed


def _result(root: Path, printed: str, known: set[str]) -> str:
    written = sorted(
        path for path in root.rglob("*") if path.is_file() and path.relative_to(root).as_posix() not in known
    )
    assert written, "a project writes its result"
    digests = [f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in written]
    return "\n".join([printed, *digests])


@contextmanager
def listing_room(folder: Path, *, needed: bool) -> Iterator[Path]:
    """A folder on a file system that lists files in the order of their writing, where that is `needed`; else `folder`.

    ext4 sorts names by a hash and says nothing of the order; a file system in memory shows it. Skips the test where none is at hand.
    """
    if not needed or _lists_as_written(folder):
        yield folder
        return
    memory = Path("/dev/shm")
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        pytest.skip("no file system here lists files in the order of their writing")
    with tempfile.TemporaryDirectory(dir=memory, prefix="repro-gui-") as room:
        if not _lists_as_written(Path(room)):
            pytest.skip("no file system here lists files in the order of their writing")
        yield Path(room)


def _lists_as_written(folder: Path) -> bool:
    files = {f"{letter}.txt": b"" for letter in "abcdefgh"}
    with tempfile.TemporaryDirectory(dir=folder) as forwards, tempfile.TemporaryDirectory(dir=folder) as backwards:
        write_project(files, Path(forwards))
        write_project(files, Path(backwards), backwards=True)
        return _listed(forwards) != _listed(backwards)


def _listed(folder: str) -> list[str]:
    return [path.name for path in Path(folder).iterdir()]
