"""The house stands as `repro_gui/README.md` says."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
HEAVY = ("PySide6", "torch", "dvc", "typst", "git", "libcst", "numpy")


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", ["repro_gui.cli", "repro_gui.audit.audit", "repro_gui.gather.gather"])
def test_nothing_heavy_is_imported_at_start(module: str) -> None:
    script = (
        f"import sys, {module}\nfrom repro_gui.checks.find_checks import all_checks\nall_checks()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_known_rooms_exist() -> None:
    forbidden = {"utils", "core", "common", "services", "managers", "domain", "helpers"}
    names = {path.stem for path in (ROOT / "repro_gui").rglob("*") if path.suffix in {"", ".py"}}
    assert not names & forbidden


def test_files_hold_one_thing_each() -> None:
    too_long = {
        path.relative_to(ROOT).as_posix(): count
        for path in (ROOT / "repro_gui").rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 600
    }
    assert too_long == {}
