"""The fix that the checks of the work tree share: commit the file of a finding."""

from __future__ import annotations

from collections.abc import Iterable

from repro_gui.changes.change_set import ChangeSet
from repro_gui.checks.check import Finding
from repro_gui.errors import CannotPlan
from repro_gui.facts.git import GitState, NoRepository
from repro_gui.facts.git_commands import commit_files
from repro_gui.facts.lookup import Lookup
from repro_gui.text import text

# Checks whose fix commits: among several fixes these are planned after the others, since what those write is to be committed too.
COMMITTING = frozenset({"uncommitted-change", "untracked-source"})


def no_look_ups(_finding: Finding) -> Iterable[Lookup]:
    """Nothing: git takes the files as they are."""
    return ()


def commit_file_of(finding: Finding, git: GitState | NoRepository, check_id: str) -> ChangeSet:
    """Add the file where Git does not know it, and commit it; the plans of several findings join into one commit."""
    if isinstance(git, NoRepository) or finding.location is None:
        raise CannotPlan(text("There is nothing committed yet."), text("Make a first commit, then audit again."))
    return ChangeSet(
        title=text("Commit what the results come from"),
        check_id=check_id,
        commands=commit_files(git, [finding.location.path]),
    )
