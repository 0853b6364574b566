import datetime as dt
from collections.abc import Iterator

import msgspec
import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import CheckResult, Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import CannotTell, Check, Evidence, Finding, NotApplicable, Observation, Pillar, Weight
from repro_gui.facts.git import GitState
from repro_gui.facts.settings import HandTick, Settings, Waiver
from repro_gui.facts.snapshot import ProjectSnapshot, snapshot_of_files
from repro_gui.facts.tree import FileTree
from repro_gui.facts.unavailable import Unavailable
from repro_gui.knowledge import load_knowledge
from repro_gui.location import Location
from repro_gui.text import text

EMPTY = snapshot_of_files("empty", {})


def run(observations: list[Observation], settings: Settings | None = None) -> CheckResult:
    def find(tree: FileTree) -> Iterator[Observation]:
        yield from observations

    snapshot = EMPTY if settings is None else msgspec.structs.replace(EMPTY, settings=settings)
    return run_check(FactsFor(snapshot, load_knowledge()), check_of(find))


def check_of(find: object) -> Check:
    return Check("sample", Pillar.CODE, Weight.MUST, "fine", "not fine", "Why.", find=find)  # type: ignore[arg-type]


FINDING = Finding(text("wrong"), Location("a.py", 3), expression="f(x)")


@pytest.mark.parametrize(
    ("observations", "outcome"),
    [
        ([], Outcome.PASSED),
        ([Evidence(text("seen"))], Outcome.PASSED),
        ([FINDING], Outcome.FAILED),
        ([FINDING, CannotTell(text("unclear"))], Outcome.FAILED),
        ([CannotTell(text("unclear")), Evidence(text("seen"))], Outcome.COULD_NOT_RUN),
        ([NotApplicable(text("no data"))], Outcome.NOT_APPLICABLE),
        ([NotApplicable(text("no data")), CannotTell(text("unclear"))], Outcome.COULD_NOT_RUN),
    ],
)
def test_doubt_is_neither_pass_nor_failure(observations: list[Observation], outcome: Outcome) -> None:
    result = run(observations)
    assert result.outcome is outcome
    assert (result.why_not is None) == (outcome in {Outcome.PASSED, Outcome.FAILED})


def test_a_check_that_breaks_is_a_result() -> None:
    def find(tree: FileTree) -> Iterator[Observation]:
        yield FINDING
        raise ZeroDivisionError("oops")

    result = run_check(FactsFor(EMPTY, load_knowledge()), check_of(find))
    assert result.outcome is Outcome.COULD_NOT_RUN
    assert "oops" in str(result.why_not)
    assert result.findings == ()


def test_a_missing_fact_is_a_result_with_its_reason() -> None:
    def find(git: GitState) -> Iterator[Observation]:
        raise AssertionError

    snapshot = msgspec.structs.replace(EMPTY, git=Unavailable(text("Git is locked.")))
    result = run_check(FactsFor(snapshot, load_knowledge()), check_of(find))
    assert (result.outcome, str(result.why_not)) == (Outcome.COULD_NOT_RUN, "Git is locked.")


def test_a_check_may_ask_for_the_reason_itself() -> None:
    def find(git: GitState | Unavailable) -> Iterator[Observation]:
        assert isinstance(git, Unavailable)
        yield CannotTell(git.reason)

    snapshot = msgspec.structs.replace(EMPTY, git=Unavailable(text("Git is locked.")))
    assert run_check(FactsFor(snapshot, load_knowledge()), check_of(find)).outcome is Outcome.COULD_NOT_RUN


def test_keys_do_not_know_lines_and_tell_equals_apart() -> None:
    here, below = FINDING, msgspec.structs.replace(FINDING, location=Location("a.py", 9))
    keys = [note.key for note in run([here, below]).findings]
    moved = [note.key for note in run([msgspec.structs.replace(below, location=Location("a.py", 99)), here]).findings]
    assert keys == moved
    assert len(set(keys)) == 2


def test_a_waiver_holds_until_its_day() -> None:
    key = run([FINDING]).findings[0].key
    waiver = Waiver(key, "known", "Ada", "2026-01-31")
    last_day = Settings(waivers=(waiver,), today=dt.date(2026, 1, 31))
    assert run([FINDING], last_day).outcome is Outcome.WAIVED
    assert run([FINDING], last_day).findings
    day_after = Settings(waivers=(waiver,), today=dt.date(2026, 2, 1))
    assert run([FINDING], day_after).outcome is Outcome.FAILED


def test_a_waived_finding_does_not_hide_a_doubt() -> None:
    key = run([FINDING]).findings[0].key
    settings = Settings(waivers=(Waiver(key, "known", "Ada"),))
    assert run([FINDING, CannotTell(text("unclear"))], settings).outcome is Outcome.COULD_NOT_RUN


def test_a_person_settles_a_doubt_but_not_a_fault() -> None:
    settings = Settings(ticks=(HandTick("sample", "Ada", "seen with my own eyes", "2026-01-01"),))
    assert run([CannotTell(text("unclear"))], settings).outcome is Outcome.BY_HAND
    assert run([FINDING], settings).outcome is Outcome.FAILED


def test_whole_snapshots_can_be_asked_for() -> None:
    def find(snapshot: ProjectSnapshot) -> Iterator[Observation]:
        yield Evidence(text("{name}", name=snapshot.name))

    assert run_check(FactsFor(EMPTY, load_knowledge()), check_of(find)).evidence[0].message == "empty"
