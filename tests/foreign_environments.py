"""Interpreters with tools that do not belong into our own environment: torch, MLflow, Weights & Biases, poetry.

Each name is a locked list in `packaging/locks/foreign/`. Its environment lies in the user's cache, is made on first use under
a lock, and is kept until the list or the Python changes. Packages whose wheels differ from place to place (torch) stand
in a list of their own without hashes and must be CPU builds: where pip would fetch CUDA, nothing is installed and a
sentence says how to get the other one (`packaging/README.md`).

`python -m tests.foreign_environments NAME…` makes them ahead of the tests.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import filelock
import platformdirs
from packaging.requirements import Requirement

LISTS = Path(__file__).parent.parent / "packaging" / "locks" / "foreign"
TORCH_INDEX = "REPRO_GUI_TORCH_INDEX"

# As they are before tests/conftest.py gives the tests a home of their own: caches and pip's settings are the user's.
_ROOT = platformdirs.user_cache_path("repro-gui", appauthor=False) / "test-environments"
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}


class ForeignEnvironmentMissing(RuntimeError):
    """An environment could not be made; says why."""


def foreign_python(name: str) -> Path:
    """The interpreter of the environment called `name`, ready to use; raises `ForeignEnvironmentMissing`."""
    hashed, unhashed = LISTS / f"{name}.txt", LISTS / f"{name}.unhashed.txt"
    lists = [path for path in (hashed, unhashed) if path.exists()]
    if hashed not in lists:
        problem = f"there is no list {hashed}"
        raise ForeignEnvironmentMissing(problem)
    digest = hashlib.sha256(b"\0".join([*(path.read_bytes() for path in lists), sys.version.encode()])).hexdigest()[:12]
    folder = _ROOT / f"{name}-{digest}"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    complete = folder / "complete"
    # An interpreter that was removed since leaves a dangling link.
    if complete.exists() and python.exists():
        return python
    _ROOT.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(_ROOT / f"{name}-{digest}.lock"):
        if not (complete.exists() and python.exists()):
            shutil.rmtree(folder, ignore_errors=True)
            try:
                _make(folder, python, hashed, unhashed if unhashed in lists else None)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            complete.touch()
    return python


def interpreters_with_other_torch() -> list[str]:
    """Those that the person names in `REPRO_GUI_OTHER_TORCH`, separated as in PATH; each made by hand, like
    `uv venv other`, then `uv pip install --python other/bin/python torch==1.13.1 'numpy<2'`."""
    return [path for path in _ENVIRONMENT.get("REPRO_GUI_OTHER_TORCH", "").split(os.pathsep) if path]


def _make(folder: Path, python: Path, hashed: Path, unhashed: Path | None) -> None:
    _run([sys.executable, "-m", "venv", str(folder)])
    # Our pip works on the other environment: the one that venv brings may be too old to plan without downloading.
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "--quiet"]
    if unhashed:
        # First, so that nothing is fetched in vain.
        _install_cpu_build([*pip, "install", "--no-deps", *_index(), "-r", str(unhashed)])
    _run([*pip, "install", "--no-deps", "--require-hashes", "-r", str(hashed)])
    _run([*pip, "check"])


def _index() -> list[str]:
    index = _ENVIRONMENT.get(TORCH_INDEX, "")
    return ["--index-url", index] if index else []


def _install_cpu_build(install: list[str]) -> None:
    """Install what pip chooses if it is a CPU build; asks before the download, which would be gigabytes."""
    plan = json.loads(_run([*install, "--dry-run", "--report", "-"]))
    cuda = cuda_parts(plan)
    if cuda:
        problem = (
            f"pip would fetch CUDA ({', '.join(cuda[:3])}). Set {TORCH_INDEX} to an index with CPU builds of torch and try again;"
            " packaging/README.md says more."
        )
        raise ForeignEnvironmentMissing(problem)
    _run(install)


def cuda_parts(plan: dict[str, Any]) -> list[str]:
    """Packages of CUDA or ROCm that the builds in pip's installation report need on this system, sorted."""
    needed = [Requirement(line) for item in plan["install"] for line in item["metadata"].get("requires_dist", [])]
    names = {item.name.lower() for item in needed if item.marker is None or item.marker.evaluate({"extra": ""})}
    return sorted(name for name in names if name.startswith(("cuda-", "nvidia-", "pytorch-triton", "triton")))


def _run(command: list[str]) -> str:
    done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=False, timeout=1800)
    if done.returncode:
        problem = f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        raise ForeignEnvironmentMissing(problem)
    return done.stdout


def main(names: list[str]) -> int:
    """Make the environments; exit status."""
    for name in names:
        started = time.monotonic()
        try:
            python = foreign_python(name)
        except ForeignEnvironmentMissing as error:
            print(f"tests/foreign_environments.py: {name}: {error}", file=sys.stderr)
            return 2
        print(f"foreign environment {name}: {python.parent.parent} ({time.monotonic() - started:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
