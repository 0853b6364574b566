"""Small programs, one situation each: what is found, line by line, and what the fixes write.

A project is `tests/projects/randomness/NAME/`: `before/`, the files after all fixes where they differ in `after/`, and `expected.txt`.
With `WRITE_EXPECTED=1` both are written anew, to be read as a diff.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_checks
from repro_gui.checks.find_checks import find_check
from repro_gui.errors import CannotPlan
from repro_gui.facts.program import Program
from repro_gui.facts.seeding import seed_lines
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress
from tests.executed_projects import FIXES
from tests.projects_in_memory import facts_of, fixed

ROOT = Path(__file__).parents[2] / "projects" / "randomness"
CHECKS = (*FIXES, "autotuned-kernels", "nondeterministic-algorithms")
SHOWN = ("unordered-results", "reduced-precision")
PROJECTS = sorted(path.name for path in ROOT.iterdir() if path.is_dir())


def read(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def describe(facts: FactsFor) -> str:
    lines = []
    checks = [find_check(check_id) for check_id in dict.fromkeys((*CHECKS, *SHOWN))]
    results = {result.check_id: result for result in run_checks(facts, filter(None, checks), NoProgress())}
    for check_id in dict.fromkeys((*CHECKS, *SHOWN)):
        result = results[check_id]
        if result.outcome in {Outcome.PASSED, Outcome.NOT_APPLICABLE}:
            continue
        for note in result.findings:
            way = "".join(f" <- {place.path}:{place.line}" for place in note.places[1:])
            lines.append(f"{note.path}:{note.line} {check_id} ({note.weight}): {note.message}{way}")
        lines += [f"{note.path}:{note.line} {check_id} cannot tell: {note.message}" for note in result.undecided]
    assert isinstance(facts.program, Program)
    for line in seed_lines(facts.program, load_knowledge()):
        place = f" ({line.location})" if line.location else ""
        lines.append(f"{line.line}: {line.why}{place}")
    return "\n".join(lines) + "\n"


def fix_all(files: dict[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    refused = []
    for check_id in CHECKS:
        try:
            files = fixed([check_id], files)
        except CannotPlan as error:
            if error.what.template != "There is nothing to fix here.":
                refused.append(f"{check_id} not mended: {error}")
    return files, refused


@pytest.mark.parametrize("name", PROJECTS)
def test_corpus(name: str) -> None:
    folder = ROOT / name
    before = read(folder / "before")
    mended, refused = fix_all(before)
    described = describe(facts_of(before)) + "".join(f"{line}\n" for line in refused)
    changed = {path: content for path, content in mended.items() if before.get(path) != content}
    if os.environ.get("WRITE_EXPECTED"):
        shutil.rmtree(folder / "after", ignore_errors=True)
        (folder / "expected.txt").write_text(described)
        for path, content in changed.items():
            (folder / "after" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "after" / path).write_bytes(content)
    assert described == (folder / "expected.txt").read_text()
    assert changed == (read(folder / "after") if (folder / "after").exists() else {})
