"""Planning with small checks of our own: a check that wants no `bad` lines, and one that wants a file to exist."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from repro_gui.audit.plan_fix import PlannedFix, plan_fix, safe_checks
from repro_gui.audit.run import keyed_findings
from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.checks.check import Check, Finding, Fix, Pillar, Safety, Weight
from repro_gui.errors import CannotPlan
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.facts.tree import FileTree
from repro_gui.facts.unavailable import Unavailable
from repro_gui.knowledge import load_knowledge
from repro_gui.location import Location
from repro_gui.text import text

SMALLEST = 10


def find_short(tree: FileTree) -> Iterator[Finding]:
    """Files must have at least ten bytes: a fault that a snapshot can see."""
    for entry in tree.entries:
        if entry.path.endswith(".txt") and entry.size < SMALLEST:
            for missing in range(SMALLEST - entry.size):
                yield Finding(
                    text("{path} is short", path=entry.path), Location(entry.path, missing + 1), expression="x"
                )


def plan_longer(finding: Finding, answers: Answers) -> ChangeSet:
    assert finding.location is not None
    before = answers.file(finding.location.path)
    if before.startswith(b"never"):
        raise CannotPlan(text("This file stays short."), text("Write more by hand."))
    return ChangeSet(text("Add a byte"), "short", (FileChange(finding.location.path, before, before + b"+"),))


def find_missing(tree: FileTree) -> Iterator[Finding]:
    if "LICENSE" not in tree:
        yield Finding(text("no licence"))


def plan_licence(finding: Finding) -> ChangeSet:
    return ChangeSet(text("Add a licence"), "missing", (FileChange("LICENSE", None, b"free to use\n"),))


SHORT = Check("short", Pillar.CODE, Weight.MUST, "", "", "Why.", find_short, Fix("Add a byte", plan_longer))
MISSING = Check(
    "missing", Pillar.CODE, Weight.MUST, "", "", "Why.", find_missing, Fix("Add", plan_licence, Safety.CHANGES_RESULTS)
)
SHOWN = Check("shown", Pillar.CODE, Weight.MUST, "", "", "Why.", find_missing, Fix("Think", None, Safety.SHOW_ONLY))


def answerer(files: dict[str, bytes]) -> Callable[[Iterable[Lookup]], Answers]:
    def answer(wanted: Iterable[Lookup]) -> Answers:
        return Answers({item: files.get(item.path) for item in wanted if isinstance(item, FileContent)})

    return answer


def plan(files: dict[str, bytes], *wanted: tuple[Check, frozenset[str] | None]) -> PlannedFix:
    snapshot = snapshot_of_files("sample", files)
    return plan_fix(snapshot, load_knowledge(), wanted, answerer(files))


def test_every_finding_is_planned_on_what_the_one_before_left() -> None:
    files = {"a.txt": b"1234567", "b.txt": b"12345678"}
    snapshot = snapshot_of_files("sample", files)
    planned = plan_fix(snapshot, load_knowledge(), [(SHORT, None)], answerer(files))
    assert {change.path: change.after for change in planned.change_set.files} == {
        "a.txt": b"1234567+++",
        "b.txt": b"12345678++",
    }
    assert len(planned.mended) == 5
    assert str(planned.change_set.title) == "Add a byte (5 places in 2 files)"
    after = snapshot.after(planned.change_set)
    assert isinstance(after.tree, FileTree)
    assert list(find_short(after.tree)) == []


def test_several_places_of_one_file_are_counted() -> None:
    assert str(plan({"a.txt": b"12345678"}, (SHORT, None)).change_set.title) == "Add a byte (2 places)"


def test_only_the_chosen_findings_are_planned() -> None:
    files = {"a.txt": b"1234567"}
    tree = snapshot_of_files("sample", files).tree
    assert isinstance(tree, FileTree)
    keys = [key for key, _ in keyed_findings("short", find_short(tree))]
    snapshot = snapshot_of_files("sample", files)
    planned = plan_fix(snapshot, load_knowledge(), [(SHORT, frozenset(keys[1:2]))], answerer(files))
    assert planned.change_set.files == (FileChange("a.txt", b"1234567", b"1234567+"),)
    assert planned.mended == (keys[1],)


def test_what_cannot_be_planned_is_told_and_the_rest_goes_on() -> None:
    files = {"a.txt": b"12345678", "b.txt": b"never"}
    snapshot = snapshot_of_files("sample", files)
    planned = plan_fix(snapshot, load_knowledge(), [(SHORT, None), (MISSING, None)], answerer(files))
    assert [change.path for change in planned.change_set.files] == ["a.txt", "LICENSE"]
    assert len(planned.refused) == 5
    assert str(planned.refused[0][1]) == "This file stays short."


def test_a_plan_of_nothing_is_refused_with_the_reason() -> None:
    with pytest.raises(CannotPlan, match="stays short"):
        plan({"b.txt": b"never"}, (SHORT, None))
    with pytest.raises(CannotPlan, match="nothing to fix"):
        plan({"b.txt": b"long enough by far"}, (SHORT, None))


def test_a_look_up_that_failed_is_the_reason() -> None:
    def answer(wanted: Iterable[Lookup]) -> Answers:
        return Answers({item: Unavailable(text("The disk is gone.")) for item in wanted})

    snapshot = snapshot_of_files("sample", {"a.txt": b"1"})
    with pytest.raises(CannotPlan, match="disk is gone"):
        plan_fix(snapshot, load_knowledge(), [(SHORT, None)], answer)


def test_fix_all_safe_takes_no_fix_that_changes_results_or_only_shows_steps() -> None:
    assert safe_checks([SHORT, MISSING, SHOWN]) == [SHORT]
