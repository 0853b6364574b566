"""From findings to the change set that mends their cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.run import keyed_findings
from repro_gui.changes.change_set import ChangeSet
from repro_gui.changes.merge import chain
from repro_gui.changes.side_by_side import SideBySide
from repro_gui.checks.check import Check, Finding, Fix, Safety
from repro_gui.errors import CannotPlan, NeedsNetwork
from repro_gui.facts.lookup import ALLOW_NETWORK, Answers, FileContent, Lookup
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.snapshot import ProjectSnapshot

# Each round is planned on the outcome of those before it; a plan that never ends is a fault of the fix.
_MOST_ROUNDS = 2_000
# Plans of one round that touch what another does; with more of them the round was not worth its while.
_MOST_LEFT = 8
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

    After every plan the snapshot moves on to what it would be, and the next finding is looked for there, so that edits
    of one file never collide and a cause shared by several findings is mended once. Findings of which the fix says that
    they do not depend on one another (`Fix.settles`) are planned on one snapshot: the outcome is the same. `answer` gives
    look-ups; file contents already changed by the plan are answered from the plan. Raises `CannotPlan` when nothing at
    all can be planned.
    """
    planning = _Planning(snapshot, knowledge, answer)
    for check, keys in wanted:
        if check.fix is not None and check.fix.plan is not None:
            planning.plan(check, check.fix, keys)
    refused = tuple(planning.refused.values())
    if not planning.mended:
        if refused:
            raise _refusal(refused)
        raise CannotPlan(text("There is nothing to fix here."), text("Audit the project again."))
    told = planning.told
    files = {change.path for part in planning.changed for change in part.files}
    title = told[0].title if len(told) == 1 else _title_of_many(told, len(files))
    return PlannedFix(chain(title, [*told, *planning.changed]), tuple(planning.mended), refused)


def safe_checks(checks: Iterable[Check]) -> list[Check]:
    """The checks whose fixes neither change results nor only show steps: *Fix all safe*."""
    return [check for check in checks if check.fix and check.fix.plan and check.fix.safety is Safety.SAFE]


class _Planning:
    """What was planned so far: `told` without files, the files in `changed`; and the snapshot as it would then be."""

    def __init__(
        self, snapshot: ProjectSnapshot, knowledge: Knowledge, answer: Callable[[Iterable[Lookup]], Answers]
    ) -> None:
        self.told: list[ChangeSet] = []
        self.changed: list[ChangeSet] = []
        self.mended: list[str] = []
        self.refused: dict[str, tuple[str, Text, Text]] = {}
        self._now = snapshot
        self._knowledge = knowledge
        self._answer = answer
        self._written: dict[str, bytes | None] = {}

    def plan(self, check: Check, fix: Fix, keys: frozenset[str] | None) -> None:
        """Plan the wanted findings of one check, round by round, until nothing that was not tried is found."""
        tried: set[str] = set()
        # Rounds may plan one before another that is planned later: told is all as if it were one by one.
        turns: dict[str, int] = {}
        taken: list[tuple[int, str, ChangeSet]] = []
        for _ in range(_MOST_ROUNDS):
            facts = FactsFor(self._now, self._knowledge)
            pending = [
                (key, finding)
                for key, finding in _findings(facts, check)
                if key not in tried and (keys is None or key in keys)
            ]
            # Last place first: the ordinals in the keys of the places before it stay as they are.
            pending.reverse()
            turns.update({key: turn for turn, (key, _) in enumerate(pending, start=len(turns)) if key not in turns})
            planned = self._round(facts, fix, pending, tried)
            if not planned:
                break
            taken += [(turns[key], key, part) for key, part in planned]
            self.changed.append(self._move_on(check, [part for _, part in planned]))
        taken.sort(key=lambda one: one[0])
        self.mended += [key for _, key, _ in taken]
        self.told += [msgspec.structs.replace(part, files=()) for _, _, part in taken]

    def _round(
        self, facts: FactsFor, fix: Fix, pending: list[tuple[str, Finding]], tried: set[str]
    ) -> list[tuple[str, ChangeSet]]:
        """Plans that can be made together: one, or all that settle different things and touch different places."""
        planned: list[tuple[str, ChangeSet]] = []
        together = SideBySide()
        settled: set[object] = set()
        left = 0
        for key, finding in pending:
            if fix.settles is not None and fix.settles(finding) in settled:
                continue
            try:
                part = self._plan_one(facts, fix, finding)
            except CannotPlan as error:
                tried.add(key)
                self.refused[key] = (key, error.what, error.mend)
                continue
            if part.is_empty:
                tried.add(key)
                continue
            is_apart = together.take(part.files)
            if planned and not is_apart:
                # It is looked at again, as all is, after what it touches has changed.
                left += 1
                if left > _MOST_LEFT:
                    break
                continue
            tried.add(key)
            planned.append((key, part))
            if fix.settles is None or not is_apart:
                break
            settled.add(fix.settles(finding))
        return planned

    def _move_on(self, check: Check, parts: list[ChangeSet]) -> ChangeSet:
        """The files of the parts as one change, after which the snapshot is."""
        files = parts[0].files
        if len(parts) > 1:
            together = SideBySide()
            for part in parts:
                together.take(part.files)
            files = together.changes()
        changes = ChangeSet(parts[0].title, check.id, files)
        self._written.update({change.path: change.after for change in files})
        # A repository that is started is foreseen.
        commands = tuple(command for part in parts for command in part.commands)
        self._now = self._now.after(msgspec.structs.replace(changes, commands=commands))
        return changes

    def _plan_one(self, facts: FactsFor, fix: Fix, finding: Finding) -> ChangeSet:
        assert fix.plan is not None
        wanted = list(fix.lookups(**_arguments(facts, fix.lookups, finding)))
        given = dict(self._answer([item for item in wanted if not self._is_written(item)]).by_lookup)
        given.update(
            {
                item: self._written[item.path]
                for item in wanted
                if isinstance(item, FileContent) and self._is_written(item)
            }
        )
        return fix.plan(**_arguments(facts.with_answers(Answers(given)), fix.plan, finding))

    def _is_written(self, lookup: Lookup) -> bool:
        return isinstance(lookup, FileContent) and lookup.path in self._written


def _findings(facts: FactsFor, check: Check) -> list[tuple[str, Finding]]:
    found = [one for one in check.find(**_arguments(facts, check.find)) if isinstance(one, Finding)]
    return keyed_findings(check.id, found)


def _arguments(facts: FactsFor, function: Callable[..., object], finding: Finding | None = None) -> dict[str, Any]:
    arguments = facts.arguments(function, finding)
    if isinstance(arguments, Unavailable):
        raise CannotPlan(arguments.reason, arguments.mend or text("Audit the project again."))
    return arguments


def _refusal(refused: tuple[tuple[str, Text, Text], ...]) -> CannotPlan:
    """The first reason with its way on, and the others, each once."""
    # What one click allows comes first.
    ordered = sorted(refused, key=lambda one: one[2] != ALLOW_NETWORK)
    _, what, mend = ordered[0]
    also = tuple(dict.fromkeys(str(other) for _, other, _ in ordered[1:] if other != what))
    kind = NeedsNetwork if mend == ALLOW_NETWORK else CannotPlan
    return kind(what, mend, tuple(text("{reason}", reason=reason) for reason in also[:_MOST_REASONS]))


def _title_of_many(parts: list[ChangeSet], files: int) -> Text:
    check_ids = {part.check_id for part in parts}
    if len(check_ids) == 1 and len({part.title.template for part in parts}) == 1:
        wording = "{title} ({count} places)" if files < 2 else "{title} ({count} places in {files} files)"
        return text(wording, title=str(parts[0].title), count=len(parts), files=files)
    return text("{count} fixes", count=len(parts))
