"""Runs small projects: before and after our fixes, each time twice, in folders of different names."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from repro_gui.errors import CannotPlan
from tests.projects_in_memory import fixed

PROJECTS = Path(__file__).parent / "projects" / "executed"

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
    "unseeded-library",
    # Seeded libraries seed loaders; what is left needs a generator of its own.
    "unseeded-loader",
)

_RUN_NOTEBOOK = """
import json, sys
cells = json.load(open(sys.argv[1], encoding="utf-8"))["cells"]
names = {"__name__": "__main__"}
for cell in cells:
    if cell["cell_type"] == "code":
        lines = "".join(cell["source"]).split("\\n")
        exec("\\n".join(line for line in lines if not line.startswith("%")), names)
"""


def read_project(name: str) -> dict[str, bytes]:
    root = PROJECTS / name
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def fix_project(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files after all of our fixes, each planned on the outcome of those before."""
    for check_id in FIXES:
        try:
            files = fixed([check_id], files)
        except CannotPlan as refused:
            if refused.what.template != "There is nothing to fix here.":
                raise
    return files


def start_of(files: dict[str, bytes]) -> str:
    """The file that a person runs: the only one at the top that is no helper."""
    for name in ("train.py", "fit.py", "experiment.py", "main.py"):
        if name in files:
            return name
    return next(path for path in files if path.endswith(".ipynb"))


def run_twice(python: Path, files: dict[str, bytes], folder: Path) -> list[str]:
    """What two runs printed and wrote, as one digest with the printed text for each."""
    results = []
    for name in ("first", "the second run/deeper"):
        root = folder / name
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        results.append(_run(python, root, start_of(files), set(files)))
    return results


def _run(python: Path, root: Path, start: str, known: set[str]) -> str:
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "SYSTEMROOT"}}
    environment |= {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    assert "PYTHONHASHSEED" not in environment
    command = [str(python), start] if start.endswith(".py") else [str(python), "-c", _RUN_NOTEBOOK, start]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    written = sorted(
        path for path in root.rglob("*") if path.is_file() and path.relative_to(root).as_posix() not in known
    )
    assert written, "a project writes its result"
    digests = [f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in written]
    return "\n".join([done.stdout, *digests])
