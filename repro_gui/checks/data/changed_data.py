"""The bytes in the work tree are not those that DVC recorded.

## Why it matters
The commit names one content of the data and the program reads another: whoever checks the commit out and pulls the
data gets other numbers than this machine gives. We take the digests of the bytes ourselves, as DVC does, and compare
them with every `.dvc` file and with the outputs in `dvc.lock`; sizes and times are not believed.

## How to fix it
If the new bytes are the right ones, record them: `dvc add PATH` for data, `dvc commit` for what a pipeline made; then
commit the changed `.dvc` or `dvc.lock` file. If the recorded ones are right, bring them back: `dvc checkout PATH`
(the changed bytes are lost unless you copy them first).

## When to leave it
Never for results that somebody is to repeat.

## References
- DVC, `dvc add`, `dvc commit`, `dvc checkout`: <https://dvc.org/doc/command-reference>
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterable, Iterator

from repro_gui.changes.change_set import ChangeSet, Command, UndoKind
from repro_gui.checks.check import (
    CannotTell,
    Check,
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
from repro_gui.facts.data_state import shown_names
from repro_gui.facts.dvc_metafiles import DvcRole
from repro_gui.facts.dvc_states import ByteState, DvcState, dvc_states
from repro_gui.facts.git import GitFacts, GitState
from repro_gui.facts.lookup import Lookup
from repro_gui.location import Location
from repro_gui.text import Text, text


def find(data_files: DataFiles) -> Iterator[Observation]:
    states = list(dvc_states(data_files))
    for path in sorted(data_files.metafiles):
        reason = data_files.metafiles[path].reason
        if reason is not None:
            yield CannotTell(text("{path} cannot be read: {reason}.", path=path, reason=str(reason)), Location(path))
    if not data_files.metafiles:
        yield NotApplicable(text("Nothing in this project is under DVC."))
    judged = {state.entry.path: state.state for state in states if state.entry.role is DvcRole.OUTPUT}
    for state in states:
        # What a stage reads is judged where it is recorded as data; code and parameters make a pipeline stale, not data changed.
        if state.entry.role is DvcRole.OUTPUT or judged.get(state.entry.path) is ByteState.DIFFERENT:
            yield from _observed(state)


def _observed(state: DvcState) -> Iterator[Observation]:
    entry = state.entry
    values: dict[str, str | int | float | bool | None] = {
        "mechanism": "dvc",
        "path": entry.path,
        "recorded": entry.digest,
        "found": state.found,
        "hash": entry.hash_name,
        "stage": entry.stage,
        "imported": bool(entry.source),
    }
    match state.state:
        case ByteState.DIFFERENT:
            yield Finding(_fault(state), entry.location, expression=entry.path, cause=entry.path, values=values)
        case ByteState.UNKNOWN:
            yield CannotTell(state.reason or text("{path} could not be compared.", path=entry.path), entry.location)
        case ByteState.SAME:
            what = text("{path} has the bytes that DVC records ({digest}).", path=entry.path, digest=entry.digest)
            yield Evidence(what, entry.location, values)
        case ByteState.ABSENT:
            what = text("{path} is not here, but pinned ({digest}).", path=entry.path, digest=entry.digest)
            yield Evidence(what, entry.location, values)
        case ByteState.NOT_RECORDED:
            yield Evidence(text("{path} was never made: DVC records no content yet.", path=entry.path), entry.location)


def _fault(state: DvcState) -> Text:
    path = state.entry.path
    parts = [(state.changed, "changed"), (state.added, "added"), (state.missing, "missing")]
    known = "; ".join(f"{word}: {shown_names(names)}" for names, word in parts if names)
    if known:
        return text("The files in {path} are not those that DVC records ({files}).", path=path, files=known)
    if state.found:
        return text(
            "{path} has other bytes than DVC records ({found}, not {recorded}).",
            path=path,
            found=state.found,
            recorded=state.entry.digest,
        )
    return text("{path} is not what DVC records.", path=path)


def needs(finding: Finding) -> Iterable[Lookup]:
    del finding
    return ()


def plan_fix(finding: Finding, git: GitFacts) -> ChangeSet:
    path, stage = str(finding.values["path"]), str(finding.values["stage"] or "")
    assert finding.location is not None
    metafile = finding.location.path
    if finding.values["imported"]:
        raise CannotPlan(
            text("{path} was imported: its bytes are recorded where it comes from.", path=path),
            text(
                "Run `dvc checkout {path}` to have them back, or `dvc update {metafile}`.", path=path, metafile=metafile
            ),
        )
    if stage:
        target = f"{posixpath.join(posixpath.dirname(metafile), 'dvc.yaml')}:{stage}"
        words: tuple[str, ...] = ("dvc", "commit", "--quiet", "--force", "--", target)
    else:
        words = ("dvc", "add", "--quiet", "--", path)
    runs_code = isinstance(git, GitState) and bool(git.has_hooks or git.filters)
    touches = (path, metafile, posixpath.join(posixpath.dirname(path), ".gitignore"))
    return ChangeSet(
        title=text("Record the bytes of {path} that are here now", path=path),
        check_id=CHECK.id,
        commands=(Command(words, shlex.join(words), UndoKind.DVC_RESTORE, touches, runs_code),),
        effect=text(
            "The project's data is from now on what lies here; results made from the earlier bytes stay theirs."
        ),
        notes=(
            text("To have the recorded bytes back instead, run `dvc checkout {path}`.", path=path),
            text("Commit {metafile} afterwards.", metafile=metafile),
        ),
    )


_RECORD = "outs:\n- md5: 0cc175b9c0f1b6a831c399e269772661\n  size: 1\n  hash: md5\n  path: train.csv\n"

CHECK = Check(
    id="changed-data",
    pillar=Pillar.DATA,
    weight=Weight.MUST,
    title="The data has the bytes that DVC records",
    failure_title="Data differs from what DVC records",
    explanation=__doc__,
    find=find,
    fix=Fix("Record the bytes that are here", plan_fix, Safety.CHANGES_RESULTS, lookups=needs),
    examples=(
        Example(
            bad=Sketch({"train.py": "", "data/train.csv": "b", "data/train.csv.dvc": _RECORD}),
            good=Sketch({"train.py": "", "data/train.csv": "a", "data/train.csv.dvc": _RECORD}),
            fixes=False,
        ),
    ),
)
