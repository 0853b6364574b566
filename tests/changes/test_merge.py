"""Commands that differ only in their paths become one."""

from repro_gui.changes.change_set import ChangeSet, Command, UndoKind
from repro_gui.changes.merge import chain
from repro_gui.text import text

START = ("git", "commit", "-m", "x", "--")


def commit(path: str, *, joins: int = len(START), undo: UndoKind = UndoKind.UNCOMMIT, runs: bool = False) -> ChangeSet:
    argv = (*START, path)
    return ChangeSet(text("t"), "c", commands=(Command(argv, " ".join(argv), undo, (path,), runs, joins),))


def test_paths_are_joined_once_each() -> None:
    (command,) = chain(text("t"), [commit("a b"), commit("c", runs=True), commit("a b")]).commands
    assert command.argv == (*START, "a b", "c")
    assert command.shown == "git commit -m x -- 'a b' c"
    assert command.touches == ("a b", "c")
    assert command.runs_project_code


def test_what_does_not_fit_stays_apart() -> None:
    parts = [commit("a"), commit("b", joins=0), commit("c", undo=UndoKind.NONE), commit("d")]
    commands = chain(text("t"), parts).commands
    assert [command.argv[len(START) :] for command in commands] == [("a", "d"), ("b",), ("c",)]


def test_the_order_of_kinds_is_that_of_the_first() -> None:
    add = ChangeSet(text("t"), "c", commands=(Command(("git", "add", "--", "a"), "", joins=3), *commit("a").commands))
    more = ChangeSet(text("t"), "c", commands=(Command(("git", "add", "--", "b"), "", joins=3), *commit("b").commands))
    assert [command.argv[1] for command in chain(text("t"), [add, more]).commands] == ["add", "commit"]
