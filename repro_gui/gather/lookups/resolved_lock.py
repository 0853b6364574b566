"""Resolves requirements by uv, in a folder of its own: nothing of the project is read or run, nothing is built."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from repro_gui.errors import ProgramFailed
from repro_gui.facts.lock_leaks import what_leaks
from repro_gui.facts.unavailable import Unavailable
from repro_gui.processes import ProgramLimits, run_program
from repro_gui.redact import redact_text
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.lookup import ResolvedLock
    from repro_gui.progress import Progress

LIMITS = ProgramLimits(seconds=300, output_bytes=32 * 1024 * 1024)
_MOST_SAID = 400


def resolve_lock(lookup: ResolvedLock, progress: Progress) -> bytes | Unavailable:
    """The closure of the requirement lines as a requirements file, without header, index or local path.

    Source distributions are not built, since that would run foreign code: what only exists as source cannot be resolved.
    """
    is_pylock = lookup.name == "pylock.toml"
    with tempfile.TemporaryDirectory(prefix="repro-gui-resolve-") as name:
        folder = Path(name)
        (folder / "requirements.in").write_text("\n".join(lookup.requirements) + "\n", encoding="utf-8")
        argv = ["uv", "pip", "compile", "requirements.in", "--quiet", "--no-header", "--no-annotate", "--no-build"]
        argv += ["--no-emit-index-url", "--no-emit-find-links", "--no-python-downloads", "--color", "never"]
        target = folder / lookup.name
        if lookup.previous:
            target.write_bytes(lookup.previous)
        if lookup.previous or is_pylock:
            argv += ["--output-file", lookup.name]
        if is_pylock:
            argv += ["--format", "pylock.toml"]
        elif lookup.hashes:
            argv.append("--generate-hashes")
        if lookup.python:
            argv += ["--python-version", lookup.python]
        if lookup.exclude_newer:
            argv += ["--exclude-newer", lookup.exclude_newer]
        if not getattr(sys, "frozen", False):
            argv += ["--python", sys.executable]
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
                text("The requirements could not be resolved: {said}", said=said_reason(finished.error_text, name)),
                text("Install them in an environment of the project, then freeze that."),
            )
        if not is_pylock:
            return target.read_bytes() if lookup.previous else finished.output
        content = target.read_bytes()
    # A file in this format names the index and the address of every file.
    leaked = what_leaks(content, b"")
    if leaked:
        return Unavailable(
            text("A pylock.toml would name {what}, where this machine gets its packages.", what=leaked),
            text(
                "Write a `requirements.lock` with `uv pip compile --generate-hashes`: it has hashes without addresses."
            ),
        )
    return content


def said_reason(said: str, folder: str) -> str:
    """The first lines of what uv says, on one line, without our folder and anything private."""
    lines = [line.strip(" ×╰─▶│\t") for line in said.replace(folder + os.sep, "").splitlines()]
    joined = " ".join(line for line in lines if line)
    return redact_text(joined[:_MOST_SAID])
