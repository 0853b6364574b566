"""The import contracts in `pyproject.toml` catch what they are there for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

_MISTAKES = {
    "a check reads the disk through gather": ("checks/stray.py", "import repro_gui.gather.tree", "layers"),
    "facts know the audit": ("facts/stray.py", "import repro_gui.audit.report", "layers"),
    "one door knows the other": ("gather/stray.py", "import repro_gui.apply", "layers"),
    "an export reads the project": ("export/stray.py", "import repro_gui.gather.tree", "layers"),
    "the windows are known below": ("worker/stray.py", "import repro_gui.ui", "layers"),
    "a room that no layer names": ("stray.py", "", "layers"),
    "a window reads the project": ("ui/stray.py", "import repro_gui.gather.tree", "windows"),
    "a window runs checks": ("ui/stray.py", "import repro_gui.audit.run", "windows"),
    "Qt outside the windows": ("worker/stray.py", "import PySide6.QtCore", "qt"),
    "Qt at the root": ("text.py", "import PySide6", "qt"),
    "a check opens files": ("checks/data/stray.py", "def find():\n    import pathlib\n", "pure"),
    "facts ask the network": ("facts/stray.py", "import socket", "pure"),
    "programs are started elsewhere": ("gather/stray.py", "def run():\n    import subprocess\n", "programs"),
    "Git in a pure function": ("facts/stray.py", "import git", "doors"),
    "DVC while reading": ("gather/stray.py", "import dvc.repo", "doors"),
}


@pytest.mark.parametrize("mistake", _MISTAKES)
def test_a_mistake_breaks_its_contract(mistake: str, tmp_path: Path) -> None:
    file, added, contract = _MISTAKES[mistake]
    shutil.copytree(ROOT / "repro_gui", tmp_path / "repro_gui", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert _broken(tmp_path, contract) == ""
    target = tmp_path / "repro_gui" / file
    with target.open("a", encoding="utf-8") as source:
        source.write(f"\n{added}\n")
    assert target.stem in _broken(tmp_path, contract)


def _broken(folder: Path, contract: str) -> str:
    """What one contract complains of in the package copied to a folder; nothing when it is kept."""
    linter = Path(sys.executable).parent / "lint-imports"
    # From the folder, which import-linter puts first on its path: the copy is looked at, not the checkout.
    command = [str(linter), "--no-cache", "--no-logo", "--contract", contract]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    # A contract that could not be read ends without this line.
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return "" if done.returncode == 0 else done.stdout
