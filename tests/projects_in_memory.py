"""Projects that exist only as file contents: audited, and fixed through `plan_fix` as the application does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.plan_fix import PlannedFix, plan_fix
from repro_gui.audit.report import CheckResult
from repro_gui.audit.run import run_check
from repro_gui.checks.find_checks import find_check
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.settings import Settings
from repro_gui.facts.snapshot import ProjectSnapshot, snapshot_of_files
from repro_gui.knowledge import load_knowledge


def snapshot_of(files: Mapping[str, bytes], entry_points: Sequence[str] = ()) -> ProjectSnapshot:
    snapshot = snapshot_of_files("project", files)
    return msgspec.structs.replace(snapshot, settings=Settings(entry_points=tuple(entry_points)))


def facts_of(files: Mapping[str, bytes], entry_points: Sequence[str] = ()) -> FactsFor:
    return FactsFor(snapshot_of(files, entry_points), load_knowledge())


def result_of(check_id: str, files: Mapping[str, bytes], entry_points: Sequence[str] = ()) -> CheckResult:
    check = find_check(check_id)
    assert check is not None, check_id
    return run_check(facts_of(files, entry_points), check)


def answers_from(files: Mapping[str, bytes]) -> Answers:
    return Answers({FileContent(path): content for path, content in files.items()})


def plan_for(check_ids: Iterable[str], files: Mapping[str, bytes], entry_points: Sequence[str] = ()) -> PlannedFix:
    """Plan the fixes of some checks; raises `CannotPlan` when there is nothing to do."""

    def answer(lookups: Iterable[Lookup]) -> Answers:
        return Answers({one: files.get(one.path) for one in lookups if isinstance(one, FileContent)})

    wanted = [(check, None) for check in map(find_check, check_ids) if check is not None]
    return plan_fix(snapshot_of(files, entry_points), load_knowledge(), wanted, answer)


def fixed(check_ids: Iterable[str], files: Mapping[str, bytes], entry_points: Sequence[str] = ()) -> dict[str, bytes]:
    """The files after the fixes of some checks."""
    changed = dict(files)
    for change in plan_for(check_ids, files, entry_points).change_set.files:
        assert changed.get(change.path) == change.before
        if change.after is None:
            del changed[change.path]
        else:
            changed[change.path] = change.after
    return changed
