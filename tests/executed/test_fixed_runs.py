"""Fixing works, by execution: two runs differ, and after only our fixes they are the same to the last bit.

Nothing helps from outside: `PYTHONHASHSEED` is not set and the two runs stand in different folders.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from repro_gui.errors import CannotPlan
from tests.executed_projects import FIXES, PROJECTS, fix_project, read_project, run_twice, start_of
from tests.foreign_environments import foreign_python
from tests.projects_in_memory import fixed

NAMES = sorted(path.name for path in PROJECTS.iterdir() if path.is_dir())
# Needs nothing but Python, or only the little that imports fast.
QUICK = ("crlf_windows", "uncalled_helper")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in NAMES]
)
@pytest.mark.timeout(1800)
def test_two_runs_agree_after_our_fixes_only(name: str, tmp_path: Path) -> None:
    files = read_project(name)
    python = foreign_python("training")
    first, second = run_twice(python, files, tmp_path / "before")
    assert first != second, "the project must vary to begin with"
    mended = fix_project(files)
    assert mended != files
    first, second = run_twice(python, mended, tmp_path / "after")
    assert first == second


@pytest.mark.parametrize("name", NAMES)
def test_fixing_twice_changes_nothing_more(name: str) -> None:
    mended = fix_project(read_project(name))
    for check_id in FIXES:
        with pytest.raises(CannotPlan):
            fixed([check_id], mended)
    assert start_of(mended)
