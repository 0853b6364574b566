"""What an image installs by command is pinned.

## Why it matters
`RUN pip install torch`, `apt-get install ffmpeg`, a clone of a branch or a script fetched with `curl` bring whatever is newest
on the day of the build: the same Dockerfile makes two images.

## How to fix it
Install Python packages from the project's own pinned list or lock, name versions (`ffmpeg=7:5.1.4-0+deb12u1`), check out a full
commit after `git clone`, name a version in the address that you fetch and check its SHA-256.

## When to leave it
Debian and Ubuntu keep only the newest version of each system package: a pinned one soon cannot be found any more. A base image
by digest and an image that is kept in a registry then say more than pins.

## References
- Docker documentation, “Building best practices: version pinning”.
- snapshot.debian.org, the archive of Debian by date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from repro_gui.checks.check import (
    CannotTell,
    Check,
    Evidence,
    Example,
    Finding,
    NotApplicable,
    Observation,
    Pillar,
    Sketch,
    Weight,
)
from repro_gui.facts.addresses import is_full_commit
from repro_gui.facts.dependencies import ContainerInstall, EnvironmentFile, Pin, Requirement
from repro_gui.facts.environment import Environment
from repro_gui.facts.pin_status import INSTALLERS
from repro_gui.location import Location
from repro_gui.text import Text, text

_SYSTEM = frozenset({"apt", "apk"})
_DOWNLOADS = frozenset({"curl", "wget"})
_FIXED = frozenset({Pin.EXACT, Pin.COMMIT, Pin.ARCHIVE, Pin.LOCAL})
# Keys and lists of package archives are no software.
_KEY = re.compile(r"\.(gpg|asc|pub|pem|crt|key|list|repo)$|/(gpg|keys?)$", re.IGNORECASE)
_VERSION = re.compile(r"\d+\.\d+|[0-9a-f]{40}")
_LOCAL_ADDRESS = re.compile(r"://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])")


def find(environment: Environment) -> Iterator[Observation]:
    files = [
        file
        for file in environment.files
        # A folder named by a template's placeholder is that of projects which are yet to be made.
        if "{{" not in file.path and any(_installs_by_name(one) for one in file.installs)
    ]
    if not files:
        unread = [one for file in environment.containers for one in file.unread]
        yield from (CannotTell(one.reason, one.location) for one in unread)
        yield NotApplicable(text("No image installs packages by command."))
    for file in files:
        for at, install in enumerate(file.installs):
            yield from _judged(environment, file, install, file.installs[at + 1 :])


def _installs_by_name(install: ContainerInstall) -> bool:
    return bool(install.requirements or install.packages)


def _judged(
    environment: Environment, file: EnvironmentFile, install: ContainerInstall, after: Sequence[ContainerInstall]
) -> Iterator[Observation]:
    if install.requirements:
        yield from _python_packages(environment, file, install)
    elif install.program in _SYSTEM:
        yield from _system_packages(install)
    elif install.program == "git":
        yield _clone(install, after)
    elif install.program in _DOWNLOADS:
        yield from _downloads(install, after)


def _python_packages(
    environment: Environment, file: EnvironmentFile, install: ContainerInstall
) -> Iterator[Observation]:
    entries = [entry for entry in install.requirements if entry.name not in INSTALLERS]
    moving = [entry for entry in entries if not _is_fixed(environment, file, entry)]
    # Without any list, these entries are the list: the check of pins has them.
    if moving and environment.lists:
        names = ", ".join(entry.written for entry in moving)
        what = text("{program} installs without a version: {names}", program=install.program, names=names)
        yield _finding(what, moving[0].location, install.program, names)
    elif entries and not moving:
        names = ", ".join(entry.written for entry in entries)
        yield _pinned(text("{program} installs pinned: {names}", program=install.program, names=names), install)


def _is_fixed(environment: Environment, file: EnvironmentFile, entry: Requirement) -> bool:
    """True for a pin, and for a name that a list or lock which the same image installs pins."""
    if entry.pin in _FIXED:
        return True
    names = {name.rpartition("/")[2] for install in file.installs for name in install.files}
    for other in environment.requirements:
        if other.name == entry.name and other.pin in _FIXED and other.location.path.rpartition("/")[2] in names:
            return True
    return any(install.uses_lock for install in file.installs) and entry.name in environment.locked


def _system_packages(install: ContainerInstall) -> Iterator[Observation]:
    named = [name for name in install.packages if not name.startswith(("/", "./", "../"))]
    moving = [name for name in named if "=" not in name]
    if moving:
        names = ", ".join(moving)
        what = text("{program} installs without a version: {names}", program=install.program, names=names)
        yield _finding(what, install.location, install.program, names)
    elif named:
        names = ", ".join(named)
        yield _pinned(text("{program} installs pinned: {names}", program=install.program, names=names), install)


def _clone(install: ContainerInstall, after: Sequence[ContainerInstall]) -> Observation:
    address = install.packages[0]
    # What is checked out before the next clone belongs to this one.
    revisions = []
    for one in after:
        if one.program == "git":
            break
        if one.program == "git checkout":
            revisions.append(one.revision)
    revision = revisions[-1] if revisions else install.revision
    if is_full_commit(revision):
        return _pinned(text("{address} is cloned at {commit}.", address=address, commit=revision), install)
    if "$" in revision:
        what = text("Which revision of {address} is taken depends on {revision}.", address=address, revision=revision)
        return CannotTell(what, install.location)
    what = text("{address} is cloned without a full commit.", address=address)
    return _finding(what, install.location, "git", address)


def _downloads(install: ContainerInstall, after: Sequence[ContainerInstall]) -> Iterator[Observation]:
    # A checksum counts for what was fetched right before it.
    following = next((one for one in after if one.program not in _DOWNLOADS), None)
    is_checked = following is not None and following.program == "checksum"
    for address in install.packages:
        if _KEY.search(address.partition("?")[0]) or _LOCAL_ADDRESS.search(address):
            continue
        if is_checked:
            yield _pinned(text("{address} is fetched, and its checksum compared.", address=address), install)
        elif _VERSION.search(address.partition("://")[2].partition("/")[2]) and "latest" not in address.lower():
            yield _pinned(text("{address} names a version.", address=address), install)
        elif "$" in address:
            what = text("Which version {address} is depends on a variable.", address=address)
            yield CannotTell(what, install.location)
        else:
            what = text("{address} is fetched without a version or a checksum.", address=address)
            yield _finding(what, install.location, install.program, address)


def _finding(what: Text, location: Location, program: str, names: str) -> Finding:
    return Finding(what, location, symbol=program, expression=names, values={"program": program, "packages": names})


def _pinned(what: Text, install: ContainerInstall) -> Evidence:
    return Evidence(what, install.location, {"program": install.program})


CHECK = Check(
    id="unpinned-container-package",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.ADVICE,
    title="What images install by command is pinned",
    failure_title="An image installs packages without a version",
    explanation=__doc__,
    find=find,
    examples=(
        Example(
            bad=Sketch({"Dockerfile": "FROM debian\nRUN apt-get update && apt-get install -y ffmpeg\n"}),
            good=Sketch(
                {"Dockerfile": "FROM debian\nRUN apt-get update && apt-get install -y ffmpeg=7:5.1.4-0+deb12u1\n"}
            ),
            fixes=False,
        ),
        Example(
            bad=Sketch({"requirements.txt": "six==1.16.0\n", "Dockerfile": "FROM debian\nRUN pip install numpy\n"}),
            good=Sketch(
                {"requirements.txt": "six==1.16.0\n", "Dockerfile": "FROM debian\nRUN pip install numpy==1.26.4\n"}
            ),
            fixes=False,
        ),
    ),
)
