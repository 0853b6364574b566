"""Fixing works, by execution: two runs differ, and after only our fixes they are the same to the last bit.

Nothing helps from outside: `PYTHONHASHSEED` is not set, the two runs stand in different folders and go on at the same time. The fixes are
written by `repro-gui fix`. Five projects, chosen by the commit, run each time; `make prove-all` runs all of them.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from repro_gui.errors import CannotPlan
from tests.executed_projects import (
    FIXES,
    PROJECTS,
    STEADY,
    fix_on_disk,
    fix_project,
    listing_room,
    read_project,
    run_twice,
    start_of,
)
from tests.projects_in_memory import fixed

NAMES = sorted(path.name for path in PROJECTS.iterdir() if path.is_dir())
STEADY_NAMES = sorted(path.name for path in STEADY.iterdir() if path.is_dir())
# They differ by the order in which a file system lists what was written in another order.
LISTINGS = {"globbed_files", "listed_files"}
CHOSEN = 5


def _chosen() -> set[str]:
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    commit = asked.stdout.strip()
    by_lot = sorted(NAMES, key=lambda name: hashlib.sha256(f"{commit} {name}".encode()).digest())
    return set(by_lot[:CHOSEN])


def _parameters(names: list[str], often: set[str]) -> list[object]:
    return [pytest.param(name, marks=[] if name in often else pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", _parameters(NAMES, _chosen()))
@pytest.mark.timeout(900)
def test_two_runs_agree_after_our_fixes_only(name: str, tmp_path: Path) -> None:
    files = read_project(name)
    with listing_room(tmp_path, needed=name in LISTINGS) as room:
        before = run_twice(files, room / "before")
        assert not before.agree, "the project must vary to begin with"
        mended = fix_on_disk(files, tmp_path / "project")
        assert mended.status == 0, mended.said
        assert mended.files != files
        after = run_twice(mended.files, room / "after")
        assert after.agree, f"{mended.said}\n{after.first}\n{after.second}"
    # What other tests plan in memory is what is written.
    assert fix_project(files) == mended.files


@pytest.mark.parametrize("name", _parameters(STEADY_NAMES, set(STEADY_NAMES[:1])))
@pytest.mark.timeout(900)
def test_steady_programs_stay_as_they_are(name: str, tmp_path: Path) -> None:
    files = read_project(name, STEADY)
    runs = run_twice(files, tmp_path / "runs")
    assert runs.agree, f"{runs.first}\n{runs.second}"
    left = fix_on_disk(files, tmp_path / "project")
    assert left.files == files
    assert "There is nothing to fix here." in left.said


@pytest.mark.parametrize("name", NAMES)
def test_fixing_twice_changes_nothing_more(name: str) -> None:
    mended = fix_project(read_project(name))
    for check_id in FIXES:
        with pytest.raises(CannotPlan):
            fixed([check_id], mended)
    assert start_of(mended)
