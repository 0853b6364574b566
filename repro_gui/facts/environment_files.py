"""Which files say something about the environment, by their names, and which parser reads each."""

from __future__ import annotations

from repro_gui.facts.dependencies import EnvironmentFile, FileFormat


def recognise(path: str) -> FileFormat | None:
    """The format of a file by its path (relative, POSIX), None for files that say nothing about the environment."""
    return None


def parse_environment_file(path: str, content: bytes) -> EnvironmentFile:
    """Read one environment file; a file whose name is not recognised is read as a requirements file (an include)."""
    return EnvironmentFile(path, recognise(path) or FileFormat.REQUIREMENTS)
