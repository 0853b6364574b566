"""Packages from repositories are pinned to a commit.

## Why it matters
`git+https://…@main` installs whatever stands on the branch that day. A tag can be moved, and a shortened hash can come to
mean two commits: only a full commit names one state of the code.

## How to fix it
Put the full commit behind the `@`. Repro GUI takes it from the project's environment, where pip and uv write down which commit
they installed, or from a lock; else it asks the repository's server, when you let it, which commit the branch has today.

## When to leave it
A repository that you develop together with this project can be a submodule or a workspace member instead.

## References
- pip documentation, “VCS Support”.
- PEP 610, “Recording the Direct URL Origin of installed distributions”.
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
from repro_gui.facts.chosen_version import find_installed
from repro_gui.facts.config_edits import pin_commit
from repro_gui.facts.dependencies import Pin, Requirement
from repro_gui.facts.environment import Environment
from repro_gui.facts.installed import InstalledEnvironment
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers, FileContent, Lookup, RemoteCommit
from repro_gui.facts.pin_status import lock_covers
from repro_gui.text import Text, text


def find(environment: Environment) -> Iterator[Observation]:
    entries = [
        entry
        for entry in (*environment.requirements, *environment.container_requirements)
        if entry.pin in {Pin.MOVING, Pin.COMMIT}
    ]
    if not entries:
        yield NotApplicable(text("No package comes from a repository."))
    for entry in entries:
        locked = _locked_commit(entry, environment)
        if entry.pin is Pin.COMMIT:
            yield Evidence(text("{name} is pinned to a commit.", name=entry.name or entry.url), entry.location)
        elif locked:
            yield Evidence(text("{name} is locked to {commit}.", name=entry.name, commit=locked), entry.location)
        else:
            wording = (
                text("`{entry}` follows {revision}.", entry=entry.written, revision=entry.revision)
                if entry.revision
                else text("`{entry}` follows the default branch.", entry=entry.written)
            )
            yield Finding(
                wording,
                entry.location,
                symbol=entry.group,
                expression=entry.written,
                weight=Weight.ADVICE if entry.is_development else None,
                values={"name": entry.name, "revision": entry.revision},
            )


def _locked_commit(entry: Requirement, environment: Environment) -> str:
    for lock, package in environment.locked.get(entry.name, ()):
        if package.commit and lock_covers(environment, lock, entry.location.path):
            return package.commit
    return ""


def lookups(finding: Finding, environment: Environment, knowledge: Knowledge) -> Iterable[Lookup]:
    entry = _entry_of(finding, environment)
    yield FileContent(entry.location.path)
    if not _installed_commit(entry, environment, knowledge):
        yield _remote(entry)


def plan_fix(finding: Finding, environment: Environment, knowledge: Knowledge, answers: Answers) -> ChangeSet:
    entry = _entry_of(finding, environment)
    path = entry.location.path
    before = answers.file(path)
    commit = _installed_commit(entry, environment, knowledge)
    notes: tuple[Text, ...] = ()
    if not commit:
        commit = str(answers.get(_remote(entry)))
        notes = (
            text(
                "{commit} is what {name} is today, not what was installed when the results were made: run the program once more.",
                commit=commit[:12],
                name=entry.revision or "HEAD",
            ),
        )
    title = text("Pin {name} to {commit}", name=entry.name or entry.url, commit=commit)
    change = FileChange(path, before, pin_commit(before, entry, commit))
    return ChangeSet(title, CHECK.id, files=(change,), notes=notes)


def _remote(entry: Requirement) -> RemoteCommit:
    """The question to the repository's server."""
    address = entry.url.removeprefix("git+").partition("#")[0]
    scheme, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return RemoteCommit(f"{scheme}{separator}{host}{slash}{path.partition('@')[0]}", entry.revision)


def _entry_of(finding: Finding, environment: Environment) -> Requirement:
    for entry in (*environment.requirements, *environment.container_requirements):
        if entry.location == finding.location and entry.written == finding.expression:
            return entry
    raise CannotPlan(
        text("`{entry}` is not there any more.", entry=finding.expression), text("Audit the project again.")
    )


def _installed_commit(entry: Requirement, environment: Environment, knowledge: Knowledge) -> str:
    """The commit in the project's environment; empty when it has none, raises `CannotPlan` when it has another repository."""
    installed = environment.installed
    if not isinstance(installed, InstalledEnvironment):
        return ""
    found = find_installed(entry, installed, knowledge.import_names)
    if found is None or not found.commit:
        return ""
    if _repository(found.url) != _repository(entry.url):
        raise CannotPlan(
            text("The installed {name} comes from another repository.", name=entry.name),
            text("Install what the list names, then audit again."),
        )
    return found.commit


def _repository(url: str) -> str:
    """The address without what differs between ways of writing it."""
    address = url.partition("://")[2].partition("#")[0].lower()
    if "@" in address.partition("/")[0]:  # git@host, user:token@host
        address = address.partition("@")[2]
    return address.partition("@")[0].removesuffix("/").removesuffix(".git")


_COMMIT = "0123456789abcdef0123456789abcdef01234567"

CHECK = Check(
    id="moving-git-dependency",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.MUST,
    title="Packages from repositories are pinned to a commit",
    failure_title="A package follows a branch of its repository",
    explanation=__doc__,
    find=find,
    fix=Fix("Pin to the commit", plan_fix, Safety.SAFE, Effort.SECONDS, lookups),
    examples=(
        Example(
            bad=Sketch(
                {"requirements.txt": "git+https://github.com/openai/CLIP.git@main#egg=clip\n"},
                answers={RemoteCommit("https://github.com/openai/CLIP.git", "main"): _COMMIT},
            ),
            good=Sketch({"requirements.txt": f"git+https://github.com/openai/CLIP.git@{_COMMIT}#egg=clip\n"}),
        ),
    ),
)
