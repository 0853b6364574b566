"""The commit that the results come from is on a remote, where others can get it.

## Why it matters

A commit that exists on one disk is one broken disk away from being gone, and nobody else can check it out. A result that
names a commit promises that the commit can be had.

## How to fix it

Add a remote if there is none, and push:

```
git remote add origin ADDRESS
git push --set-upstream origin HEAD
```

There is no button: pushing publishes, and where to is for you to decide. What is judged is what Git knows since the
last fetch or push; nothing is asked over the network.

## When to leave it

When the code may not leave the machine, or another copy is kept (an institution's archive, a bundle beside the data):
waive it and say where.

## References

- [git push](https://git-scm.com/docs/git-push), [git bundle](https://git-scm.com/docs/git-bundle)
- ACM, [Artifact Review and Badging](https://www.acm.org/publications/policies/artifact-review-and-badging-current):
  artifacts available.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

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
from repro_gui.facts.git import GitState, NoRepository, Remote, RemoteBranch
from repro_gui.text import Text, text

_MOST_COUNTED = 1_000


def find(git: GitState | NoRepository) -> Iterator[Observation]:
    """HEAD is in the history of some remote-tracking branch."""
    if isinstance(git, NoRepository):
        yield NotApplicable(text("The project is in no Git repository."))
        return
    if not git.head:
        yield NotApplicable(text("The repository has no commit yet."))
        return
    for remote in git.remotes:
        yield Evidence(
            text("The remote {name} is {url}.", name=remote.name, url=remote.url),
            values={"remote": remote.name, "url": remote.url, "last_fetch": git.last_fetch},
        )
    if git.is_pushed is None:
        reason = git.pushed_reason or text("The history is not known.")
        yield CannotTell(text("Whether HEAD is on a remote cannot be told: {reason}", reason=str(reason)))
    elif git.is_pushed:
        yield _pushed(git)
    else:
        yield Finding(_what_is_missing(git), expression="HEAD", values={"commit": git.head, "ahead": git.ahead})


def _pushed(git: GitState) -> Evidence:
    branch = next((branch.name for branch in git.remote_branches if branch.commit == git.head), "")
    values: dict[str, str | int | float | bool | None] = {
        "commit": git.head,
        "branch": branch,
        "last_fetch": git.last_fetch,
    }
    if branch and git.last_fetch:
        wording = text(
            "Commit {commit} is on {branch}, as of {date}.",
            commit=git.head[:10],
            branch=branch,
            date=_date(git.last_fetch),
        )
    elif branch:
        wording = text("Commit {commit} is on {branch}.", commit=git.head[:10], branch=branch)
    else:
        wording = text("Commit {commit} is in the history of a remote branch.", commit=git.head[:10])
    return Evidence(wording, values=values)


def _what_is_missing(git: GitState) -> Text:
    if not git.remotes and not git.remote_branches:
        return text("The repository has no remote: its commits are on this disk only.")
    if not git.remote_branches:
        name = git.remotes[0].name
        return text("Nothing was ever pushed to the remote {name}, or fetched from it.", name=name)
    if git.ahead >= _MOST_COUNTED:
        return text("Commit {commit} is on no remote branch.", commit=git.head[:10])
    if git.ahead == 1:
        return text("Commit {commit} is on no remote branch: one commit is not pushed.", commit=git.head[:10])
    return text(
        "Commit {commit} is on no remote branch: {count} {count:commit is|commits are} not pushed.",
        commit=git.head[:10],
        count=git.ahead,
    )


def _date(seconds: int) -> str:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return "?"


_FILES = {"train.py": "print('training')\n"}
_ORIGIN = Remote("origin", "https://example.org/project.git")

CHECK = Check(
    id="unpushed-commit",
    pillar=Pillar.CODE,
    weight=Weight.SHOULD,
    title="The commit is on a remote",
    failure_title="The commit is on no remote",
    explanation=__doc__,
    find=find,
    fix=Fix("Push the branch to a remote", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad=Sketch(
                _FILES,
                git=GitState(
                    head="2" * 40,
                    branch="main",
                    tracked=frozenset(_FILES),
                    remotes=(_ORIGIN,),
                    remote_branches=(RemoteBranch("origin/main", "1" * 40),),
                    is_pushed=False,
                    ahead=1,
                ),
            ),
            good=Sketch(
                _FILES,
                git=GitState(
                    head="2" * 40,
                    branch="main",
                    tracked=frozenset(_FILES),
                    remotes=(_ORIGIN,),
                    remote_branches=(RemoteBranch("origin/main", "2" * 40),),
                    is_pushed=True,
                ),
            ),
        ),
        Example(
            bad=Sketch(_FILES, git=GitState(head="2" * 40, branch="main", tracked=frozenset(_FILES), is_pushed=False)),
            good=Sketch(_FILES),
        ),
    ),
)
