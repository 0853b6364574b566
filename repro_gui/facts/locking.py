"""Locking again: the request for a lock of the same kind from the same list, and the file that comes of its answer."""

from __future__ import annotations

import posixpath
import re

from repro_gui.errors import CannotPlan
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, Pin, Requirement
from repro_gui.facts.environment import Environment
from repro_gui.facts.lookup import Lookup, ProjectLock, ResolvedLock
from repro_gui.facts.pin_status import lists_of_lock
from repro_gui.facts.python_choice import python_to_resolve_for
from repro_gui.text import text

_OWN_TOOLS = {
    FileFormat.POETRY_LOCK: "poetry lock",
    FileFormat.PDM_LOCK: "pdm lock",
    FileFormat.PIPFILE_LOCK: "pipenv lock",
    FileFormat.CONDA_LOCK: "conda-lock",
}
_HEADER = re.compile(r"(?:[ \t]*(?:#[^\n]*|-[^\n]*)?\r?\n)*")


def lock_again(environment: Environment, lock: EnvironmentFile) -> Lookup:
    """What to ask for to make this lock anew; raises `CannotPlan` for locks of tools that are not ours to run."""
    if lock.format is FileFormat.UV_LOCK:
        return ProjectLock(posixpath.dirname(lock.path))
    if lock.format not in {FileFormat.REQUIREMENTS, FileFormat.PYLOCK}:
        command = _OWN_TOOLS.get(lock.format, "")
        raise CannotPlan(
            text("{path} is made by a tool of its own.", path=lock.path),
            text("Run `{command}` where it lies.", command=command)
            if command
            else text("Make it again as it was made."),
        )
    entries = [entry for file in lists_of_lock(environment, lock) for entry in _entries(environment, file)]
    unusual = next((entry for entry in entries if entry.pin in {Pin.LOCAL, Pin.ARCHIVE} or entry.url), None)
    if unusual is not None or not entries:
        what = unusual.written if unusual is not None else lock.path
        raise CannotPlan(
            text("`{entry}` cannot be resolved by name and version alone.", entry=what),
            text("Lock again with the tool that made the lock: pip-compile or `uv pip compile`."),
        )
    return ResolvedLock(
        tuple(dict.fromkeys(_line(entry) for entry in entries)),
        python_to_resolve_for(environment),
        hashes=any(package.hashes for package in lock.locked),
        name=posixpath.basename(lock.path),
        previous=_pins_of(lock),
    )


def _entries(environment: Environment, file: EnvironmentFile) -> list[Requirement]:
    """Entries of a list; raises `CannotPlan` where it says more than entries, or includes what is not there."""
    if file.indexes or any(include.is_constraint for include in file.includes):
        raise CannotPlan(
            text("{path} names an index or constraints of its own.", path=file.path),
            text("Lock again with the tool that made the lock: pip-compile or `uv pip compile`."),
        )
    missing = next((include for include in file.includes if include.path not in environment.by_path), None)
    if missing is not None:
        raise CannotPlan(
            text("{path} is not there.", path=missing.written), text("Add it, then audit the project again.")
        )
    return [entry for entry in file.requirements if not entry.group]


def _line(entry: Requirement) -> str:
    extras = f"[{','.join(entry.extras)}]" if entry.extras else ""
    marker = f" ; {entry.marker}" if entry.marker else ""
    return f"{entry.name}{extras}{entry.specifier}{marker}"


def _pins_of(lock: EnvironmentFile) -> bytes:
    """What the lock fixes, as uv reads it back to keep it: names and versions are enough."""
    if lock.format is FileFormat.PYLOCK:
        lines = ['lock-version = "1.0"', 'created-by = "repro-gui"']
        for package in lock.locked:
            if package.version:
                lines += ["", "[[packages]]", f'name = "{package.name}"', f'version = "{package.version}"']
        return ("\n".join(lines) + "\n").encode()
    return "".join(f"{package.name}=={package.version}\n" for package in lock.locked if package.version).encode()


def merged_lock(lock: EnvironmentFile, before: bytes, answer: bytes) -> bytes:
    """The new file: a requirements lock keeps the comment at its top, which says what it was made from."""
    if lock.format is not FileFormat.REQUIREMENTS:
        return answer
    header = _HEADER.match(before.decode("utf-8", "replace"))
    return (header.group() if header else "").encode() + answer
