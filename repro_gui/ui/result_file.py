"""What a worker found, handed over in a file where a line would be too long."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

Told = TypeVar("Told")


def take_result(path: str, kind: type[Told]) -> Told:
    """Read and delete the file of a result; raises OSError or `msgspec.DecodeError`."""
    file = Path(path)
    content = file.read_bytes()
    file.unlink(missing_ok=True)
    return msgspec.json.decode(content, type=kind)
