"""Nothing says where the data comes from.

## Why it matters
Who has the code and not the data has to ask its authors, and in a few years nobody answers. Even with the bytes at hand, a name like
`train.csv` tells neither who made it, nor when, nor what may be done with it. Code that fetches its data says it by itself, so does
`dvc import`; everything else needs a sentence with a link in the README, or a data sheet.

## How to fix it
Say it in the README's section on data, or in `DATA.md`: source, date, version, licence, how the raw data became these files. The fix
writes a `DATA.md` with what the project shows already, its files and where they are read, and leaves the rest to you. The finding goes
when a source stands there.

## When to leave it
When nobody outside may know the source; say that it is confidential and who can be asked.

## References
- [Datasheets for Datasets](https://arxiv.org/abs/1803.09010) (Gebru et al.)
- [The Machine Learning Reproducibility Checklist](https://www.cs.mcgill.ca/~jpineau/ReproducibilityChecklist.pdf): for all datasets used
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from repro_gui.changes.change_set import ChangeSet, FileChange
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
from repro_gui.errors import CannotPlan
from repro_gui.facts.data_files import DataFiles
from repro_gui.facts.data_reads import ReadKind
from repro_gui.facts.data_state import DataItem, data_items, shown_names
from repro_gui.facts.documents import Documents, is_data_sheet
from repro_gui.facts.dvc_edits import shown_size
from repro_gui.facts.git import GitFacts
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.launchers import Launchers
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.program import Program
from repro_gui.facts.tree import FileTree
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

_SHEET = "DATA.md"
_MOST_PLACES = 8
_MOST_PASSAGES = 5
# Where the code itself, or the library, says where the bytes come from.
_FETCHED = frozenset(
    {ReadKind.URL, ReadKind.DOWNLOAD, ReadKind.HUB, ReadKind.BUNDLED, ReadKind.LAKEFS, ReadKind.STORAGE}
)


def find(
    documents: Documents,
    tree: FileTree,
    data_files: DataFiles,
    git: GitFacts,
    program: Program | Unavailable,
    launchers: Launchers | Unavailable,
    knowledge: Knowledge,
) -> Iterator[Observation]:
    """One finding for all data of which neither the code nor a document says the source."""
    items = data_items(tree, data_files, git, program, launchers, knowledge)
    if not items:
        yield NotApplicable(text("No data lies in the project, and no call that reads data was found."))
        return
    silent = []
    for item in items:
        source = _source_of(item, data_files)
        if source is None:
            silent.append(item)
        elif item.kind in _FETCHED:
            yield Evidence(text("The code says where {what} comes from.", what=source), item.location)
        else:
            yield Evidence(text("DVC imported {path} from {source}.", path=item.path, source=source), item.location)
    for place, passage in documents.about_data[:_MOST_PASSAGES]:
        yield Evidence(text("“{excerpt}”", excerpt=passage.excerpt), place)
    if not silent or documents.about_data:
        return
    unread = next((file for file in documents.files if file.not_read is not None), None)
    if unread is not None and unread.not_read is not None:
        yield CannotTell(unread.not_read)
        return
    if all(item.kind is ReadKind.UNKNOWN for item in silent):
        # Which file it is, is not even known: its name, given when the program runs, may be an address.
        yield CannotTell(text("Which data the program reads is decided only when it runs."), silent[0].location)
        return
    known = [item for item in silent if item.kind is not ReadKind.UNKNOWN]
    names = shown_names(item.path for item in known)
    sheet = next((file.path for file in documents.files if is_data_sheet(file.path)), "")
    yield Finding(
        text("{sheet} leaves open where {names} comes from.", sheet=sheet, names=names)
        if sheet
        else text("No README or data sheet says where {names} comes from.", names=names),
        known[0].location,
        expression="no-data-source",
        cause="no-data-source",
        places=tuple(
            Place(text("{path} is used", path=item.path), item.location)
            for item in known[:_MOST_PLACES]
            if item.location is not None
        ),
        values={"items": len(known)},
    )


def _source_of(item: DataItem, data_files: DataFiles) -> str | None:
    """Where the code or DVC says that some data comes from; None where neither does."""
    if item.kind in _FETCHED:
        return item.path or item.reads[0].call
    entry = data_files.entry_of(item.path)
    return entry.source or None if entry is not None else None


def sheet_to_write() -> Iterable[Lookup]:
    """The data sheet, there or not."""
    return (FileContent(_SHEET),)


def _readable(lines: str) -> bytes:
    """UTF-8 whatever the names of files are: other bytes are written as they are shown, by their hexadecimal numbers."""
    return lines.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").encode("utf-8")


def plan_fix(
    tree: FileTree,
    data_files: DataFiles,
    git: GitFacts,
    program: Program | Unavailable,
    launchers: Launchers | Unavailable,
    knowledge: Knowledge,
    documents: Documents,
    answers: Answers,
) -> ChangeSet:
    """A data sheet with what is known, and blanks for what only people know."""
    if answers.file_or_none(_SHEET) is not None:
        raise CannotPlan(
            text("{path} is there already.", path=_SHEET), text("Write into it where the data comes from, with a link.")
        )
    sheet = next((file.path for file in documents.files if is_data_sheet(file.path)), "")
    if sheet:
        raise CannotPlan(
            text("{path} is about the data already.", path=sheet), text("Write into it where the data comes from.")
        )
    items = [
        item
        for item in data_items(tree, data_files, git, program, launchers, knowledge)
        if _source_of(item, data_files) is None and item.kind is not ReadKind.UNKNOWN
    ]
    if not items:
        raise CannotPlan(text("Every source is told already."), text("Audit the project again."))
    lines = ["# Data", ""]
    for item in items:
        lines += [f"## `{item.path}`", "", *_known(item, tree), *_BLANKS, ""]
    return ChangeSet(
        text("Write {path} to fill in", path=_SHEET),
        CHECK.id,
        (FileChange(_SHEET, None, _readable("\n".join(lines))),),
        effect=text("Gives the facts a place; the finding goes when you have filled in a source."),
        notes=(text("What the project shows is filled in; replace each … by what you know."),),
    )


_BLANKS = ("- Source: …", "- Version or date: …", "- Licence: …", "- How it was prepared: …")


def _known(item: DataItem, tree: FileTree) -> Iterator[str]:
    entry = tree.by_path.get(item.path)
    if item.kind is ReadKind.FILE and entry is not None:
        yield f"- Size: {shown_size(entry.size)}"
    elif item.kind is ReadKind.FOLDER:
        inside = [one for one in tree.entries if one.path.startswith(f"{item.path}/")]
        yield f"- Files: {len(inside)} ({shown_size(sum(one.size for one in inside))})"
    elif item.kind is ReadKind.MISSING:
        yield "- Not in the project"
    places = dict.fromkeys(posixpath.normpath(read.location.path) for read in item.reads)
    if places:
        yield f"- Read by: {', '.join(f'`{place}`' for place in places)}"
    for pin in item.pins[:1]:
        yield f"- Pinned by: {pin.kind.value} {pin.identifier}".rstrip()


_TRAIN = """\
import pandas as pd
from sklearn.linear_model import LinearRegression

frame = pd.read_csv("data/train.csv")
LinearRegression().fit(frame[["x"]], frame["y"])
"""
_README = "# Model\n\nLinear regression.\n"

CHECK = Check(
    id="no-data-source",
    pillar=Pillar.DATA,
    weight=Weight.ADVICE,
    title="It is said where the data comes from",
    failure_title="Nothing says where the data comes from",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Write a DATA.md to fill in", plan_fix, Safety.SAFE, Effort.MINUTES, sheet_to_write),
    examples=(
        Example(
            bad=Sketch({"train.py": _TRAIN, "data/train.csv": "x,y\n1,2\n", "README.md": _README}),
            good=Sketch(
                {
                    "train.py": _TRAIN,
                    "data/train.csv": "x,y\n1,2\n",
                    "README.md": f"{_README}\n## Data\n\n`data/train.csv` is table 3 of <https://doi.org/10.5281/zenodo.1>.\n",
                }
            ),
            fixes=False,
        ),
    ),
)
