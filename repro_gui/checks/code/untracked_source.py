"""Git knows every source, configuration and environment file of the project.

## Why it matters

A file that Git does not know is in no commit, in no clone and in no archive: the project runs on your machine and stops
with an import error, or silently takes other settings, on everybody else's. It is the most common reason why published
code does not start.

## How to fix it

Add and commit what the results come from, and name in `.gitignore` what they do not:

```
git add model.py configs/best.yaml
git commit -m "Add the model and its configuration"
```

The button adds and commits exactly the chosen files. What lies in folders of results, and what ignore rules cover, is
left alone.

## When to leave it

For files that hold secrets, and for scratch work that no result depends on: put a line into `.gitignore`, and the
finding goes.

## References

- [git add](https://git-scm.com/docs/git-add), [gitignore](https://git-scm.com/docs/gitignore)
- [ML Code Completeness Checklist](https://github.com/paperswithcode/releasing-research-code): training and evaluation
  code are there.
"""

from __future__ import annotations

from collections.abc import Iterator

from repro_gui.changes.change_set import ChangeSet
from repro_gui.checks.check import (
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
from repro_gui.facts.file_roles import ROLES_OF_THE_PROGRAM, FileRole
from repro_gui.facts.file_use import use_of
from repro_gui.facts.git import GitState, NoRepository
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.program import Program
from repro_gui.facts.tree import FileTree
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location
from repro_gui.text import text

_CAUSE = "unknown to Git"


def find(
    git: GitState | NoRepository, tree: FileTree | Unavailable, program: Program | Unavailable, knowledge: Knowledge
) -> Iterator[Observation]:
    """Untracked files that a result could come from; one that no result entry point reaches weighs less."""
    if isinstance(git, NoRepository):
        yield NotApplicable(text("The project is in no Git repository."))
        return
    copies = 0
    for path in git.untracked:
        use = use_of(path, tree, program, knowledge)
        if use.role is FileRole.SECRET:
            wording = "{path} is not in Git, and its name says that it holds a secret: leave it out."
            yield Evidence(text(wording, path=path), Location(path))
        if use.role not in ROLES_OF_THE_PROGRAM:
            continue
        if knowledge.data.is_result(path) and not use.is_used:
            copies += 1
            continue
        yield Finding(
            text("{path} is not in Git.", path=path),
            Location(path),
            expression=path,
            cause=_CAUSE,
            weight=Weight.SHOULD if use.is_used is False else Weight.MUST,
            values={"role": use.role.value, "is_reached": use.is_used is True},
        )
    if copies:
        yield Evidence(
            text(
                "{count} untracked files in folders of results were taken for copies that runs left there.",
                count=copies,
            ),
            values={"files": copies},
        )
    known = sum(1 for path in git.tracked if use_of(path, tree, program, knowledge).role in ROLES_OF_THE_PROGRAM)
    yield Evidence(
        text("{files} source, configuration and environment files are in Git.", files=known), values={"files": known}
    )


def plan_fix(finding: Finding, git: GitState | NoRepository) -> ChangeSet:
    """Add and commit the file of the finding; the plans of several findings join into one commit."""
    return commit_file_of(finding, git, CHECK.id)


CHECK = Check(
    id="untracked-source",
    pillar=Pillar.CODE,
    weight=Weight.MUST,
    title="Every source and configuration file is in Git",
    failure_title="Source or configuration files are not in Git",
    explanation=__doc__,
    find=find,
    fix=Fix("Add and commit the chosen files", plan_fix, Safety.SAFE, Effort.SECONDS, no_look_ups),
    examples=(
        Example(
            bad=Sketch(
                {"train.py": "import model\n", "model.py": "layers = 3\n"},
                git=GitState(
                    head="1" * 40,
                    branch="main",
                    tracked=frozenset({"train.py"}),
                    untracked=("model.py",),
                    is_pushed=True,
                ),
            ),
            good=Sketch({"train.py": "import model\n", "model.py": "layers = 3\n"}),
            fixes=False,
        ),
    ),
)
