"""A container or conda environment holds what pip cannot install.

## Why it matters
Python's packages stand on system libraries, compilers and CUDA, which no requirements file names. An image, or a conda
environment, carries them along, so that another machine has the same ones.

## How to fix it
Write a `Dockerfile`: the exact Python, the system libraries that the imports need, the requirements (before the code, so
that rebuilding is quick), the hash seed and thread counts, a user without privileges, and the program to run. Repro GUI
makes one from what it found; read it, build it, keep it. It cannot freeze the driver of a GPU: that stays the host's.

## When to leave it
A project of pure Python packages on one platform may do without.

## References
- Docker documentation, “Building best practices”.
- hadolint, the linter that the written Dockerfile passes.
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
from repro_gui.facts.container_files import write_dockerfile
from repro_gui.facts.dependencies import FileFormat
from repro_gui.facts.environment import Environment
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.program import Program
from repro_gui.facts.python_choice import choose_python
from repro_gui.facts.snapshot import ProjectSnapshot
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location
from repro_gui.text import text

_CONDA = frozenset({FileFormat.CONDA, FileFormat.CONDA_LOCK, FileFormat.CONDA_EXPLICIT, FileFormat.PIXI})


def find(environment: Environment, program: Program | Unavailable) -> Iterator[Observation]:
    is_found = False
    for file in environment.containers:
        is_found = True
        yield Evidence(text("{path} describes an image.", path=file.path), Location(file.path))
    for image in environment.images:
        if image.origin == "devcontainer":
            is_found = True
            yield Evidence(text("{path} names an image to work in.", path=image.location.path), image.location)
    for file in environment.files:
        if file.format in _CONDA and (file.is_list or file.is_lock):
            is_found = True
            yield Evidence(text("{path} describes a conda environment.", path=file.path), Location(file.path))
    if is_found:
        return
    if isinstance(program, Program) and not program.modules and not environment.lists:
        yield NotApplicable(text("The project has no Python program."))
        return
    yield Finding(text("Neither a Dockerfile nor a conda environment describes the system beneath Python."))


def lookups() -> Iterable[Lookup]:
    return (FileContent("Dockerfile"), FileContent(".dockerignore"))


def plan_fix(
    snapshot: ProjectSnapshot,
    environment: Environment,
    program: Program | Unavailable,
    knowledge: Knowledge,
    answers: Answers,
) -> ChangeSet:
    python = choose_python(environment, knowledge.system_packages)
    if python is None:
        raise CannotPlan(
            text("Nothing tells which Python the project runs with."),
            text("Write `.python-version` first, or choose the project's interpreter."),
        )
    entry: tuple[str, ...] = ()
    if isinstance(program, Program):
        scripts = [point for point in program.result_entry_points if point.path.endswith(".py")]
        scripts.sort(key=lambda point: not point.is_chosen)
        entry = (scripts[0].path, *scripts[0].arguments) if scripts else ()
    plan = write_dockerfile(
        snapshot.name,
        environment,
        program.third_party_imports if isinstance(program, Program) else (),
        entry,
        python,
        knowledge.system_packages,
        knowledge.templates,
    )
    files = [FileChange("Dockerfile", answers.file_or_none("Dockerfile"), plan.dockerfile)]
    if answers.file_or_none(".dockerignore") is None:
        files.append(FileChange(".dockerignore", None, knowledge.templates["dockerignore"].encode()))
    return ChangeSet(text("Write a Dockerfile"), CHECK.id, files=tuple(files), notes=plan.notes)


CHECK = Check(
    id="no-container",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.SHOULD,
    title="A container or conda environment is described",
    failure_title="Neither a container nor a conda environment is described",
    explanation=__doc__,
    find=find,
    fix=Fix("Write a Dockerfile", plan_fix, Safety.SAFE, Effort.MINUTES, lookups),
    examples=(
        Example(
            bad=Sketch({"train.py": "import numpy\n", "requirements.txt": "numpy==1.26.4\n"}),
            good=Sketch(
                {
                    "train.py": "import numpy\n",
                    "requirements.txt": "numpy==1.26.4\n",
                    "Dockerfile": "FROM python:3.11.9-slim-bookworm\nRUN pip install -r requirements.txt\n",
                }
            ),
            fixes=False,
        ),
    ),
)
