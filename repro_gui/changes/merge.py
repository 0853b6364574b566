"""Many change sets made into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.changes.change_set import ChangeSet, Command, FileChange
from repro_gui.errors import CannotPlan
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterable


def chain(title: Text, change_sets: Iterable[ChangeSet]) -> ChangeSet:
    """Join change sets that were planned one after another, each on the outcome of those before it.

    A file changed twice becomes one change from its first to its last bytes. Raises `CannotPlan` when a later change
    did not start from what an earlier one left.
    """
    parts = list(change_sets)
    files: dict[str, FileChange] = {}
    for part in parts:
        for change in part.files:
            earlier = files.get(change.path)
            if earlier is None:
                files[change.path] = change
                continue
            if earlier.after != change.before:
                raise CannotPlan(
                    text("Two changes of {path} do not fit together.", path=change.path),
                    text("Apply them one at a time."),
                )
            files[change.path] = FileChange(
                change.path, earlier.before, change.after, earlier.executable or change.executable, earlier.reason
            )
    commands = _joined(command for part in parts for command in part.commands)
    check_ids = dict.fromkeys(part.check_id for part in parts)
    return ChangeSet(
        title=title,
        check_id=next(iter(check_ids)) if len(check_ids) == 1 else "",
        files=tuple(change for change in files.values() if change.before != change.after),
        commands=commands,
        effect=next((part.effect for part in parts if part.effect is not None), None),
        notes=tuple(note for part in parts for note in part.notes),
    )


def _joined(commands: Iterable[Command]) -> tuple[Command, ...]:
    """Each command once, at its first place; those that take paths take all of them at their last place.

    The last place, since a commit of new files has to stay behind the command that adds them.
    """
    found: list[Command] = []
    for command in commands:
        if command in found:
            continue
        joined = command
        for earlier in tuple(found):
            both = earlier.joined(joined)
            if both is not None:
                found.remove(earlier)
                joined = both
        found.append(joined)
    return tuple(found)
