"""What starts the program besides Python itself: README commands, Makefile, shell, MLproject, dvc.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.location import Location
from repro_gui.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class LaunchCommand(msgspec.Struct, frozen=True, array_like=True):
    """A command line found in the project.

    `kind` is where: "readme", "makefile", "shell", "mlproject", "dvc", "console-script", "docker" or "ci". What it starts is one of `script` (a path relative to the
    project, a notebook too), `module` (dotted, from `-m` or a console script, then with `function`), or nothing of
    Python. `arguments` follow the script; `runner` is "python", "torchrun", "accelerate", "deepspeed", "papermill", "nbconvert", "jupyter",
    "mpirun", … `line` counts from 1.
    """

    path: str
    line: int
    kind: str
    argv: tuple[str, ...]
    script: str = ""
    module: str = ""
    function: str = ""
    arguments: tuple[str, ...] = ()
    runner: str = ""
    name: str = ""

    @property
    def location(self) -> Location:
        """Where the command stands."""
        return Location(self.path, self.line)


class LauncherFile(msgspec.Struct, frozen=True, array_like=True):
    """A file that was looked through for commands."""

    path: str
    kind: str
    commands: tuple[LaunchCommand, ...] = ()
    not_read: Text | None = None


class Launchers(msgspec.Struct, frozen=True, dict=True):
    """What starts the program besides Python itself, by file in path order."""

    files: tuple[LauncherFile, ...] = ()

    @property
    def commands(self) -> tuple[LaunchCommand, ...]:
        """All commands in the order of the files."""
        return tuple(command for file in self.files for command in file.commands)

    def after(self, contents: Mapping[str, bytes | None]) -> Launchers:
        """The facts as they would be with these file contents (None = gone)."""
        return self
