"""Writes a rendered report to where the person wants it."""

from __future__ import annotations

import os
from pathlib import Path

from repro_gui.errors import ReproGuiError
from repro_gui.text import text


class CannotWrite(ReproGuiError):
    """A report could not be written to the chosen place."""


def write_out(target: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises `CannotWrite`. Devices and pipes (`/dev/stdout`) are written as they are."""
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        real = target.resolve()
        beside = real.with_name(f".{real.name}.{os.getpid()}.part")
        try:
            beside.write_bytes(content)
            beside.replace(real)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(
            text("{path} cannot be written: {reason}.", path=str(target), reason=error.strerror or str(error)),
            text("Choose another place, or make this one writable."),
        ) from error
