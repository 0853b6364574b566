"""What one path is called by each check that sees it, so that only one of them tells of it."""

from __future__ import annotations


def cause_of_path(path: str) -> str:
    """The cause under which `hard-coded-path` and `unversioned-data` tell of a path, as it is written in the code."""
    return path
