"""A file lists the packages that the project needs.

## Why it matters
Whoever wants the same results has to install the same packages. Without a list they are guessed from the imports, and a
guess gives today's versions, not those that made the results.

## How to fix it
Freeze the environment the project runs in: the packages that it imports, and what these need in turn, each with its exact
version. Repro GUI reads them from the files of the project's own environment (`.venv`, conda, poetry, pyenv …) and writes a
`requirements.txt`; packages that the project does not use stay out, and so do folders of this machine and
private addresses. With no environment at hand, versions can be resolved as of the last commit: those are likely, but
nobody has seen them run, and the file says so.

## When to leave it
A project that uses nothing beyond Python's own library needs no list.

## References
- Python Packaging User Guide, “Dependency specifiers” and “pyproject.toml”.
- pip documentation, “Repeatable installs”.
"""

from __future__ import annotations

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
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.chosen_version import resolution, resolved_versions
from repro_gui.facts.environment import Environment
from repro_gui.facts.freeze import RESOLVED_COMMENT, freeze, needed_distributions, requirements_text
from repro_gui.facts.git import GitFacts
from repro_gui.facts.installed import InstalledEnvironment
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.program import Program
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location
from repro_gui.text import Text, text

_NEW_FILE = "requirements.txt"
_MOST_NAMED = 8


def find(environment: Environment, program: Program | Unavailable) -> Iterator[Observation]:
    lists = [*environment.lists, *(lock for lock in environment.locks if not lock.is_list)]
    for file in lists:
        count = len(file.requirements) or len(file.locked)
        yield Evidence(
            text("{path} lists packages: {count}.", path=file.path, count=count), Location(file.path), {"count": count}
        )
    for install in environment.installs:
        if install.requirements:
            words = ", ".join(entry.written for entry in install.requirements[:_MOST_NAMED])
            yield Evidence(text("An image installs {packages}.", packages=words), install.location)
    if lists or environment.container_requirements:
        return
    imported = sorted(program.third_party_imports) if isinstance(program, Program) else []
    if isinstance(program, Program) and not imported:
        yield NotApplicable(text("The project imports nothing beyond Python's own library."))
        return
    shown = ", ".join(imported[:_MOST_NAMED]) + (" …" if len(imported) > _MOST_NAMED else "")
    wording = (
        text("No file lists the packages that the project needs; it imports {names}.", names=shown)
        if imported
        else text("No file lists the packages that the project needs.")
    )
    yield Finding(wording, values={"imports": len(imported)})


def lookups(
    environment: Environment, program: Program | Unavailable, knowledge: Knowledge, git: GitFacts
) -> Iterable[Lookup]:
    request = None
    if not isinstance(environment.installed, InstalledEnvironment):
        request = resolution(environment, git, _known_distributions(program, knowledge))
    return (FileContent(_NEW_FILE), *((request,) if request else ()))


def plan_fix(
    environment: Environment, program: Program | Unavailable, knowledge: Knowledge, git: GitFacts, answers: Answers
) -> ChangeSet:
    imported = program.third_party_imports if isinstance(program, Program) else {}
    if isinstance(environment.installed, InstalledEnvironment):
        installed = environment.installed
        roots = needed_distributions(environment, installed, imported, knowledge.import_names)
        if not roots:
            raise CannotPlan(
                text("Nothing that the project imports is installed in {label}.", label=installed.interpreter.label),
                text("Choose the interpreter that the project runs with."),
            )
        frozen = freeze(roots, installed)
        content = requirements_text(frozen, installed.python, installed.interpreter.label)
        notes = (*frozen.notes, *_not_installed(imported, installed, knowledge))
    else:
        content, notes = _resolved(environment, program, knowledge, git, answers), ()
    return ChangeSet(
        text("Freeze the requirements"),
        CHECK.id,
        files=(FileChange(_NEW_FILE, answers.file_or_none(_NEW_FILE), content),),
        notes=notes,
    )


def _not_installed(imported: Iterable[str], installed: InstalledEnvironment, knowledge: Knowledge) -> Iterator[Text]:
    for name in sorted(imported):
        if not any(known in installed.by_name for known in knowledge.import_names.distributions(name, installed)):
            yield text(
                "{name} is imported, but not installed in {label}.", name=name, label=installed.interpreter.label
            )


def _known_distributions(program: Program | Unavailable, knowledge: Knowledge) -> list[str]:
    """Only names that are known to be what the import means: a guessed name may be somebody else's package."""
    if not isinstance(program, Program):
        return []
    names = knowledge.import_names
    return [names.imports[name][0] for name in program.third_party_imports if name in names.imports]


def _resolved(
    environment: Environment, program: Program | Unavailable, knowledge: Knowledge, git: GitFacts, answers: Answers
) -> bytes:
    request = resolution(environment, git, _known_distributions(program, knowledge))
    if request is None:
        raise CannotPlan(
            environment.installed.reason
            if isinstance(environment.installed, Unavailable)
            else text("No Python environment of this project was found."),
            text("Choose the interpreter that the project runs with."),
        )
    versions = resolved_versions(answers, request)
    direct = sorted(name for name in versions if name in request.requirements)
    closure = sorted(versions.keys() - set(direct))
    lines = [
        f"# {RESOLVED_COMMENT.format(date=request.exclude_newer[:10])}",
        *(f"# Python {request.python}" for _ in (1,) if request.python),
        "",
        "# What the project imports.",
        *(f"{name}=={versions[name].version}" for name in direct),
    ]
    if closure:
        lines += ["", "# What these need in turn.", *(f"{name}=={versions[name].version}" for name in closure)]
    return ("\n".join(lines) + "\n").encode()


CHECK = Check(
    id="no-dependency-list",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.MUST,
    title="A file lists the packages",
    failure_title="No file lists the packages",
    explanation=__doc__,
    find=find,
    fix=Fix("Freeze the requirements", plan_fix, Safety.SAFE, Effort.SECONDS, lookups),
    examples=(
        Example(
            bad=Sketch(
                {"train.py": "import yaml\n"},
                installed={"python": "3.11.9", "pyyaml": "6.0.2"},
                answers={FileContent(_NEW_FILE): None},
            ),
            good=Sketch(
                {
                    "train.py": "import yaml\n",
                    _NEW_FILE: "# Python 3.11.9\n\n"
                    "# What the project imports or declares, as installed in .venv.\npyyaml==6.0.2\n",
                },
                installed={"python": "3.11.9", "pyyaml": "6.0.2"},
            ),
        ),
    ),
)
