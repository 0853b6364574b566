"""From findings to the change set that mends their cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.run import keyed_findings
from repro_gui.changes.change_set import ChangeSet
from repro_gui.changes.merge import chain
from repro_gui.checks.check import Check, Finding, Safety
from repro_gui.errors import CannotPlan, NeedsNetwork
from repro_gui.facts.lookup import ALLOW_NETWORK, Answers, FileContent, Lookup
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.snapshot import ProjectSnapshot

# One change set per finding, each planned on the outcome of those before it; a plan that never ends is a fault of the fix.
_MOST_ROUNDS = 2_000
_MOST_REASONS = 20


class PlannedFix(msgspec.Struct, frozen=True):
    """A change set, the findings it mends (keys) and those it cannot mend with the reason of each."""

    change_set: ChangeSet
    mended: tuple[str, ...]
    refused: tuple[tuple[str, Text, Text], ...] = ()


def plan_fix(
    snapshot: ProjectSnapshot,
    knowledge: Knowledge,
    wanted: Sequence[tuple[Check, frozenset[str] | None]],
    answer: Callable[[Iterable[Lookup]], Answers],
) -> PlannedFix:
    """Plan the fixes of the wanted findings (None = all) of each check, in order, as one change set.

    After every single plan the snapshot moves on to what it would be, and the next finding is looked for there, so that
    edits of one file never collide and a cause shared by several findings is mended once. `answer` gives look-ups;
    file contents already changed by the plan are answered from the plan. Raises `CannotPlan` when nothing at all can
    be planned.
    """
    parts: list[ChangeSet] = []
    mended: list[str] = []
    refused: dict[str, tuple[str, Text, Text]] = {}
    written: dict[str, bytes | None] = {}
    now = snapshot
    for check, keys in wanted:
        if check.fix is None or check.fix.plan is None:
            continue
        tried: set[str] = set()
        for _ in range(_MOST_ROUNDS):
            pending = [
                (key, finding)
                for key, finding in _pending(now, knowledge, check)
                if key not in tried and (keys is None or key in keys)
            ]
            if not pending:
                break
            # Last place first: the ordinals in the keys of the places before it stay as they are.
            key, finding = pending[-1]
            tried.add(key)
            try:
                part = _plan_one(now, knowledge, check, finding, answer, written)
            except CannotPlan as error:
                refused[key] = (key, error.what, error.mend)
                continue
            if part.is_empty:
                continue
            parts.append(part)
            mended.append(key)
            written.update({change.path: change.after for change in part.files})
            now = now.after(part)
    if not parts:
        if refused:
            raise _refusal(tuple(refused.values()))
        raise CannotPlan(text("There is nothing to fix here."), text("Audit the project again."))
    title = parts[0].title if len(parts) == 1 else _title_of_many(parts)
    return PlannedFix(chain(title, parts), tuple(mended), tuple(refused.values()))


def safe_checks(checks: Iterable[Check]) -> list[Check]:
    """The checks whose fixes neither change results nor only show steps: *Fix all safe*."""
    return [check for check in checks if check.fix and check.fix.plan and check.fix.safety is Safety.SAFE]


def _pending(snapshot: ProjectSnapshot, knowledge: Knowledge, check: Check) -> list[tuple[str, Finding]]:
    arguments = FactsFor(snapshot, knowledge).arguments(check.find)
    if isinstance(arguments, Unavailable):
        raise CannotPlan(arguments.reason, arguments.mend or text("Audit the project again."))
    found = [observed for observed in check.find(**arguments) if isinstance(observed, Finding)]
    return keyed_findings(check.id, found)


def _plan_one(
    snapshot: ProjectSnapshot,
    knowledge: Knowledge,
    check: Check,
    finding: Finding,
    answer: Callable[[Iterable[Lookup]], Answers],
    written: dict[str, bytes | None],
) -> ChangeSet:
    assert check.fix is not None
    assert check.fix.plan is not None
    facts = FactsFor(snapshot, knowledge)
    arguments = facts.arguments(check.fix.lookups, finding)
    if isinstance(arguments, Unavailable):
        raise CannotPlan(arguments.reason, arguments.mend or text("Audit the project again."))
    wanted = list(check.fix.lookups(**arguments))
    given = dict(answer([item for item in wanted if not _is_written(item, written)]).by_lookup)
    given.update(
        {item: written[item.path] for item in wanted if isinstance(item, FileContent) and item.path in written}
    )
    facts = FactsFor(snapshot, knowledge, Answers(given))
    arguments = facts.arguments(check.fix.plan, finding)
    if isinstance(arguments, Unavailable):
        raise CannotPlan(arguments.reason, arguments.mend or text("Audit the project again."))
    return check.fix.plan(**arguments)


def _is_written(lookup: Lookup, written: dict[str, bytes | None]) -> bool:
    return isinstance(lookup, FileContent) and lookup.path in written


def _refusal(refused: tuple[tuple[str, Text, Text], ...]) -> CannotPlan:
    """The first reason with its way on, and the others, each once."""
    # What one click allows comes first.
    ordered = sorted(refused, key=lambda one: one[2] != ALLOW_NETWORK)
    _, what, mend = ordered[0]
    also = tuple(dict.fromkeys(str(other) for _, other, _ in ordered[1:] if other != what))
    kind = NeedsNetwork if mend == ALLOW_NETWORK else CannotPlan
    return kind(what, mend, tuple(text("{reason}", reason=reason) for reason in also[:_MOST_REASONS]))


def _title_of_many(parts: list[ChangeSet]) -> Text:
    check_ids = {part.check_id for part in parts}
    if len(check_ids) == 1 and len({part.title.template for part in parts}) == 1:
        return text("{title} ({count} places)", title=str(parts[0].title), count=len(parts))
    return text("{count} fixes", count=len(parts))
