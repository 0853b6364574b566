"""No code, configuration or notebook names a folder that only one machine has.

## Why it matters
`/home/anna/data/train.csv` or `C:/data` is there on one machine. Everybody else, and you on the next machine, must find and change
each of these places before anything runs, and what lies there is in no commit.

## How to fix it
Name files relative to the project (`data/train.csv`), from `Path(__file__).parent`, or by an option whose default is relative. What
cannot lie in the project comes from an environment variable or a configuration that says so. Where a file of the project ends
like the path, the finding shows its relative path.

## When to leave it
For paths inside a container that the project's own Dockerfile makes, and for places that a service prescribes.

## References
- Wilson and others, "Good enough practices in scientific computing", PLOS Computational Biology 2017
- Python, [pathlib](https://docs.python.org/3/library/pathlib.html)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from repro_gui.checks.check import (
    Check,
    Evidence,
    Example,
    Finding,
    Observation,
    Pillar,
    Place,
    Weight,
)
from repro_gui.facts.configs import Configs
from repro_gui.facts.events import (
    Attribute,
    Call,
    Constant,
    Event,
    FormattedString,
    Function,
    Name,
    Operation,
    Value,
)
from repro_gui.facts.path_causes import cause_of_path
from repro_gui.facts.program import Program
from repro_gui.facts.sources import ModuleSummary
from repro_gui.facts.tree import FileTree
from repro_gui.facts.walk import inner_bodies, own_values, parts
from repro_gui.location import Location
from repro_gui.text import text

# Folders of one person or one machine; what every system has (/tmp, /dev, /usr, /etc, /proc) is none of them.
_OF_A_MACHINE = re.compile(
    r"""(
        /(home|Users|mnt|media|Volumes|private/home|nfs\w*|gpfs\w*|lustre\w*|scratch\w*|data\d*|datasets?|storage|checkpoint
          |cluster|afs|kaggle/(input|working)|content/(drive|gdrive))/[^/\s:*?"'<>|(){}\[\]\\^$][^\s:"'<>|\\]*
      | /root/[^\s:"'<>|\\]+
      | [A-Za-z]:[\\/]{1,2}[^\s\\/:*?"'<>|][^:*?"<>|\n]*
      | (~|\$HOME)/[^./\s:"'<>|\\][^\s:"'<>|\\]*
    )""",
    re.VERBOSE,
)
# What stands in every text that is one: most modules need not be decoded.
_TRACES = (
    b"/home", b"/Users", b"/mnt", b"/media", b"/Volumes", b"/private", b"/nfs", b"/gpfs", b"/lustre", b"/scratch", b"/data",
    b"/storage", b"/checkpoint", b"/cluster", b"/afs", b"/kaggle", b"/content", b"/root", b"$HOME/",
)  # fmt: skip
# The shortest of them stand in every address as well (`https://…`): these count at the beginning of a text only.
_SHORT_TRACES = (b":/", b":\\", b"~/")
_BEGINS_SHORT = rb"[A-Za-z]:[\\/]|~/"
# What is compared with, replaced in or said about a path names no place to go to.
_ABOUT_PATHS = frozenset({
    "replace", "startswith", "endswith", "split", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "sub", "match",
    "search", "compile", "findall", "print", "info", "debug", "warning", "error", "exception", "log", "critical", "get", "post",
    "put", "delete", "patch", "route", "mount", "websocket", "fullmatch", "NotImplementedError", "ValueError", "raises",
})  # fmt: skip
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"})
_TOLD = frozenset({"help", "description", "epilog", "msg", "message", "title", "usage"})
_MOST_PLACES = 50


def find(program: Program, configs: Configs, tree: FileTree) -> Iterator[Observation]:
    """One finding for each such path, with all its places; it weighs less where no program that makes results has it."""
    found: dict[str, list[tuple[Location, bool]]] = {}
    for path in sorted(program.modules):
        module = program.modules[path]
        for constant in _constants(module) if may_name_a_place(module) else ():
            found.setdefault(str(constant.value), []).append((module.location(constant), path in program.reached))
    for file in configs.files:
        for setting in file.settings:
            if isinstance(setting.value, str) and _OF_A_MACHINE.fullmatch(setting.value):
                found.setdefault(setting.value, []).append((file.location(setting), True))
    for written, places in sorted(found.items()):
        serving = tree.end_of(written)
        wording = "{path} is a place on one machine."
        if written.startswith(("~", "$HOME")):
            wording = "{path} is a place in somebody's home folder."
        elif serving:
            wording = "{path} is a place on one machine; {relative} is in the project."
        is_used = any(used for _, used in places)
        first = next(place for place, used in places if used == is_used)
        yield Finding(
            text(wording, path=written, relative=serving),
            first,
            expression=written,
            cause=cause_of_path(written),
            weight=Weight.SHOULD if is_used else Weight.ADVICE,
            places=tuple(Place(text("written here"), place) for place, _ in places[:_MOST_PLACES]),
            values={"path": written, "relative": serving, "places": len(places)},
            # Data that lies outside is the fault; where it lies in the project too, its path is.
            told_by=() if serving in tree else (("unversioned-data", cause_of_path(written)),),
        )
    looked = len(program.modules) + len(configs.files)
    yield Evidence(
        text(
            "{count} {count:source, notebook or configuration was|sources, notebooks and configurations were} looked through.",
            count=looked,
        )
    )


def may_name_a_place(module: ModuleSummary) -> bool:
    """False for a module without any text that could be such a path."""
    return module.may_hold(_TRACES, _SHORT_TRACES, _BEGINS_SHORT)


def _constants(module: ModuleSummary) -> Iterator[Constant]:
    pending: list[Event] = list(reversed(module.body))
    while pending:
        event = pending.pop()
        decorators = event.decorators if isinstance(event, Function) else ()
        for value in own_values(event):
            if not any(value is one for one in decorators):
                yield from _places(value)
        inner = [one for body in inner_bodies(event) for one in body]
        if isinstance(event, Function):
            inner += event.body
        pending.extend(reversed(inner))


def _places(value: Value) -> Iterator[Constant]:
    """Texts inside a value that name a place: beginnings of paths, and nothing that is compared or said."""
    if isinstance(value, Constant):
        if isinstance(value.value, str) and _OF_A_MACHINE.fullmatch(value.value):
            yield value
        return
    inner = parts(value)
    if isinstance(value, Call):
        if _called(value) in _ABOUT_PATHS:
            return
        inner = (value.target, *value.positional, *[one.value for one in value.keywords if one.name not in _TOLD])
    elif isinstance(value, Operation):
        # What stands behind something else continues it.
        inner = () if value.operator in _COMPARISONS else inner[:1] if value.operator in {"+", "%"} else inner
    elif isinstance(value, FormattedString):
        inner = inner[:1]
    for part in inner:
        yield from _places(part)


def _called(call: Call) -> str:
    if isinstance(call.target, Name):
        return call.target.dotted.rpartition(".")[2]
    return call.target.name if isinstance(call.target, Attribute) else ""


_CODE = """\
import pandas as pd
from sklearn.linear_model import LinearRegression

frame = pd.read_csv("{}data/train.csv")
LinearRegression().fit(frame[["x"]], frame["y"])
"""

CHECK = Check(
    id="hard-coded-path",
    pillar=Pillar.CODE,
    weight=Weight.SHOULD,
    title="No path belongs to one machine",
    failure_title="Paths of one machine are written into the project",
    explanation=__doc__ or "",
    find=find,
    told_by=("unversioned-data",),
    examples=(Example(bad=_CODE.format("/home/anna/project/"), good=_CODE.format("")),),
)
