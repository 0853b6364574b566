"""Resolves requirements by uv, in a folder of its own: nothing of the project is read or run, nothing is built."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from repro_gui.errors import ProgramFailed
from repro_gui.facts.unavailable import Unavailable
from repro_gui.processes import ProgramLimits, run_program
from repro_gui.redact import redact_text
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.lookup import ResolvedLock
    from repro_gui.progress import Progress

_LIMITS = ProgramLimits(seconds=300, output_bytes=32 * 1024 * 1024)
_MOST_SAID = 400


def resolve_lock(lookup: ResolvedLock, progress: Progress) -> bytes | Unavailable:
    """The closure of the requirement lines as a requirements file, without header, index or local path.

    Source distributions are not built, since that would run foreign code: what only exists as source cannot be resolved.
    """
    with tempfile.TemporaryDirectory(prefix="repro-gui-resolve-") as name:
        folder = Path(name)
        (folder / "requirements.in").write_text("\n".join(lookup.requirements) + "\n", encoding="utf-8")
        argv = ["uv", "pip", "compile", "requirements.in", "--quiet", "--no-header", "--no-annotate", "--no-build"]
        argv += ["--no-emit-index-url", "--no-emit-find-links", "--no-python-downloads", "--color", "never"]
        if lookup.hashes:
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
                limits=_LIMITS,
                progress=progress,
                what=text("Asking the package index"),
            )
        except ProgramFailed as error:
            return Unavailable(error.what, error.mend)
    if finished.code:
        return Unavailable(
            text("The requirements could not be resolved: {said}", said=_reason(finished.error_text, name)),
            text("Install them in an environment of the project, then freeze that."),
        )
    return finished.output


def _reason(said: str, folder: str) -> str:
    """The first lines of what uv says, on one line, without our folder and anything private."""
    lines = [line.strip(" ×╰─▶│\t") for line in said.replace(folder + os.sep, "").splitlines()]
    joined = " ".join(line for line in lines if line)
    return redact_text(joined[:_MOST_SAID])
