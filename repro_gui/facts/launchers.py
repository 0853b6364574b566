"""What starts the program besides Python itself: README commands, Makefile, shell, MLproject, dvc.yaml."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.mlproject import MLflowProject, read_mlflow_project
from repro_gui.location import Location
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Mapping

# Goes into the cache key of launchers, as `sources.SUMMARISER_VERSION` does.
LAUNCHER_VERSION = 4
MOST_BYTES = 1024 * 1024


class PipelineStage(msgspec.Struct, frozen=True, array_like=True):
    """What a `dvc.yaml` says of the stage round a command.

    `writes`: it has outputs, metrics or plots. `parameters` are those that DVC records in `dvc.lock` (`train.lr`, or the
    name of a whole file), from `parameters_line` on.
    """

    writes: bool
    parameters: tuple[str, ...] = ()
    parameters_line: int = 0


class LaunchCommand(msgspec.Struct, frozen=True, array_like=True):
    """A command line found in the project.

    `kind` is where: "readme", "makefile", "shell", "mlproject", "dvc", "console-script", "docker" or "ci". What it starts
    is one of `script` (as written, from the project's folder or the one it stands in; a notebook too) or `module`
    (dotted, from `-m` or, with `function`, from a console script); both empty: nothing of Python. `arguments` follow it;
    `runner` is "python", "torchrun", "accelerate", "deepspeed", "papermill", "nbconvert", "jupyter", "dvc", "make",
    "bash", … or empty for any other program. `name` is that of a console script, target, stage or entry point. `line`
    counts from 1.
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
    stage: PipelineStage | None = None

    @property
    def location(self) -> Location:
        """Where the command stands."""
        return Location(self.path, self.line)

    @property
    def starts_python(self) -> bool:
        """True when it is known which script, notebook or module it starts."""
        return bool(self.script or self.module)


class LauncherFile(msgspec.Struct, frozen=True, array_like=True):
    """A file that was looked through for commands; `project` is what an `MLproject` says beside them."""

    path: str
    kind: str
    commands: tuple[LaunchCommand, ...] = ()
    not_read: Text | None = None
    project: MLflowProject | None = None


class Launchers(msgspec.Struct, frozen=True, dict=True):
    """What starts the program besides Python itself, by file in path order."""

    files: tuple[LauncherFile, ...] = ()

    @cached_property
    def by_path(self) -> Mapping[str, LauncherFile]:
        """Files by path."""
        return {file.path: file for file in self.files}

    @cached_property
    def commands(self) -> tuple[LaunchCommand, ...]:
        """All commands, those that people are told first: README, then what runs it by name, CI last."""
        ordered = sorted(self.files, key=lambda file: (_ORDER.index(file.kind), file.path.count("/"), file.path))
        return tuple(command for file in ordered for command in file.commands)

    def after(self, contents: Mapping[str, bytes | None]) -> Launchers:
        """The facts as they would be with these file contents (None = gone)."""
        changed = {path: content for path, content in contents.items() if launcher_kind(path)}
        if not changed:
            return self
        files = dict(self.by_path)
        for path, content in changed.items():
            if content is None:
                files.pop(path, None)
            else:
                files[path] = read_launchers(path, content)
        return msgspec.structs.replace(self, files=tuple(files[path] for path in sorted(files)))


_ORDER = ("readme", "dvc", "mlproject", "makefile", "shell", "console-script", "docker", "ci")
_GUIDE = re.compile(
    r"(readme|reproduc|usage|run|running|experiments?|(pre_?|fine_?)?train(ing)?|fine_?tun(e|ing)|evaluat(e|ion)|linear_?prob(e|ing)"
    r"|quick_?start|getting_?started|instructions?)[^.]*(\.(md|rst|txt|markdown))?",
    re.IGNORECASE,
)
_SHELL = (".sh", ".bash", ".zsh", ".sbatch", ".slurm", ".job", ".pbs", ".qsub")


def launcher_kind(path: str) -> str:
    """What kind of launcher a file is by its name; empty for none."""
    folder, name = posixpath.split(path)
    lower = name.lower()
    if lower in {"makefile", "gnumakefile"} or lower.endswith((".mk", ".makefile")):
        return "makefile"
    if name == "MLproject":
        return "mlproject"
    if name == "dvc.yaml":
        return "dvc"
    if name in {"pyproject.toml", "setup.cfg", "setup.py"}:
        return "console-script"
    if lower.endswith(_SHELL):
        return "shell"
    if (
        lower in {"dockerfile", "containerfile"}
        or lower.startswith("dockerfile.")
        or lower.endswith((".dockerfile", "-dockerfile"))
    ):
        return "docker"
    if lower.endswith((".yml", ".yaml")) and (
        folder.endswith(".github/workflows") or lower in {".gitlab-ci.yml", "azure-pipelines.yml"}
    ):
        return "ci"
    if _GUIDE.fullmatch(lower) and (lower.endswith((".md", ".rst", ".txt", ".markdown")) or lower == "readme"):
        return "readme"
    return ""


def read_launchers(path: str, content: bytes) -> LauncherFile:
    """Look through a launcher for commands; never raises: what cannot be read is `not_read` with its reason."""
    from repro_gui.facts.decoded_text import decode_text
    from repro_gui.facts.launcher_files import READERS

    kind = launcher_kind(path)
    if len(content) > MOST_BYTES:
        return LauncherFile(path, kind, not_read=text("It is larger than {limit} bytes.", limit=MOST_BYTES))
    decoded = decode_text(content)
    if decoded is None:
        return LauncherFile(path, kind, not_read=text("It is binary."))
    commands = READERS[kind](path, decoded.content)
    if isinstance(commands, Text):
        return LauncherFile(path, kind, not_read=commands)
    project = read_mlflow_project(decoded.content) if kind == "mlproject" else None
    return LauncherFile(path, kind, tuple(commands), project=project)
