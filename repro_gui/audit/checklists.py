"""Published checklists, answered from the same results as our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.audit.report import ChecklistItemNote, ChecklistNote, CheckResult, Outcome, Tick
from repro_gui.facts.known_checklists import Checklist, ChecklistItem, Decided
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro_gui.facts.settings import HandTick


def judge_checklist(
    checklist: Checklist, results: Iterable[CheckResult], ticks: Iterable[HandTick] = ()
) -> tuple[ChecklistItemNote, ...]:
    """Every item of a checklist over the results of an audit; ticks by hand name `CHECKLIST/ITEM` as their check."""
    by_id = {result.check_id: result for result in results}
    by_hand = {tick.check_id: tick for tick in ticks}
    return tuple(_judge(item, by_id, by_hand.get(f"{checklist.id}/{item.id}")) for item in checklist.items)


def _judge(item: ChecklistItem, by_id: dict[str, CheckResult], tick: HandTick | None) -> ChecklistItemNote:
    known = [by_id[check] for check in item.checks if check in by_id]
    state, why = _state(item, known)
    on = ""
    if tick is not None and state is not Tick.NOT_MET:
        state, why, on = Tick.MET, text("{name} answered this: {note}", name=tick.name, note=tick.note), tick.on
    return ChecklistItemNote(item.id, item.text, state, why, tuple(result.check_id for result in known), on)


def note_of_checklist(
    checklist: Checklist, results: Iterable[CheckResult], ticks: Iterable[HandTick] = ()
) -> ChecklistNote:
    """The judged checklist as the report holds it."""
    items = judge_checklist(checklist, results, ticks)
    return ChecklistNote(checklist.id, checklist.name, checklist.owner, checklist.year, items)


def _state(item: ChecklistItem, known: list[CheckResult]) -> tuple[Tick, Text]:
    if item.decided is Decided.MANUAL or not item.checks:
        return Tick.BY_HAND, text("Only a person can answer this.")
    failed = [result for result in known if result.has_fault]
    if failed:
        return Tick.NOT_MET, text("{check}: {title}", check=failed[0].check_id, title=failed[0].failure_title)
    undecided = [result for result in known if result.outcome is Outcome.COULD_NOT_RUN]
    if undecided:
        reason = undecided[0].why_not or text("No reason was given.")
        return Tick.CANNOT_TELL, text("{check}: {reason}", check=undecided[0].check_id, reason=str(reason))
    if len(known) < len(item.checks):
        missing = next(check for check in item.checks if check not in {result.check_id for result in known})
        return Tick.CANNOT_TELL, text("The check {check} is not in this report.", check=missing)
    if item.decided is Decided.ASSIST:
        return Tick.CONFIRM, text("Nothing speaks against it; a person has to confirm it.")
    if all(result.outcome is Outcome.NOT_APPLICABLE for result in known):
        return Tick.CONFIRM, text("The question does not arise in this project; a person has to confirm it.")
    return Tick.MET, text("{count} {count:check|checks} passed.", count=len(known))
