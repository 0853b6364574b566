"""What the results come from is committed as it stands on disk.

## Why it matters

A commit stands for exact lines. When files differ from it, the run you report was made by code that no commit holds:
checking out the recorded commit gives other lines, and perhaps other numbers.

## How to fix it

Look at the differences and commit them before the run that counts:

```
git diff
git commit -m "What changed and why" -- train.py
```

The button commits exactly the chosen files, nothing else that happens to be staged, with the hooks of the repository
running as always (they need your trust for this folder).

## When to leave it

While you experiment. Before a number leaves your machine, the tree should be clean; trackers such as MLflow and
Weights & Biases record whether it was.

## References

- [git status](https://git-scm.com/docs/git-status)
- NeurIPS, [Paper Checklist](https://neurips.cc/public/guides/PaperChecklist): code that reproduces the main results.
- Sandve et al., [Ten Simple Rules for Reproducible Computational Research](https://doi.org/10.1371/journal.pcbi.1003285),
  rule 4.
"""

from __future__ import annotations

from collections.abc import Iterator

from repro_gui.changes.change_set import ChangeSet
from repro_gui.checks.check import (
    CannotTell,
    Check,
    Effort,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.checks.commit_fix import commit_file_of, no_look_ups
from repro_gui.errors import CannotPlan
from repro_gui.facts.file_roles import FileRole
from repro_gui.facts.file_use import FileUse, use_of
from repro_gui.facts.git import GitState, NoRepository
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.program import Program
from repro_gui.facts.tree import FileTree
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location
from repro_gui.text import Text, text

_CAUSE = "changed since the last commit"


def find(
    git: GitState | NoRepository, tree: FileTree | Unavailable, program: Program | Unavailable, knowledge: Knowledge
) -> Iterator[Observation]:
    """Every tracked file that is not as in HEAD; what it is for decides how much it matters."""
    if isinstance(git, NoRepository):
        yield NotApplicable(text("The project is in no Git repository."))
        return
    if not git.head:
        yield Finding(text("The repository has no commit yet."), expression="no commit")
    count = 0
    for path, wording in _differences(git):
        use = use_of(path, tree, program, knowledge)
        if use.role is FileRole.DOCUMENTATION:
            yield Evidence(text("{path} differs from the last commit; it is documentation.", path=path), Location(path))
            continue
        count += 1
        yield Finding(
            wording,
            Location(path),
            expression=path,
            cause=_CAUSE,
            weight=_weight(path, use, knowledge),
            values={"role": use.role.value, "is_staged": path in git.staged},
        )
    for undecided in git.undecided:
        yield CannotTell(
            text("{path}: {reason}.", path=undecided.path, reason=str(undecided.reason)), Location(undecided.path)
        )
    if git.head and not count:
        yield Evidence(
            text(
                "{files} tracked {files:file is|files are} as in commit {commit}.",
                files=len(git.tracked) - len(git.undecided),
                commit=git.head[:10],
            ),
            values={"commit": git.head, "files": len(git.tracked)},
        )


def _differences(git: GitState) -> Iterator[tuple[str, Text]]:
    """Each path once, with what is the matter."""
    for path in git.conflicted:
        yield path, text("{path} has a merge conflict.", path=path)
    for path in git.deleted:
        yield path, text("{path} is deleted, but the last commit has it.", path=path)
    for path in git.modified:
        if path in git.hidden:
            yield path, text("{path} differs from the last commit, and Git was told not to look at it.", path=path)
        elif path in git.staged:
            yield path, text("{path} is staged, but not committed.", path=path)
        else:
            yield path, text("{path} differs from the last commit.", path=path)


def _weight(path: str, use: FileUse, knowledge: Knowledge) -> Weight:
    if use.is_used is not False:
        return Weight.MUST
    known = knowledge.data.format_of(path) if use.role is FileRole.OTHER else None
    # Data kept in Git is part of what a result comes from.
    return Weight.MUST if known is not None and not known.is_ambiguous else Weight.SHOULD


def plan_fix(finding: Finding, git: GitState | NoRepository) -> ChangeSet:
    """Commit the file of the finding; the plans of several findings join into one commit."""
    hidden = () if isinstance(git, NoRepository) else git.hidden
    if finding.location is not None and finding.location.path in hidden:
        raise CannotPlan(
            text("Git was told not to look at {path}.", path=finding.location.path),
            text("Run git update-index --no-assume-unchanged --no-skip-worktree on it, then audit again."),
        )
    return commit_file_of(finding, git, CHECK.id)


_COMMITTED = GitState(head="1" * 40, branch="main", tracked=frozenset({"train.py"}), is_pushed=True)

CHECK = Check(
    id="uncommitted-change",
    pillar=Pillar.CODE,
    weight=Weight.MUST,
    title="The working files are as committed",
    failure_title="Files differ from the last commit",
    explanation=__doc__,
    find=find,
    fix=Fix("Commit the chosen files", plan_fix, Safety.SAFE, Effort.SECONDS, no_look_ups),
    examples=(
        Example(
            bad=Sketch(
                {"train.py": "print('training')\n"},
                git=GitState(
                    head="1" * 40,
                    branch="main",
                    tracked=frozenset({"train.py"}),
                    modified=("train.py",),
                    is_pushed=True,
                ),
            ),
            good=Sketch({"train.py": "print('training')\n"}, git=_COMMITTED),
            fixes=False,
        ),
    ),
)
