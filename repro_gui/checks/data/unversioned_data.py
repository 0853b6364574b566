"""Data that the program reads, or that lies in the project, is recorded by nothing that could bring it back.

## Why it matters
Code that is committed and data that is not give other numbers as soon as somebody cleans, appends or re-exports the
data, and nobody can tell which bytes a result came from. Data counts when a reading call on the way to the results
names it, or when a file above 100 KB in a known data or weight format lies outside environments, caches, results and
logs. It is pinned when Git, DVC, Git LFS or git-annex (DataLad) records its content, or when it comes from a hub or
from lakeFS at a commit.

## How to fix it
`dvc add PATH` records the hash of the bytes in a small `.dvc` file for Git and keeps the bytes themselves in DVC's
cache; `dvc init` comes first where there is no DVC yet. Small files that people edit by hand are well kept in Git
itself. Data outside the project belongs into it, or into a remote that `dvc import-url` records.

## When to leave it
When the file is a product of the program that anybody can make again from pinned inputs: then let it lie in a folder
for results. When its licence forbids a copy: record its hash and where it comes from.

## References
- DVC: <https://dvc.org/doc/start/data-management/data-versioning>
- Git LFS: <https://git-lfs.com>; DataLad: <https://www.datalad.org>
- The Turing Way, "Version control for data"
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

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
    Place,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.data_files import DataFiles, Pin, PinKind
from repro_gui.facts.data_reads import ReadKind
from repro_gui.facts.data_state import DataItem, PinState, data_items, dvc_targets
from repro_gui.facts.dvc_edits import folders_down_to, put_under_dvc, shown_size
from repro_gui.facts.git import GitFacts, GitState
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.launchers import Launchers
from repro_gui.facts.lookup import Answers, FileContent, FreeSpace, Lookup
from repro_gui.facts.path_causes import cause_of_path
from repro_gui.facts.program import Program
from repro_gui.facts.tree import FileTree
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import Text, text

# Evidence beyond so many files of one kind is counted, not listed.
_MOST_LISTED = 25
# Judged by their own checks: what is fetched needs a checksum or a commit, not a place in the project.
_TOLD_ELSEWHERE = frozenset({ReadKind.URL, ReadKind.DOWNLOAD, ReadKind.HUB, ReadKind.LAKEFS})
_MECHANISMS = {
    PinKind.GIT: "{path} is committed in Git.",
    PinKind.DVC: "{path} is held by DVC ({digest}).",
    PinKind.GIT_LFS: "{path} is held by Git LFS.",
    PinKind.LAKEFS: "{path} is held by lakeFS at a commit ({digest}).",
    PinKind.GIT_ANNEX: "{path} is held by git-annex ({digest}).",
}


def find(
    tree: FileTree,
    data_files: DataFiles,
    git: GitFacts,
    program: Program | Unavailable,
    launchers: Launchers | Unavailable,
    knowledge: Knowledge,
) -> Iterator[Observation]:
    items = data_items(tree, data_files, git, program, launchers, knowledge)
    if isinstance(program, Unavailable):
        yield CannotTell(program.reason)
    elif program.why_none is not None and not items:
        yield CannotTell(program.why_none)
    elif not items and any(site.name == "hydra.utils.instantiate" for site in program.calls()):
        yield CannotTell(text("Hydra makes objects from a configuration here; what those read is not followed yet."))
    elif not items:
        yield NotApplicable(text("No data lies in the project, and no call that reads data was found."))
    elif all(item.state is PinState.UNPINNED and item.kind in _TOLD_ELSEWHERE for item in items):
        yield NotApplicable(
            text(
                "All data is fetched when the program runs; checksums and commits are asked for by checks of their own."
            )
        )
    listed: dict[PinKind, int] = {}
    for item in items:
        match item.state:
            case PinState.UNPINNED:
                yield from _unpinned(item, tree)
            case PinState.UNKNOWN:
                yield CannotTell(
                    item.reason or text("It is not known what pins {path}.", path=item.path), item.location
                )
            case PinState.CHECKED:
                call = item.reads[0].call
                yield Evidence(text("{call} compares what it fetches with its own digests.", call=call), item.location)
            case PinState.PINNED:
                yield from _pinned(item, listed)
    for kind, count in listed.items():
        if count > _MOST_LISTED:
            more = text(
                "{count} more {count:file is|files are} pinned by {kind}.", count=count - _MOST_LISTED, kind=kind.value
            )
            yield Evidence(more, values={"mechanism": kind.value, "count": count})


def _unpinned(item: DataItem, tree: FileTree) -> Iterator[Observation]:
    if item.kind in _TOLD_ELSEWHERE:
        where, mechanism = {
            ReadKind.HUB: ("{path} comes from a hub without a commit.", "hub"),
            ReadKind.LAKEFS: ("{path} comes from lakeFS without a commit.", "lakefs"),
        }.get(item.kind, ("{path} is fetched when the program runs.", "download"))
        yield Evidence(text(where, path=item.path or item.reads[0].call), item.location, {"mechanism": mechanism})
        return
    yield Finding(
        _fault(item),
        item.location,
        expression=item.path,
        cause=cause_of_path(item.path),
        places=tuple(Place(text("{call} reads it here", call=read.call), read.location) for read in item.reads),
        values={
            "path": item.path,
            "kind": item.kind.value,
            "bytes": item.size,
            "files": len(item.unpinned),
            "ignored_by_git": item.is_ignored,
            "is_read": bool(item.reads),
        },
        # What lies in the project too is no data from outside, only read from a place of one machine.
        told_by=(("hard-coded-path", cause_of_path(item.path)),)
        if item.kind is ReadKind.OUTSIDE and tree.end_of(item.path) in tree
        else (),
    )


def _fault(item: DataItem) -> Text:
    if item.kind is ReadKind.OUTSIDE:
        return text("The program reads {path}, outside the project, which nothing pins.", path=item.path)
    if item.kind is ReadKind.STORAGE:
        return text("The program reads {path}, in a store outside the project, which nothing pins.", path=item.path)
    if item.kind is ReadKind.MISSING:
        return text("The program reads {path}, which is not here, and nothing pins it.", path=item.path)
    if item.kind is ReadKind.FOLDER:
        return text(
            "{count} data {count:file|files} in {path} ({size}) {count:is|are} tracked by nothing.",
            count=len(item.unpinned),
            path=item.path,
            size=shown_size(item.size),
        )
    if item.is_ignored:
        return text(
            "{path} ({size}) is tracked by nothing, and Git ignores it.", path=item.path, size=shown_size(item.size)
        )
    return text("{path} ({size}) is tracked by nothing.", path=item.path, size=shown_size(item.size))


def _pinned(item: DataItem, listed: dict[PinKind, int]) -> Iterator[Evidence]:
    if item.kind is ReadKind.BUNDLED:
        what = text("{call} gives data that comes with the library.", call=item.reads[0].call)
        yield Evidence(what, item.location, {"mechanism": "library"})
    elif item.kind is ReadKind.LAKEFS:
        yield Evidence(text("{path} names a commit of lakeFS.", path=item.path), item.location, {"mechanism": "lakefs"})
    elif item.kind is ReadKind.STORAGE:
        yield Evidence(
            text("{path} names a version of its store.", path=item.path), item.location, {"mechanism": "store"}
        )
    elif item.kind is ReadKind.HUB:
        revision = item.reads[0].revision
        what = text("{path} comes from a hub at {revision}.", path=item.path, revision=revision)
        yield Evidence(what, item.location, {"mechanism": "hub", "revision": revision})
    for pin in item.pins:
        listed[pin.kind] = listed.get(pin.kind, 0) + 1
        if listed[pin.kind] <= _MOST_LISTED:
            yield _held(item, pin)


def _held(item: DataItem, pin: Pin) -> Evidence:
    digest = pin.identifier[:40]
    what = text(_MECHANISMS[pin.kind], path=item.path, digest=digest)
    if item.is_absent and pin.kind is PinKind.DVC:
        what = text("{path} is not here, but DVC holds it ({digest}).", path=item.path, digest=digest)
    return Evidence(what, pin.location, {"mechanism": pin.kind.value, "path": item.path, "digest": pin.identifier})


def needs(finding: Finding) -> Iterable[Lookup]:
    path = str(finding.values["path"])
    yield FreeSpace()
    if finding.values["kind"] in {ReadKind.FILE.value, ReadKind.FOLDER.value}:
        for folder in folders_down_to(f"{path}/" if finding.values["kind"] == ReadKind.FOLDER.value else path):
            yield FileContent(posixpath.join(folder, ".gitignore"))


def plan_fix(finding: Finding, tree: FileTree, data_files: DataFiles, git: GitFacts, answers: Answers) -> ChangeSet:
    path, kind = str(finding.values["path"]), finding.values["kind"]
    if kind in {ReadKind.OUTSIDE.value, ReadKind.STORAGE.value}:
        raise CannotPlan(
            text("{path} lies outside the project's folder.", path=path),
            text("Copy it into the project, name it by a relative path, and audit again."),
        )
    if kind == ReadKind.MISSING.value:
        raise CannotPlan(
            text("{path} is not here, so there is nothing to put under DVC.", path=path),
            text("Fetch it, and audit again."),
        )
    targets = dvc_targets(path, kind == ReadKind.FOLDER.value, tree, data_files, git)
    if not targets:
        raise CannotPlan(
            text("Nothing in {path} is without a pin any more.", path=path), text("Audit the project again.")
        )
    size = int(finding.values["bytes"] or 0)
    return put_under_dvc(CHECK.id, targets, data_files=data_files, git=git, answers=answers, size=size)


_SOURCE = """import pandas as pd
from sklearn.linear_model import LinearRegression

frame = pd.read_csv("data/train.csv")
LinearRegression().fit(frame[["x"]], frame["y"])
"""
_TABLE = "x,y\n1,2\n2,4\n"
_RECORD = "outs:\n- md5: f607c127d53565c06d28363eecaf5d1c\n  size: 12\n  hash: md5\n  path: train.csv\n"

CHECK = Check(
    id="unversioned-data",
    pillar=Pillar.DATA,
    weight=Weight.MUST,
    title="All data is under version control",
    failure_title="Data is tracked by nothing",
    explanation=__doc__,
    find=find,
    fix=Fix("Put it under DVC", plan_fix, effort=Effort.MINUTES, lookups=needs),
    told_by=("hard-coded-path",),
    examples=(
        Example(
            bad=Sketch(
                {"train.py": _SOURCE, "data/train.csv": _TABLE},
                git=GitState(head="1" * 40, tracked=frozenset({"train.py"}), untracked=("data/train.csv",)),
            ),
            good=Sketch(
                {"train.py": _SOURCE, "data/train.csv": _TABLE, "data/train.csv.dvc": _RECORD},
                git=GitState(head="1" * 40, tracked=frozenset({"train.py", "data/train.csv.dvc"})),
            ),
            fixes=False,
        ),
        Example(
            bad=_SOURCE.replace("data/train.csv", "/mnt/shared/train.csv"),
            good=Sketch({"train.py": _SOURCE, "data/train.csv": _TABLE}),
            fixes=False,
        ),
    ),
)
