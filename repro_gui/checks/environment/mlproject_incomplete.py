"""An `MLproject` names an environment and entry points that are there.

## Why it matters
`mlflow run` makes the environment that `MLproject` names and starts the command of an entry point. Where the file or script is
missing it fails; where no environment is named, MLflow makes an empty one, and the program's imports fail.

## How to fix it
Name the environment with `python_env: python_env.yaml` (or `conda_env:`, `docker_env:`) and keep that file beside `MLproject`;
correct the script's path; declare each `{parameter}` that a command uses.

## When to leave it
Where the project is only ever run with `--env-manager=local`, no environment is made and none need be named.

## References
- MLflow documentation, “MLflow Projects”.
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
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.dependencies import FileFormat
from repro_gui.facts.environment import Environment
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.launchers import LauncherFile, Launchers
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.mlproject import MLflowProject, ProjectEntry
from repro_gui.facts.python_choice import choose_python
from repro_gui.facts.tree import FileTree
from repro_gui.location import Location
from repro_gui.text import text

_PYTHON_ENV = "python_env.yaml"
# What MLflow fills in itself.
_GIVEN = frozenset({"run_id", "artifact_path"})


def find(launchers: Launchers, tree: FileTree) -> Iterator[Observation]:
    files = [file for file in launchers.files if file.kind == "mlproject"]
    if not files:
        yield NotApplicable(text("There is no MLproject file."))
    for file in files:
        if file.not_read is not None or file.project is None:
            reason = file.not_read or text("{path} holds no settings.", path=file.path)
            yield CannotTell(reason, Location(file.path))
        else:
            yield from _environment(file, file.project, tree)
            for entry in file.project.entries:
                yield from _entry(file, entry, tree)


def _environment(file: LauncherFile, project: MLflowProject, tree: FileTree) -> Iterator[Observation]:
    place = Location(file.path, project.environment_line or 1)
    if not project.kind:
        yield Finding(
            text("{path} names no environment: MLflow makes an empty one.", path=file.path),
            place,
            expression="environment",
            weight=Weight.SHOULD,
            values={"fault": "no-environment", "path": ""},
        )
        return
    path = _beside(file.path, project.environment)
    if not project.environment:
        what = text("{path} gives {key} no value.", path=file.path, key=project.kind)
        yield Finding(what, place, expression=project.kind, values={"fault": project.kind, "path": ""})
    elif project.kind == "docker_env":
        yield Evidence(text("{path} runs in the image {image}.", path=file.path, image=project.environment), place)
    elif path.startswith("../"):
        yield CannotTell(text("{path} lies outside the project.", path=project.environment), place)
    elif path in tree:
        yield Evidence(text("{path} names {environment}.", path=file.path, environment=path), place)
    else:
        yield Finding(
            text("{path} names {environment}, which is not there.", path=file.path, environment=project.environment),
            place,
            expression=project.kind,
            values={"fault": project.kind, "path": path},
        )


def _entry(file: LauncherFile, entry: ProjectEntry, tree: FileTree) -> Iterator[Observation]:
    place = Location(file.path, entry.line)
    if not entry.command.strip():
        what = text("The entry point {name} has no command.", name=entry.name)
        yield Finding(what, place, symbol=entry.name, expression="command", values={"fault": "no-command"})
        return
    missing = [name for name in entry.used if name not in entry.parameters and name not in _GIVEN]
    for name in missing:
        yield Finding(
            text(
                "The command of {entry} uses {parameter}, which it does not declare.", entry=entry.name, parameter=name
            ),
            place,
            symbol=entry.name,
            expression=name,
            values={"fault": "parameter", "entry": entry.name, "parameter": name},
        )
    scripts = [one for one in file.commands if one.name == entry.name and one.script and "{" not in one.script]
    gone = []
    for one in scripts:
        path = _beside(file.path, one.script)
        if path.startswith(("../", "/")) or "$" in path:
            yield CannotTell(text("{script} is not within the project's folder.", script=one.script), one.location)
        elif path not in tree:
            gone.append(one)
            yield Finding(
                text("The entry point {name} starts {script}, which is not there.", name=entry.name, script=one.script),
                one.location,
                symbol=entry.name,
                expression=one.script,
                values={"fault": "script", "path": path},
            )
    if not missing and not gone:
        yield Evidence(text("The entry point {name}: {command}", name=entry.name, command=entry.command), place)


def _beside(path: str, name: str) -> str:
    """A path that a file names, from the project's folder; one that leaves it starts with `../`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))


def needs(finding: Finding) -> Iterable[Lookup]:
    assert finding.location is not None
    yield FileContent(finding.location.path)
    yield FileContent(_beside(finding.location.path, _PYTHON_ENV))
    if finding.values.get("path"):
        yield FileContent(str(finding.values["path"]))


def plan_fix(
    finding: Finding, environment: Environment, launchers: Launchers, knowledge: Knowledge, answers: Answers
) -> ChangeSet:
    assert finding.location is not None
    path = finding.location.path
    title = text("Complete {path}", path=path)
    fault = finding.values["fault"]
    if fault == "parameter":
        change = _declare(launchers, finding, answers)
        return ChangeSet(title, CHECK.id, files=(change,))
    if fault == "python_env" and finding.values["path"]:
        return ChangeSet(
            title, CHECK.id, files=(_python_env(str(finding.values["path"]), environment, knowledge, answers),)
        )
    if fault != "no-environment":
        raise CannotPlan(
            text("What belongs there is not known."), text("Correct the line in {path} by hand.", path=path)
        )
    beside = posixpath.dirname(path)
    conda = [
        file for file in environment.files if file.format is FileFormat.CONDA and posixpath.dirname(file.path) == beside
    ]
    before = answers.file(path)
    if len(conda) == 1:
        line = f"conda_env: {posixpath.basename(conda[0].path)}"
        return ChangeSet(title, CHECK.id, files=(_with_line(path, before, line),))
    own = _beside(path, _PYTHON_ENV)
    changes = [_with_line(path, before, f"python_env: {_PYTHON_ENV}")]
    if answers.file_or_none(own) is None:
        changes.append(_python_env(own, environment, knowledge, answers))
    return ChangeSet(title, CHECK.id, files=tuple(changes))


def _with_line(path: str, before: bytes, line: str) -> FileChange:
    """The line before `entry_points:`, else at the end."""
    end = b"\r\n" if b"\r\n" in before else b"\n"
    lines = before.splitlines(keepends=True)
    at = next((number for number, one in enumerate(lines) if one.startswith(b"entry_points")), len(lines))
    if at == len(lines) and lines and not lines[-1].endswith((b"\n", b"\r")):
        lines[-1] += end
    return FileChange(path, before, b"".join([*lines[:at], line.encode() + end, *lines[at:]]))


def _python_env(path: str, environment: Environment, knowledge: Knowledge, answers: Answers) -> FileChange:
    """`python_env.yaml` with the project's Python and its requirements."""
    folder = posixpath.dirname(path)
    lists = [file for file in environment.lists if file.format is FileFormat.REQUIREMENTS]
    lists = [file for file in lists if not all(entry.is_development for entry in file.requirements)]
    lists.sort(key=lambda file: (not file.is_lock, file.path.count("/"), file.path != "requirements.txt", file.path))
    choice = choose_python(environment, knowledge.system_packages)
    if not lists or choice is None:
        raise CannotPlan(
            text("Nothing says which packages and which Python the project needs."),
            text("Freeze the requirements and name the Python version first, then come back."),
        )
    named = posixpath.relpath(lists[0].path, folder or ".")
    content = f'python: "{choice.version}"\ndependencies:\n  - -r {named}\n'
    return FileChange(path, answers.file_or_none(path), content.encode(), reason=choice.why)


def _declare(launchers: Launchers, finding: Finding, answers: Answers) -> FileChange:
    assert finding.location is not None
    path, parameter = finding.location.path, str(finding.values["parameter"])
    project = launchers.by_path[path].project if path in launchers.by_path else None
    entries = project.entries if project is not None else ()
    entry = next((one for one in entries if one.name == finding.values["entry"]), None)
    if entry is None or not entry.parameters_line:
        raise CannotPlan(
            text("The entry point declares no parameters yet."),
            text("Add `parameters:` with {parameter} and its type.", parameter=parameter),
        )
    before = answers.file(path)
    lines = before.splitlines(keepends=True)
    first = lines[entry.parameters_line - 1]
    indent = first[: len(first) - len(first.lstrip())]
    if b"{" in first.partition(b":")[0] or not first.strip().startswith(entry.parameters[0].encode()):
        raise CannotPlan(
            text("The parameters stand on one line."), text("Add {parameter} there by hand.", parameter=parameter)
        )
    end = b"\r\n" if first.endswith(b"\r\n") else b"\n"
    added = indent + f"{parameter}: string".encode() + end
    at = entry.parameters_line - 1
    return FileChange(path, before, b"".join([*lines[:at], added, *lines[at:]]))


_ENTRY = "entry_points:\n  main:\n    parameters:\n      alpha: float\n    command: python train.py {alpha}\n"
_OTHERS = {"train.py": "print()\n", "requirements.txt": "numpy==1.26.4\n", ".python-version": "3.11.9\n"}
_ENVIRONMENT = 'python: "3.11.9"\ndependencies:\n  - -r requirements.txt\n'

CHECK = Check(
    id="mlproject-incomplete",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.MUST,
    title="`MLproject` names what is there",
    failure_title="`MLproject` names what is not there",
    explanation=__doc__,
    find=find,
    fix=Fix("Complete `MLproject`", plan_fix, Safety.SAFE, Effort.SECONDS, lookups=needs),
    examples=(
        Example(
            bad=Sketch({"MLproject": f"name: x\npython_env: python_env.yaml\n{_ENTRY}", **_OTHERS}),
            good=Sketch(
                {"MLproject": f"name: x\npython_env: python_env.yaml\n{_ENTRY}", **_OTHERS, _PYTHON_ENV: _ENVIRONMENT}
            ),
        ),
        Example(
            bad=Sketch({"MLproject": f"name: x\n{_ENTRY}", **_OTHERS}),
            good=Sketch(
                {"MLproject": f"name: x\npython_env: python_env.yaml\n{_ENTRY}", **_OTHERS, _PYTHON_ENV: _ENVIRONMENT}
            ),
        ),
        Example(
            bad=Sketch(
                {
                    "MLproject": "conda_env: conda.yaml\n" + _ENTRY.replace("{alpha}", "{alpha} {beta}"),
                    "train.py": "",
                    "conda.yaml": "",
                }
            ),
            good=Sketch(
                {
                    "MLproject": "conda_env: conda.yaml\n"
                    + _ENTRY.replace("{alpha}", "{alpha} {beta}").replace(
                        "      alpha", "      beta: string\n      alpha"
                    ),
                    "train.py": "",
                    "conda.yaml": "",
                }
            ),
        ),
    ),
)
