"""Interpreters with tools that do not belong into our own environment: torch, MLflow and others.

Each list in `packaging/locks/foreign/` becomes one environment in the user's cache, made on first use and kept. torch must be
a CPU build: where pip would fetch the CUDA one, nothing is installed and a sentence says how to get the other
(`REPRO_GUI_TORCH_INDEX` names the index that serves it).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import filelock
import platformdirs

LISTS = Path(__file__).parent.parent / "packaging" / "locks" / "foreign"


def foreign_python(name: str) -> Path:
    """The interpreter of the environment called `name`, ready to use; raises RuntimeError with what pip said."""
    requirements = LISTS / f"{name}.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    root = Path(platformdirs.user_cache_dir("repro-gui")) / "test-environments"
    folder = root / f"{name}-{digest}"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done = folder / "complete"
    if done.exists():
        return python
    root.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(root / f"{name}-{digest}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(folder)])
            index = os.environ.get("REPRO_GUI_TORCH_INDEX", "")
            extra = ["--index-url", index] if index and "torch" in requirements.read_text() else []
            pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *extra]
            _refuse_cuda([*pip, "--dry-run", "--report", "-", "-r", str(requirements)])
            _run([*pip, "-r", str(requirements)])
            done.touch()
    return python


def _refuse_cuda(dry_run: list[str]) -> None:
    report = json.loads(_run(dry_run))
    names = {item["metadata"]["name"].lower() for item in report["install"]}
    if any(name.startswith(("nvidia-", "cuda-")) for name in names):
        message = "pip would fetch torch with gigabytes of CUDA. Set REPRO_GUI_TORCH_INDEX to torch's CPU index and try again."
        raise RuntimeError(message)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done.stdout
