"""Data and weights of many megabytes lie in Git itself.

## Why it matters
Git keeps every version of a file for ever and gives all of them to every clone. Large data makes clones slow, hosts refuse files
above 100 MB, and soon somebody leaves the data out of a commit: then the code of one version runs on the data of another.

## How to fix it
The button takes the file out of Git's index, where it stays on disk, and puts it under DVC: Git then holds a small `.dvc` file
with its digest. Git LFS serves as well: `git lfs migrate import --include=PATH`. What earlier commits hold stays in the history.

## When to leave it
When the file never changes and a slow clone is no matter: data in Git is pinned, and nobody needs a second tool to get it.

## References
- GitHub, "About large files": <https://docs.github.com/en/repositories/working-with-files/managing-large-files>
- [dvc add](https://dvc.org/doc/command-reference/add), [git lfs migrate](https://github.com/git-lfs/git-lfs)
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterable, Iterator

import msgspec

from repro_gui.changes.change_set import ChangeSet, Command, UndoKind
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
from repro_gui.errors import CannotPlan
from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.dvc_edits import folders_down_to, put_under_dvc, shown_size
from repro_gui.facts.git import GitState, NoRepository
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent, FreeSpace, Lookup
from repro_gui.facts.tree import EntryKind, FileTree
from repro_gui.location import Location
from repro_gui.text import text

LARGE = 10_000_000


def find(
    git: GitState | NoRepository, tree: FileTree, data_files: DataFiles, knowledge: Knowledge
) -> Iterator[Observation]:
    """Files in a format of data or weights above 10 MB whose own bytes Git holds."""
    if isinstance(git, NoRepository):
        yield NotApplicable(text("The project is in no Git repository."))
        return
    kept = 0
    for entry in tree.entries:
        path = entry.path
        if path not in git.tracked or entry.kind is not EntryKind.FILE:
            continue
        known = knowledge.data.format_of(path)
        if known is None or (known.is_ambiguous and not knowledge.data.is_in_data_folder(path)):
            continue
        if entry.size <= LARGE:
            kept += 1
            continue
        if data_files.is_under_lfs(path):
            wording = "{path} ({size}) is in Git LFS: Git holds only a pointer."
            yield Evidence(text(wording, path=path, size=shown_size(entry.size)), Location(path))
            continue
        yield Finding(
            text("{path} ({size}) lies in Git.", path=path, size=shown_size(entry.size)),
            Location(path),
            expression=path,
            cause=path,
            values={"path": path, "bytes": entry.size, "format": known.title},
        )
    yield Evidence(
        text("{count} smaller {count:file of data or weights is|files of data or weights are} in Git.", count=kept),
        values={"files": kept},
    )


def needs(finding: Finding) -> Iterable[Lookup]:
    """The free space, and the ignore rules that DVC's own files must pass."""
    yield FreeSpace()
    for folder in folders_down_to(str(finding.values["path"])):
        yield FileContent(posixpath.join(folder, ".gitignore"))


def plan_fix(finding: Finding, data_files: DataFiles, git: GitState | NoRepository, answers: Answers) -> ChangeSet:
    """Take the file out of the index, then `dvc add` it: DVC takes nothing that Git holds."""
    path = str(finding.values["path"])
    if isinstance(git, NoRepository):
        raise CannotPlan(text("There is no Git repository."), text("Make one first."))
    if path in git.modified or path in git.staged:
        raise CannotPlan(
            text("{path} differs from the last commit.", path=path),
            text("Commit it or take it back, then audit again."),
        )
    put = put_under_dvc(
        CHECK.id, (path,), data_files=data_files, git=git, answers=answers, size=int(finding.values["bytes"] or 0)
    )
    words = ("git", "--literal-pathspecs", "rm", "--cached", "--quiet", "--", path)
    out_of_index = Command(words, shlex.join(words), UndoKind.UNSTAGE, (path,))
    return msgspec.structs.replace(
        put,
        title=text("Move {path} from Git to DVC", path=path),
        commands=(out_of_index, *put.commands),
        notes=(*put.notes, text("Earlier commits keep the file: the repository gets no smaller by this.")),
    )


# An example needs the size, and text of ten megabytes is no example: repeated lines are.
_LARGE = "0.125,0.250\n" * 900_000

CHECK = Check(
    id="large-file-in-git",
    pillar=Pillar.CODE,
    weight=Weight.SHOULD,
    title="Git holds no large data or weights",
    failure_title="Large data or weights lie in Git",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Move to DVC", plan_fix, Safety.SAFE, Effort.MINUTES, needs),
    examples=(
        Example(
            bad=Sketch({"train.py": "", "data/train.csv": _LARGE}),
            good=Sketch(
                {
                    "train.py": "",
                    "data/train.csv": _LARGE,
                    "data/train.csv.dvc": "outs:\n- md5: 0cc175b9c0f1b6a831c399e269772661\n  hash: md5\n  path: train.csv\n",
                },
                git=GitState(
                    head="1" * 40,
                    branch="main",
                    tracked=frozenset({"train.py", "data/train.csv.dvc"}),
                    ignored=("data/train.csv",),
                    is_pushed=True,
                ),
            ),
            fixes=False,
        ),
    ),
)
