"""No module of the program is kept out of Git by an ignore rule.

## Why it matters
Lines such as `lib/`, `data*` or `models/` in `.gitignore` were meant for other files. A module that they cover runs on your
machine and is in no commit, and Git never lists it as missing: everybody else meets an import error.

## How to fix it
`git check-ignore -v PATH` names the rule. Make it narrower (`/models/*.pt`), or let the module through below it:

```
!/models/
/models/*
!/models/unet.py
```

The button adds such lines to the `.gitignore` that holds the rule; then the module is to be committed like any other.

## When to leave it
When a tool makes the module (a version file, code from a schema) and the README says how to run that tool.

## References
- [gitignore](https://git-scm.com/docs/gitignore), [git check-ignore](https://git-scm.com/docs/git-check-ignore)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from repro_gui.changes.change_set import ChangeSet, FileChange
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
    Place,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.dvc_edits import folders_down_to
from repro_gui.facts.git import GitState, NoRepository
from repro_gui.facts.ignore_patterns import ignored_folder
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.program import Program
from repro_gui.location import Location
from repro_gui.text import text

# What build tools write: version files of setuptools-scm and its kin, code made from Protocol Buffers.
_MADE_BY_TOOLS = re.compile(r"_?version\.py|.*_pb2(_grpc)?\.py")


def find(git: GitState | NoRepository, program: Program) -> Iterator[Observation]:
    """Ignored modules that the program runs, and those that only other committed modules import (these weigh less)."""
    if isinstance(git, NoRepository):
        yield NotApplicable(text("The project is in no Git repository."))
        return
    ignored = frozenset(git.ignored) & program.modules.keys()
    imports = _imports_of(ignored, program)
    for path in sorted(ignored):
        places = imports.get(path, ())
        is_reached = path in program.reached
        if not (places or is_reached):
            continue
        if _MADE_BY_TOOLS.fullmatch(posixpath.basename(path)):
            yield Evidence(
                text("{path} is ignored; its name is that of a file that a tool makes.", path=path), Location(path)
            )
            continue
        wording = "{path} is imported, but ignore rules keep it out of Git."
        if not places:
            wording = "{path} is part of the program, but ignore rules keep it out of Git."
        yield Finding(
            text(wording, path=path),
            Location(path),
            expression=path,
            cause=path,
            weight=Weight.MUST if is_reached else Weight.SHOULD,
            places=tuple(Place(text("imported here"), place) for place in places),
            values={"is_reached": is_reached, "imports": len(places)},
        )
    yield Evidence(
        text("Modules of the program that no ignore rule hides: {count}.", count=len(program.reached - ignored)),
        values={"modules": len(program.reached - ignored)},
    )


def _imports_of(ignored: frozenset[str], program: Program) -> dict[str, tuple[Location, ...]]:
    """Where modules that Git does not ignore import ignored ones."""
    found: dict[str, dict[Location, None]] = {}
    for importer in sorted(program.modules.keys() - ignored) if ignored else ():
        module = program.modules[importer]
        for one in module.imports:
            for path in () if one.is_for_typing else program.code.paths_of(one, importer):
                if path in ignored:
                    found.setdefault(path, {})[module.location(one.what)] = None
    return {path: tuple(places) for path, places in found.items()}


def rules_to_read(finding: Finding) -> Iterable[Lookup]:
    """Every `.gitignore` that may speak of the module."""
    assert finding.location is not None
    for folder in folders_down_to(finding.location.path):
        yield FileContent(posixpath.join(folder, ".gitignore"))


def plan_fix(finding: Finding, answers: Answers) -> ChangeSet:
    """Let the module through below the rule that covers it, and nothing else that the rule covers."""
    assert finding.location is not None
    path = finding.location.path
    names = [posixpath.join(folder, ".gitignore") for folder in folders_down_to(path)]
    rules = {name: content for name in names if (content := answers.file_or_none(name)) is not None}
    holders = [name for name, content in rules.items() if ignored_folder(path, {name: content}) is not None]
    if len(holders) != 1:
        wording = "Rules in several .gitignore files cover {path}."
        if not holders:
            wording = "No .gitignore of the project has the rule that covers {path}."
        raise CannotPlan(
            text(wording, path=path), text("Run git check-ignore -v on it, change that rule, and audit again.")
        )
    holder = holders[0]
    before = rules[holder]
    ending = b"\r\n" if b"\r\n" in before else b"\n"
    lines = [line.encode("utf-8", "surrogateescape") for line in _exceptions(path, holder, before)]
    after = before + (ending if before and not before.endswith(b"\n") else b"") + ending.join([*lines, b""])
    return ChangeSet(
        text("Let {path} into Git", path=path),
        CHECK.id,
        (FileChange(holder, before, after, reason=text("Git may see the module; the rest stays ignored.")),),
        notes=(text("Commit {path} and {rules} afterwards.", path=path, rules=holder),),
    )


def _exceptions(path: str, holder: str, rules: bytes) -> Iterator[str]:
    """Lines that let one file through: each ignored folder above it is opened, and its other content ignored again."""
    root = posixpath.dirname(holder)
    inside = path[len(root) + 1 :] if root else path
    first = ignored_folder(path, {holder: rules}) or ""
    for folder in folders_down_to(path):
        if first and folder and (folder == first or folder.startswith(f"{first}/")):
            below = _escaped(folder[len(root) + 1 :] if root else folder)
            yield f"!/{below}/"
            yield f"/{below}/*"
    yield f"!/{_escaped(inside)}"


def _escaped(path: str) -> str:
    """A path as a pattern that means only itself."""
    return re.sub(r"([\\*?\[\]])", r"\\\1", path)


_FILES = {
    "train.py": "import model\nfrom sklearn.svm import SVC\n\nSVC(C=model.c).fit([[0], [1]], [0, 1])\n",
    "model.py": "c = 3.0\n",
}

CHECK = Check(
    id="ignored-import",
    pillar=Pillar.CODE,
    weight=Weight.MUST,
    title="No imported module is ignored by Git",
    failure_title="Ignore rules keep parts of the program out of Git",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Let it into Git", plan_fix, Safety.SAFE, Effort.SECONDS, rules_to_read),
    examples=(
        Example(
            bad=Sketch(
                {**_FILES, ".gitignore": "model*\n"},
                git=GitState(
                    head="1" * 40,
                    branch="main",
                    tracked=frozenset({"train.py", ".gitignore"}),
                    ignored=("model.py",),
                    is_pushed=True,
                ),
            ),
            good=Sketch(_FILES),
            # What Git ignores after the fix only Git can say; the test of this check asks it.
            fixes=False,
        ),
    ),
)
