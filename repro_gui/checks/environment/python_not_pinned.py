"""An exact Python version is named.

## Why it matters
Python itself changes results: the order of dictionaries and sets, `random`, hashing, floating-point formatting and the versions of
packages that can be installed at all differ between releases.

## How to fix it
Write the version to `.python-version` (`3.11.9`): uv, pyenv and most services read it. Repro GUI takes the version of the
project's environment. Naming only `3.11` leaves the patch release open: little changes there, so that is advice.

## When to leave it
Leave a range (`requires-python`) for people who install your library, and name the exact version beside it.

## References
- pyenv and uv documentation, “.python-version”.
- PEP 621, `requires-python`.
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
from repro_gui.facts.config_edits import write_python_version
from repro_gui.facts.environment import Environment
from repro_gui.facts.installed import InstalledEnvironment
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.program import Program
from repro_gui.facts.python_choice import choose_python
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

_FILE = ".python-version"


def find(environment: Environment, program: Program | Unavailable) -> Iterator[Observation]:
    for version in environment.python_versions:
        yield Evidence(
            text("{kind} says Python {written}.", kind=version.kind, written=version.written),
            version.location,
            {"version": version.version, "exact": version.is_exact, "range": version.is_range},
        )
    named = [version for version in environment.python_versions if version.version and not version.is_tested]
    # What CI runs with need not be what the results were made with.
    chosen = [version for version in named if version.kind != "ci"] or named
    if any(version.is_exact for version in chosen):
        return
    if not environment.files and isinstance(program, Program) and not program.modules:
        yield NotApplicable(text("The project has no Python program."))
        return
    minor = next((version for version in chosen if version.version.count(".")), None)
    if minor is not None:
        yield Finding(
            text("Python {version} is named, but not which patch release.", version=minor.version),
            minor.location,
            expression=minor.kind,
            weight=Weight.ADVICE,
            values={"version": minor.version},
        )
        return
    spans = [version for version in environment.python_versions if version.is_range]
    span = min(spans, key=lambda version: (version.location.path.count("/"), version.kind == "lock"), default=None)
    if span is not None:
        yield Finding(
            text("Python is only limited ({written}), not named.", written=span.written),
            span.location,
            expression=span.kind,
            values={"range": span.written},
        )
    else:
        yield Finding(text("No file names the Python version."))


def lookups() -> Iterable[Lookup]:
    return (FileContent(_FILE),)


def plan_fix(environment: Environment, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    choice = choose_python(environment, knowledge.system_packages)
    if choice is None or choice.is_guess:
        here = environment.installed
        if isinstance(here, InstalledEnvironment) and here.python.count(".") >= 2:
            raise CannotPlan(
                text(
                    "The project's environment has Python {version}, which its files do not allow.", version=here.python
                ),
                text("Make the environment anew with the Python that the files name."),
            )
        raise CannotPlan(
            text("Nothing tells which patch release the project runs with."),
            text("Choose the interpreter that the project runs with."),
        )
    before = answers.file_or_none(_FILE)
    after = write_python_version(before, choice.version)
    return ChangeSet(
        text("Write .python-version: {version}", version=choice.version),
        CHECK.id,
        files=(FileChange(_FILE, before, after, reason=choice.why),),
    )


CHECK = Check(
    id="python-not-pinned",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.MUST,
    title="The Python version is named",
    failure_title="No exact Python version is named",
    explanation=__doc__,
    find=find,
    fix=Fix("Write `.python-version`", plan_fix, Safety.SAFE, Effort.SECONDS, lookups),
    examples=(
        Example(
            bad=Sketch(
                {"train.py": "print()\n", "requirements.txt": "numpy==1.26.4\n"},
                installed={"python": "3.11.9"},
                answers={FileContent(_FILE): None},
            ),
            good=Sketch(
                {"train.py": "print()\n", "requirements.txt": "numpy==1.26.4\n", _FILE: "3.11.9\n"},
                installed={"python": "3.11.9"},
            ),
        ),
    ),
)
