"""Locks a project of uv anew, in a folder of its own that holds its `pyproject.toml` and its lock: nothing of it is built or run."""

from __future__ import annotations

import posixpath
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_gui.errors import ProgramFailed
from repro_gui.facts.lock_leaks import what_leaks
from repro_gui.facts.unavailable import Unavailable
from repro_gui.gather.files import NotRead
from repro_gui.gather.lookups.resolved_lock import LIMITS, said_reason
from repro_gui.processes import run_program
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.lookup import ProjectLock
    from repro_gui.gather.files import ProjectFiles
    from repro_gui.progress import Progress

_MOST_BYTES = 64 * 1024 * 1024
_BY_HAND = text("Lock it where the project lies: `uv lock`.")


def lock_project(lookup: ProjectLock, opened: ProjectFiles, progress: Progress) -> bytes | Unavailable:
    """The new `uv.lock`; `Unavailable` when it needs other folders of the project, or would name what its files do not.

    Source distributions are not built, as that would run foreign code.
    """
    contents: dict[str, bytes] = {}
    for name in ("pyproject.toml", "uv.lock"):
        content = opened.read(posixpath.join(lookup.folder, name), _MOST_BYTES)
        if isinstance(content, NotRead):
            return Unavailable(content.reason, _BY_HAND)
        contents[name] = content
    try:
        project = tomllib.loads(contents["pyproject.toml"].decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return Unavailable(text("pyproject.toml is not valid TOML."), _BY_HAND)
    if _needs_other_folders(project):
        return Unavailable(text("pyproject.toml names other folders of the project."), _BY_HAND)
    with tempfile.TemporaryDirectory(prefix="repro-gui-lock-") as name:
        folder = Path(name)
        for file, content in contents.items():
            (folder / file).write_bytes(content)
        argv = ["uv", "lock", "--quiet", "--no-build", "--no-python-downloads", "--color", "never"]
        try:
            finished = run_program(
                argv,
                folder=folder,
                environment={"UV_NO_PROGRESS": "1", "PYTHONSAFEPATH": "1"},
                limits=LIMITS,
                progress=progress,
                what=text("Asking the package index"),
            )
        except ProgramFailed as error:
            return Unavailable(error.what, error.mend)
        if finished.code:
            return Unavailable(
                text("uv could not lock this: {said}", said=said_reason(finished.error_text, name)), _BY_HAND
            )
        locked = (folder / "uv.lock").read_bytes()
    leaked = what_leaks(locked, b"\n".join(contents.values()))
    if leaked:
        return Unavailable(
            text("The lock would name {what}, which stands in no file of the project.", what=leaked),
            text(
                "Name the index in pyproject.toml if others can reach it, else lock where only public ones are set up."
            ),
        )
    return locked


def _needs_other_folders(project: dict[str, Any]) -> bool:
    tool = project.get("tool")
    uv = tool.get("uv") if isinstance(tool, dict) else None
    if not isinstance(uv, dict):
        return False
    sources = uv.get("sources")
    named = [entry for value in (sources.values() if isinstance(sources, dict) else ()) for entry in _tables(value)]
    return "workspace" in uv or any("path" in entry or "workspace" in entry for entry in named)


def _tables(value: object) -> list[dict[str, Any]]:
    return [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]
