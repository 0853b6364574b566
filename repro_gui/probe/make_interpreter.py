"""Makes an interpreter with torch for the probe, by uv, in the user's cache: its size is told first, and nothing of a project is read."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.errors import ReproGuiError
from repro_gui.own_folders import cache_folder
from repro_gui.processes import ProgramLimits, run_program
from repro_gui.redact import redact_text
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from repro_gui.progress import Progress

_LOCK = "pylock.toml"
_ENVIRONMENT = "environment"
# Wheels of torch 2.13.0 for the CPU (201 MB with what it needs) were 810 MB on the disk, those of torch 2.15.0 with CUDA
# (3.0 GB) 5.4 GB: measured on Linux, x86_64.
_UNPACKED_CPU, _UNPACKED_CUDA = 4.0, 1.8
_CUDA_FROM = 1024**3
# Of a Python that uv brings along where we are none (the built program).
_PYTHON = "3.12"
_TURN = 0.5  # seconds between two measurements of the folder
_QUIET = {"UV_NO_PROGRESS": "1", "UV_HTTP_RETRIES": "1", "UV_HTTP_TIMEOUT": "30", "PYTHONSAFEPATH": "1"}


class CannotMakeInterpreter(ReproGuiError):
    """No interpreter with torch could be made."""


class PlannedInterpreter(msgspec.Struct, frozen=True):
    """What an interpreter with torch will take: bytes to download and, about, on the disk of `folder`.

    `unsized` packages are not in the sums, since the index does not tell their size. `is_cpu_build` is false where torch brings
    libraries for a GPU along.
    """

    torch: str
    packages: int
    download_bytes: int
    disk_bytes: int
    unsized: int
    is_cpu_build: bool
    folder: str


def interpreter_folder() -> Path:
    """Where the interpreter is made and kept."""
    return cache_folder("probe-interpreter")


def made_interpreter() -> str:
    """The interpreter that was made before; empty without one."""
    python = _python_of(interpreter_folder() / _ENVIRONMENT)
    return str(python) if python.exists() else ""


def plan_interpreter(progress: Progress, *, has_gpu: bool = False) -> PlannedInterpreter:
    """Resolve torch and say what it takes; keeps the resolution for `make_interpreter`.

    The builds for the CPU are asked for where there is no GPU; where they cannot be had, those of the usual index.
    Raises `CannotMakeInterpreter`, `Cancelled`.
    """
    folder = interpreter_folder()
    said = ""
    for backend in _backends(has_gpu=has_gpu):
        (folder / _LOCK).unlink(missing_ok=True)
        (folder / "requirements.in").write_text("torch\n", encoding="utf-8")
        argv = ["uv", "pip", "compile", "requirements.in", "--format", "pylock.toml", "--output-file", _LOCK, "--quiet"]
        argv += ["--no-header", "--no-build", "--color", "never", *backend, *_this_python()]
        finished = run_program(
            argv,
            folder=folder,
            environment=_QUIET,
            limits=ProgramLimits(seconds=120),
            progress=progress,
            what=text("Asking the package index"),
        )
        if finished.code == 0:
            return _read_plan(folder)
        said = finished.error_text
    raise CannotMakeInterpreter(
        text("torch could not be found ({said}).", said=_last_line(said)),
        text("Connect to the network, or name an interpreter that has torch."),
    )


def make_interpreter(progress: Progress) -> str:
    """Download and install what was planned; gives the interpreter. What was there before stays until the new one is whole.

    Progress is measured in bytes on the disk. A cancel leaves nothing. Raises `CannotMakeInterpreter`, `Cancelled`.
    """
    folder = interpreter_folder()
    if not (folder / _LOCK).exists():
        raise CannotMakeInterpreter(text("Nothing was planned yet."), text("Ask for its size first."))
    plan = _read_plan(folder)
    making = folder / f"making-{os.getpid()}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    try:
        if shutil.disk_usage(folder).free < plan.disk_bytes:
            raise CannotMakeInterpreter(
                text(
                    "The disk of {folder} has not enough space for about {size} MB.", folder=str(folder), size=_mb(plan)
                ),
                text("Make room there, or name an interpreter that has torch."),
            )
        environment = making / _ENVIRONMENT
        _run_uv(["venv", "--quiet", "--relocatable", str(environment), *_this_python()], making, progress)
        cache = making / "cache"
        argv = ["pip", "sync", "--quiet", "--python", str(_python_of(environment)), "--no-build", str(folder / _LOCK)]
        _run_uv([*argv, "--cache-dir", str(cache)], making, _Measured(progress, cache, plan))
        _try_torch(_python_of(environment), progress)
        kept = folder / _ENVIRONMENT
        shutil.rmtree(kept, ignore_errors=True)
        environment.rename(kept)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return made_interpreter()


class _Measured:
    """Tells how many bytes are unpacked, of about how many."""

    def __init__(self, progress: Progress, folder: Path, plan: PlannedInterpreter) -> None:
        self._progress, self._folder, self._plan = progress, folder, plan
        self._measured, self._at = 0, 0.0

    def step(self, what: Text, done: int, total: int) -> None:
        """Called at every turn of the program's watch."""
        del what, done, total
        if time.monotonic() - self._at > _TURN:
            self._measured, self._at = _bytes_in(self._folder), time.monotonic()
        total = self._plan.disk_bytes
        self._progress.step(
            text(
                "Downloading torch {version}: {done} MB unpacked of about {total} MB",
                version=self._plan.torch,
                done=self._measured // 1_000_000,
                total=total // 1_000_000,
            ),
            min(self._measured, total),
            total,
        )


def _backends(*, has_gpu: bool) -> list[list[str]]:
    if sys.platform == "darwin":
        return [[]]
    return [["--torch-backend", "auto" if has_gpu else "cpu"], []]


def _read_plan(folder: Path) -> PlannedInterpreter:
    try:
        packages: list[dict[str, Any]] = tomllib.loads((folder / _LOCK).read_text("utf-8"))["packages"]
        # Where several wheels fit, the largest: rather too much is said than too little.
        sizes = [max((wheel.get("size", 0) for wheel in one.get("wheels", ())), default=0) for one in packages]
        torch = next(one["version"] for one in packages if one["name"] == "torch")
    except (OSError, ValueError, KeyError, StopIteration, AttributeError) as error:
        raise CannotMakeInterpreter(
            text("uv's answer could not be read ({reason}).", reason=str(error)), text("Try again.")
        ) from error
    download = sum(sizes)
    is_cpu_build = not any(one["name"].startswith(("nvidia-", "cuda-", "triton", "pytorch-triton")) for one in packages)
    return PlannedInterpreter(
        torch=torch,
        packages=len(packages),
        download_bytes=download,
        disk_bytes=int(download * (_UNPACKED_CPU if is_cpu_build else _UNPACKED_CUDA)),
        unsized=sum(size == 0 for size in sizes),
        is_cpu_build=is_cpu_build,
        folder=str(folder),
    )


def _try_torch(python: Path, progress: Progress) -> None:
    with tempfile.TemporaryDirectory(prefix="repro-gui-probe-") as folder:
        finished = run_program(
            [str(python), "-I", "-c", "import torch"],
            folder=Path(folder),
            limits=ProgramLimits(seconds=300),
            progress=progress,
            what=text("Trying the new interpreter"),
        )
    if finished.code:
        raise CannotMakeInterpreter(
            text("torch was installed and cannot be imported ({said}).", said=_last_line(finished.error_text)),
            text("Name an interpreter whose torch works."),
        )


def _run_uv(arguments: list[str], folder: Path, progress: Progress) -> None:
    finished = run_program(
        ["uv", *arguments],
        folder=folder,
        environment=_QUIET,
        limits=ProgramLimits(seconds=None, keep_last_output=True),
        progress=progress,
        what=text("Making an interpreter"),
    )
    if finished.code:
        raise CannotMakeInterpreter(
            text("uv could not make it ({said}).", said=_last_line(finished.error_text)),
            text("Look at the network and the disk, then try again."),
        )


def _this_python() -> list[str]:
    return ["--python", _PYTHON if getattr(sys, "frozen", False) else sys.executable]


def _python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _bytes_in(folder: Path) -> int:
    """Bytes of the files below a folder; what vanishes meanwhile does not count."""
    total = 0
    for place, _folders, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 -- thousands of files
    return total


def _mb(plan: PlannedInterpreter) -> int:
    return plan.disk_bytes // 1_000_000


def _last_line(said: str) -> str:
    lines = [line.strip(" ×╰─▶│\t") for line in said.splitlines()]
    return redact_text(" ".join(line for line in lines if line)[:300])
