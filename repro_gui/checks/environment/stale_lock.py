"""Each lock agrees with its list.

## Why it matters
A lock that was made before the list changed installs what the list no longer says, or fails to install. Whoever trusts it
runs something else than you do.

## How to fix it
Lock again with the tool that made the lock: `uv lock`, `poetry lock`, `pdm lock`, `pip-compile`, `conda-lock`; run the
program once more and commit both files together. Repro GUI does it for `uv.lock`, `pylock.toml` and compiled requirements files:
it asks the package index through uv, and what the lock fixed stays as far as the list still allows it.

## When to leave it
Never: a lock that nobody keeps is better removed.

## References
- uv documentation, “Locking and syncing”; poetry documentation, “Basic usage: committing your lock file”.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.checks.check import (
    CannotTell,
    Check,
    Effort,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.dependencies import EnvironmentFile
from repro_gui.facts.environment import Environment
from repro_gui.facts.locking import lock_again, merged_lock
from repro_gui.facts.lookup import Answers, FileContent, Lookup, ProjectLock
from repro_gui.facts.pin_status import disagreements, lists_beside, lists_of_lock
from repro_gui.location import Location
from repro_gui.text import text


def find(environment: Environment) -> Iterator[Observation]:
    if not environment.locks:
        yield NotApplicable(text("The project has no lock."))
        return
    found = disagreements(environment)
    for item in found:
        yield Finding(
            item.reason, item.location, symbol=item.lock.path, expression=item.name, values={"lock": item.lock.path}
        )
    stale = {item.lock.path for item in found}
    for lock in environment.locks:
        if lock.unread:
            yield CannotTell(lock.unread[0].reason, lock.unread[0].location)
        elif lock.path not in stale:
            unread = next((part for file in lists_beside(environment, lock) for part in file.unread), None)
            if unread is not None:
                yield CannotTell(unread.reason, unread.location)
                continue
            lists = ", ".join(file.path for file in lists_of_lock(environment, lock))
            wording = (
                text("{lock} agrees with {lists}.", lock=lock.path, lists=lists)
                if lists
                else text("{lock} stands for itself: no list beside it.", lock=lock.path)
            )
            yield Evidence(wording, Location(lock.path), {"packages": len(lock.locked)})


def lookups(finding: Finding, environment: Environment) -> Iterable[Lookup]:
    lock = _lock_of(finding, environment)
    yield FileContent(lock.path)
    try:
        request = lock_again(environment, lock)
    except CannotPlan:
        return
    yield request


def plan_fix(finding: Finding, environment: Environment, answers: Answers) -> ChangeSet:
    lock = _lock_of(finding, environment)
    before = answers.file(lock.path)
    answer = answers.get(lock_again(environment, lock))
    assert isinstance(answer, bytes)
    after = merged_lock(lock, before, answer)
    return ChangeSet(
        text("Lock again: {path}", path=lock.path),
        CHECK.id,
        files=(FileChange(lock.path, before, after),),
        effect=text("Versions that the list does not allow any more change, and with them perhaps the numbers."),
        notes=(text("Nobody has run with the new versions yet: run the program once more."),),
    )


def _lock_of(finding: Finding, environment: Environment) -> EnvironmentFile:
    lock = environment.by_path.get(finding.symbol)
    if lock is None:
        raise CannotPlan(text("{path} is not there any more.", path=finding.symbol), text("Audit the project again."))
    return lock


_LIST = '[project]\nname = "x"\nversion = "0"\ndependencies = ["six>=1.16"]\n'
_LOCK = 'version = 1\n\n[[package]]\nname = "six"\nversion = "{version}"\nsource = {{ registry = "https://index.example.org/simple" }}\n'

CHECK = Check(
    id="stale-lock",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.MUST,
    title="Each lock agrees with its list",
    failure_title="A lock does not agree with its list",
    explanation=__doc__,
    find=find,
    fix=Fix("Lock again", plan_fix, Safety.CHANGES_RESULTS, Effort.MINUTES, lookups),
    examples=(
        Example(
            bad=Sketch(
                {"pyproject.toml": _LIST, "uv.lock": _LOCK.format(version="1.15.0")},
                answers={ProjectLock(""): _LOCK.format(version="1.16.0").encode()},
            ),
            good=Sketch({"pyproject.toml": _LIST, "uv.lock": _LOCK.format(version="1.16.0")}),
        ),
    ),
)
