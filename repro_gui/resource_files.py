"""The only way to open something in `resources/`: in a checkout, in an installed wheel, in the built program."""

from __future__ import annotations

import functools
from pathlib import Path, PurePosixPath


@functools.cache
def _root() -> Path:
    package = Path(__file__).resolve().parent
    # A wheel and the built program carry the folder inside the package; a checkout has it beside.
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


def resource_path(relative: str) -> Path:
    """Path of a resource that exists; a missing one is a fault of the installation (`FileNotFoundError`)."""
    named = PurePosixPath(relative)
    path = _root() / named
    if named.is_absolute() or ".." in named.parts or not path.exists():
        problem = f"the installation lacks resources/{relative}"
        raise FileNotFoundError(problem)
    return path


def read_resource_bytes(relative: str) -> bytes:
    """The bytes of a resource."""
    return resource_path(relative).read_bytes()


def read_resource_text(relative: str) -> str:
    """The text of a resource, which is always UTF-8."""
    return resource_path(relative).read_text(encoding="utf-8")


def list_resources(folder: str) -> list[str]:
    """Relative paths of the files directly in a folder of resources, sorted."""
    root = _root()
    return sorted(path.relative_to(root).as_posix() for path in resource_path(folder).iterdir() if path.is_file())
