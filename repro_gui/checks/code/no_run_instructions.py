"""The README shows no command that gets the results.

## Why it matters
Who has the code, the data and the environment still has to know what to type, in which order and with which arguments.
The ML Code Completeness Checklist asks for exactly this, and repositories that show it are used far more often.

## How to fix it
Show the commands in a fenced block, from a fresh checkout to the numbers of the paper: install, get the data, train,
evaluate. The fix adds a section *Reproduce* with the commands of the entry points that were found; complete it with the
arguments of your results.

## When to leave it
When the commands stand in a document that the README names, or a launcher of your group runs everything.

## References
- ML Code Completeness Checklist: <https://github.com/paperswithcode/releasing-research-code>
"""

from __future__ import annotations

import posixpath
import shlex
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
    Observation,
    Pillar,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.environment import Environment
from repro_gui.facts.launchers import LaunchCommand, Launchers
from repro_gui.facts.lookup import Answers, FileContent, Lookup
from repro_gui.facts.program import Program
from repro_gui.facts.tree import FileTree
from repro_gui.location import Location
from repro_gui.text import text

# Programs that run a description of the project: whatever they start is described there.
_RUNNERS_OF_DESCRIPTIONS = frozenset(
    {"make", "dvc", "mlflow", "snakemake", "bash", "sh", "docker", "nox", "tox", "just"}
)
# Of these only some verbs get results: `dvc pull` and `docker build` prepare, `mlflow ui` shows.
_VERBS = {"dvc": frozenset({"repro", "exp"}), "mlflow": frozenset({"run"}), "docker": frozenset({"run", "compose"})}
_READMES = ("README.md", "Readme.md", "readme.md", "README.rst", "README.txt", "README")


def find(tree: FileTree, launchers: Launchers, program: Program) -> Iterator[Observation]:
    """One finding when no command in a README starts an entry point that makes results."""
    if not program.result_entry_points:
        yield CannotTell(program.why_none or text("No entry point that makes results was found."))
        return
    shown = [command for command in launchers.commands if command.kind == "readme"]
    useful = [command for command in shown if _gets_results(command, program)]
    for command in useful:
        yield Evidence(text("`{command}` is shown.", command=shlex.join(command.argv)), command.location)
    if useful:
        return
    readme = _readme(tree)
    if readme:
        yield Finding(text("{readme} shows no command that gets the results.", readme=readme), Location(readme))
    else:
        yield Finding(text("There is no README that could show how to get the results."))


def _gets_results(command: LaunchCommand, program: Program) -> bool:
    runner = command.runner or (command.argv[0] if command.argv else "")
    if runner in _RUNNERS_OF_DESCRIPTIONS:
        return not _VERBS.get(runner, frozenset()) or not _VERBS[runner].isdisjoint(command.argv)
    places = {entry.location for entry in program.result_entry_points}
    if command.location in places:
        return True
    started = command.script or command.module.replace(".", "/") + ".py"
    return command.starts_python and any(
        entry.path == posixpath.normpath(started) or entry.path.endswith(f"/{started}")
        for entry in program.result_entry_points
    )


def _readme(tree: FileTree) -> str:
    return next((name for name in _READMES if name in tree), "")


def readme_to_write(tree: FileTree) -> Iterable[Lookup]:
    """The README as it is, there or not."""
    return (FileContent(_readme(tree) or "README.md"),)


def plan_fix(
    tree: FileTree, launchers: Launchers, program: Program, environment: Environment, answers: Answers
) -> ChangeSet:
    """Add the section at the end, in the README's own markup, line ends and encoding."""
    path = _readme(tree) or "README.md"
    before = answers.file_or_none(path)
    commands = list(dict.fromkeys(_commands(launchers, program, environment)))
    newline = "\r\n" if before is not None and b"\r\n" in before else "\n"
    try:
        already = "" if before is None else before.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CannotPlan(
            text("{path} is not UTF-8.", path=path), text("Add a section with these commands by hand.")
        ) from error
    gap = "" if not already else newline if already.endswith("\n") else newline * 2
    added = newline.join(_section(path, commands)) + newline
    return ChangeSet(
        text("Show in {path} how to get the results", path=path),
        CHECK.id,
        (FileChange(path, before, (already + gap + added).encode("utf-8"), reason=text("Complete the arguments.")),),
        notes=(text("The order and the arguments are yours to check: the program was not run."),),
    )


def _commands(launchers: Launchers, program: Program, environment: Environment) -> Iterator[str]:
    described = {command.location: command for command in launchers.commands if command.kind == "mlproject"}
    lists = [file.path for file in environment.lists if posixpath.basename(file.path) == "requirements.txt"]
    if lists:
        yield f"pip install -r {shlex.quote(lists[0])}"
    for entry in program.result_entry_points:
        if entry.pipeline is not None:
            yield _in_folder("dvc repro", "--cwd", posixpath.dirname(entry.pipeline.path))
        elif entry.location in described:
            yield f"mlflow run {shlex.quote(posixpath.dirname(described[entry.location].path) or '.')}"
        elif entry.path.endswith(".ipynb"):
            yield f"jupyter nbconvert --to notebook --execute --inplace {shlex.quote(entry.path)}"
        elif not entry.symbol:
            # What a launcher would put in is not known here.
            known = [word for word in entry.arguments if not set(word) & set("{}$<>`")]
            yield shlex.join(["python", entry.path, *(known if len(known) == len(entry.arguments) else ())])


def _in_folder(command: str, option: str, folder: str) -> str:
    return f"{command} {option} {shlex.quote(folder)}" if folder else command


def _section(path: str, commands: list[str]) -> list[str]:
    if path.lower().endswith(".md"):
        return ["## Reproduce", "", "```sh", *commands, "```"]
    return ["Reproduce", "---------", "", "::", "", *(f"    {command}" for command in commands)]


_TRAIN = """\
from sklearn.linear_model import LogisticRegression

model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
print(model.score([[0.0], [1.0]], [0, 1]))
"""

CHECK = Check(
    id="no-run-instructions",
    pillar=Pillar.CODE,
    weight=Weight.SHOULD,
    title="The README shows how to get the results",
    failure_title="The README does not show how to get the results",
    explanation=__doc__ or "",
    find=find,
    fix=Fix("Add a section “Reproduce”", plan_fix, Safety.SAFE, Effort.MINUTES, readme_to_write),
    examples=(
        Example(
            bad=Sketch({"train.py": _TRAIN, "README.md": "# A model\n\nIt is good.\n"}),
            good=Sketch(
                {
                    "train.py": _TRAIN,
                    "README.md": "# A model\n\nIt is good.\n\n## Reproduce\n\n```sh\npython train.py\n```\n",
                }
            ),
        ),
    ),
)
