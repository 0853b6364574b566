"""Files of Git LFS and git-annex have their content here, not only a pointer to it.

## Why it matters
A clone made without Git LFS, or a DataLad data set whose files were not fetched, holds small pointers in the place of the data. The
program stops on them, or reads the pointer's text as if it were data.

## How to fix it
For Git LFS `git lfs install`, then `git lfs pull`; for DataLad `datalad get PATH`, for git-annex `git annex get PATH`. When the server
has no copy, whoever committed the file must push it: `git lfs push --all REMOTE`.

## When to leave it
When the program does not need these files, for example weights that training makes anew.

## References
- [git lfs pull](https://github.com/git-lfs/git-lfs/blob/main/docs/man/git-lfs-pull.adoc)
- [DataLad, getting content](https://handbook.datalad.org/en/latest/basics/101-116-sharelocal.html)
"""

from __future__ import annotations

from collections.abc import Iterator

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
from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.dvc_edits import shown_size
from repro_gui.facts.tree import FileTree
from repro_gui.location import Location
from repro_gui.text import text


def find(data_files: DataFiles, tree: FileTree) -> Iterator[Observation]:
    """One finding for each pointer that lies where its content should be."""
    present = 0
    under_lfs = [entry.path for entry in tree.entries if data_files.is_under_lfs(entry.path)]
    for path in sorted({*under_lfs, *data_files.lfs_pointers}):
        pointer = data_files.lfs_pointers.get(path)
        if pointer is None:
            present += 1
            continue
        yield Finding(
            text(
                "{path} is a Git LFS pointer; its content ({size}) is not here.",
                path=path,
                size=shown_size(pointer.size),
            ),
            Location(path),
            expression=path,
            cause=path,
            values={"mechanism": "git-lfs", "sha256": pointer.sha256, "bytes": pointer.size},
        )
    for path in sorted(data_files.annexed):
        link = data_files.annexed[path]
        if link.is_here:
            present += 1
            continue
        yield Finding(
            text("{path} is held by git-annex; its content is not here.", path=path),
            Location(path),
            expression=path,
            cause=path,
            values={"mechanism": "git-annex", "key": link.key},
        )
    if not (under_lfs or data_files.lfs_pointers or data_files.annexed):
        yield NotApplicable(text("Nothing in this project is in Git LFS or git-annex."))
    elif present:
        yield Evidence(
            text(
                "{count} {count:file of Git LFS or git-annex has its|files of Git LFS or git-annex have their} content here.",
                count=present,
            ),
            values={"files": present},
        )


_ATTRIBUTES = "*.bin filter=lfs diff=lfs merge=lfs -text\n"
_POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)

CHECK = Check(
    id="missing-lfs-object",
    pillar=Pillar.DATA,
    weight=Weight.MUST,
    title="Files of Git LFS and git-annex have their content",
    failure_title="Pointers lie where data should be",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Get the content", None, Safety.SHOW_ONLY, Effort.MINUTES),
    examples=(
        Example(
            bad=Sketch({"train.py": "", ".gitattributes": _ATTRIBUTES, "model.bin": _POINTER}),
            good=Sketch({"train.py": "", ".gitattributes": _ATTRIBUTES, "model.bin": "weights"}),
            fixes=False,
        ),
    ),
)
