"""Every submodule is checked out, clean, and at the commit that the project records.

## Why it matters
A project records one commit for each submodule. When another commit is checked out, or files in it are changed, what runs here
is not what a clone gets; when it is absent, a part of the program is not there at all.

## How to fix it
Get what is recorded:

```
git submodule update --init --recursive
```

Or record what is there: commit and push inside the submodule, then commit the submodule in the project.

## When to leave it
When nothing that makes results uses the submodule; then take it out of the project.

## References
- [git submodule](https://git-scm.com/docs/git-submodule)
"""

from __future__ import annotations

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
    Place,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.facts.data_state import shown_names
from repro_gui.facts.git import GitState, NoRepository, Submodule
from repro_gui.location import Location
from repro_gui.text import text

_MOST_PLACES = 50


def find(git: GitState | NoRepository) -> Iterator[Observation]:
    """One finding for each submodule that is absent, and one each for another commit and for changed files."""
    if isinstance(git, NoRepository):
        yield NotApplicable(text("The project is in no Git repository."))
        return
    if not git.submodules:
        yield NotApplicable(text("The project has no submodules."))
    for submodule in git.submodules:
        yield from _observed(submodule)


def _observed(submodule: Submodule) -> Iterator[Observation]:
    place = Location(submodule.path)
    path, recorded = submodule.path, submodule.recorded[:10]
    values: dict[str, str | int | float | bool | None] = {
        "recorded": submodule.recorded,
        "checked_out": submodule.checked_out,
        "url": submodule.url,
    }
    if submodule.reason is not None:
        reason = str(submodule.reason)
        yield CannotTell(text("The submodule {path} could not be read: {reason}", path=path, reason=reason), place)
        return
    if not submodule.checked_out:
        wording = "The submodule {path} is not checked out; {recorded} is recorded."
        yield Finding(text(wording, path=path, recorded=recorded), place, expression=path, cause=path, values=values)
        return
    if submodule.checked_out != submodule.recorded:
        there = submodule.checked_out[:10]
        wording = "The submodule {path} is at commit {there}, but {recorded} is recorded."
        what = text(wording, path=path, there=there, recorded=recorded)
        yield Finding(what, place, expression=f"{path} commit", cause=path, values=values)
    if submodule.changed:
        wording = "Files in the submodule {path} differ from its commit: {files}."
        yield Finding(
            text(wording, path=path, files=shown_names(submodule.changed)),
            place,
            expression=f"{path} files",
            cause=path,
            places=tuple(
                Place(text("changed here"), Location(f"{path}/{changed}"))
                for changed in submodule.changed[:_MOST_PLACES]
            ),
            values={**values, "changed": len(submodule.changed)},
        )
    elif submodule.checked_out == submodule.recorded:
        yield Evidence(
            text("The submodule {path} is as recorded ({recorded}).", path=path, recorded=recorded), place, values
        )


def _git(*submodules: Submodule) -> GitState:
    tracked = frozenset({"train.py", ".gitmodules"})
    return GitState(head="1" * 40, branch="main", tracked=tracked, submodules=submodules, is_pushed=True)


_FILES = {
    "train.py": "print('training')\n",
    ".gitmodules": '[submodule "lib"]\n\tpath = lib\n\turl = https://example.org/lib.git\n',
}

CHECK = Check(
    id="missing-submodule",
    pillar=Pillar.CODE,
    weight=Weight.MUST,
    title="Submodules are as the project records them",
    failure_title="Submodules are absent or not as recorded",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Get or record the submodule", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad=Sketch(_FILES, git=_git(Submodule("lib", "2" * 40, ""))),
            good=Sketch(_FILES, git=_git(Submodule("lib", "2" * 40, "2" * 40))),
            fixes=False,
        ),
        Example(
            bad=Sketch(_FILES, git=_git(Submodule("lib", "2" * 40, "3" * 40, changed=("a.py",)))),
            good=Sketch(_FILES, git=_git(Submodule("lib", "2" * 40, "2" * 40))),
            fixes=False,
        ),
    ),
)
