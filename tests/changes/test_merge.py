from repro_gui.changes.change_set import ChangeSet, Command, UndoKind, show_command
from repro_gui.changes.merge import chain
from repro_gui.text import text


def with_paths(*words: str, joins: int, undo: UndoKind = UndoKind.NONE) -> Command:
    return Command(words, show_command(words), undo, words[joins:], joins=joins)


def test_a_joined_commit_stays_behind_the_command_that_adds_its_files() -> None:
    commit_known = with_paths("git", "commit", "--", "known.py", joins=3, undo=UndoKind.UNCOMMIT)
    add_new = with_paths("git", "add", "--", "new.py", joins=3, undo=UndoKind.UNSTAGE)
    commit_new = with_paths("git", "commit", "--", "new.py", joins=3, undo=UndoKind.UNCOMMIT)
    init = Command(("dvc", "init"), "dvc init")
    both = chain(
        text("all"),
        [
            ChangeSet(text("one"), "a", commands=(commit_known,)),
            ChangeSet(text("two"), "b", commands=(add_new, commit_new)),
            ChangeSet(text("three"), "c", commands=(init, Command(("dvc", "add", "x"), "dvc add x"))),
            ChangeSet(text("four"), "d", commands=(init, Command(("dvc", "add", "y"), "dvc add y"))),
        ],
    )
    assert [command.argv for command in both.commands] == [
        ("git", "add", "--", "new.py"),
        ("git", "commit", "--", "known.py", "new.py"),
        ("dvc", "init"),
        ("dvc", "add", "x"),
        ("dvc", "add", "y"),
    ]
