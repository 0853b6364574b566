import pytest

from repro_gui.audit.checklists import judge_checklist
from repro_gui.audit.report import CheckResult, Outcome, Tick
from repro_gui.checks.check import Pillar, Weight
from repro_gui.facts.known_checklists import Checklist, ChecklistItem, Decided
from repro_gui.facts.settings import HandTick
from repro_gui.text import text


def result(check_id: str, outcome: Outcome) -> CheckResult:
    why = text("it broke") if outcome is Outcome.COULD_NOT_RUN else None
    return CheckResult(check_id, Pillar.CODE, Weight.MUST, "good", "bad", "why", outcome, why_not=why)


def judge(decided: Decided, checks: tuple[str, ...], *results: CheckResult, ticks: tuple[HandTick, ...] = ()) -> Tick:
    items = (ChecklistItem("1", "A question", "code", decided, checks),)
    [judged] = judge_checklist(Checklist("list", "List", "owner", 2024, "source", "all", items), results, ticks)
    return judged.tick


@pytest.mark.parametrize(
    ("decided", "outcomes", "expected"),
    [
        (Decided.AUTO, (Outcome.PASSED, Outcome.PASSED), Tick.MET),
        (Decided.AUTO, (Outcome.PASSED, Outcome.FAILED), Tick.NOT_MET),
        (Decided.AUTO, (Outcome.PASSED, Outcome.COULD_NOT_RUN), Tick.CANNOT_TELL),
        (Decided.AUTO, (Outcome.PASSED, Outcome.NOT_APPLICABLE), Tick.MET),
        (Decided.AUTO, (Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE), Tick.CONFIRM),
        (Decided.AUTO, (Outcome.PASSED,), Tick.CANNOT_TELL),
        (Decided.AUTO, (Outcome.FAILED,), Tick.NOT_MET),
        (Decided.ASSIST, (Outcome.PASSED, Outcome.PASSED), Tick.CONFIRM),
        (Decided.ASSIST, (Outcome.PASSED, Outcome.FAILED), Tick.NOT_MET),
        (Decided.MANUAL, (Outcome.PASSED, Outcome.PASSED), Tick.BY_HAND),
    ],
)
def test_states(decided: Decided, outcomes: tuple[Outcome, ...], expected: Tick) -> None:
    results = [result(check_id, outcome) for check_id, outcome in zip(("first", "second"), outcomes, strict=False)]
    assert judge(decided, ("first", "second"), *results) is expected


def test_nothing_of_ours_bears_on_it() -> None:
    assert judge(Decided.AUTO, ()) is Tick.BY_HAND


def test_a_tick_by_hand_answers_what_the_tool_cannot() -> None:
    tick = HandTick("list/1", "Ada", "read it", "2026-01-01")
    assert judge(Decided.ASSIST, ("first",), result("first", Outcome.PASSED), ticks=(tick,)) is Tick.MET
    assert judge(Decided.MANUAL, (), ticks=(tick,)) is Tick.MET


def test_a_tick_by_hand_never_hides_a_fault() -> None:
    tick = HandTick("list/1", "Ada", "fine", "2026-01-01")
    assert judge(Decided.ASSIST, ("first",), result("first", Outcome.FAILED), ticks=(tick,)) is Tick.NOT_MET
