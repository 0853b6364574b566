"""What the project declares, locks and has installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from repro_gui.facts.dependencies import (
    ContainerInstall,
    EnvironmentFile,
    FileFormat,
    Image,
    LockedPackage,
    PythonVersion,
    Requirement,
    Unread,
)
from repro_gui.facts.environment_files import parse_environment_file, recognise
from repro_gui.facts.installed import InstalledEnvironment, Interpreter
from repro_gui.facts.unavailable import Unavailable
from repro_gui.text import text

NO_ENVIRONMENT = Unavailable(
    text("No Python environment of this project was found."),
    text("Make one (`python -m venv .venv`) and install the project's packages, or choose an interpreter."),
)

CONTAINER_FORMATS = frozenset({FileFormat.DOCKERFILE, FileFormat.APPTAINER, FileFormat.NIX})


class Environment(msgspec.Struct, frozen=True, dict=True):
    """What the project declares, locks and has installed.

    `files` are in path order. `installed` is the environment that counts: the chosen interpreter's, else the best one
    found; `interpreters` are all that were found.
    """

    files: tuple[EnvironmentFile, ...] = ()
    installed: InstalledEnvironment | Unavailable = NO_ENVIRONMENT
    interpreters: tuple[Interpreter, ...] = ()

    def after(self, contents: Mapping[str, bytes | None]) -> Environment:
        """The facts as they would be with these file contents (None = gone); files that an include names are read too."""
        files = {file.path: file for file in self.files}
        pending = {path for path in contents if path in files or recognise(path) is not None}
        while pending:
            for path in sorted(pending):
                files.pop(path, None)
                content = contents[path]
                if content is not None:
                    files[path] = parse_environment_file(path, content)
            pending = {path for path in missing_includes(files.values()) if contents.get(path) is not None}
        return msgspec.structs.replace(self, files=tuple(files[path] for path in sorted(files)))

    @cached_property
    def remembered(self) -> dict[object, object]:
        """What was worked out from these facts, for as long as they are."""
        return {}

    @cached_property
    def by_path(self) -> dict[str, EnvironmentFile]:
        """Files by their path."""
        return {file.path: file for file in self.files}

    def with_includes(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The paths and those of all files that they include as lists (`-r`), each once, in order."""
        found: dict[str, None] = {}
        pending = list(paths)
        while pending:
            path = pending.pop(0)
            if path not in found:
                found[path] = None
                included = self.by_path[path].includes if path in self.by_path else ()
                pending += [include.path for include in included if include.path and not include.is_constraint]
        return tuple(found)

    @cached_property
    def constraint_files(self) -> frozenset[str]:
        """Files that only limit versions: everything a `-c` names, and what those include."""
        found = {include.path for file in self.files for include in file.includes if include.is_constraint}
        while True:
            more = {
                include.path for path in found if path in self.by_path for include in self.by_path[path].includes
            } - found
            if not more:
                return frozenset(found)
            found |= more

    @cached_property
    def lists(self) -> tuple[EnvironmentFile, ...]:
        """Files that declare dependencies, in path order; files that only limit versions are not among them."""
        return tuple(file for file in self.files if file.is_list and file.path not in self.constraint_files)

    @cached_property
    def locks(self) -> tuple[EnvironmentFile, ...]:
        """Files that fix the whole closure, read or not."""
        return tuple(file for file in self.files if file.is_lock)

    @cached_property
    def containers(self) -> tuple[EnvironmentFile, ...]:
        """Files that an image is built from."""
        return tuple(file for file in self.files if file.format in CONTAINER_FORMATS)

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """Every declared entry of every list, file by file."""
        return tuple(requirement for file in self.lists for requirement in file.requirements)

    @cached_property
    def container_requirements(self) -> tuple[Requirement, ...]:
        """Python packages that images install by name."""
        return tuple(
            requirement for file in self.files for install in file.installs for requirement in install.requirements
        )

    @cached_property
    def declared(self) -> dict[str, tuple[Requirement, ...]]:
        """Entries by normalised name, those of images included."""
        found: dict[str, list[Requirement]] = {}
        for requirement in (*self.requirements, *self.container_requirements):
            if requirement.name:
                found.setdefault(requirement.name, []).append(requirement)
        return {name: tuple(requirements) for name, requirements in found.items()}

    @cached_property
    def locked(self) -> dict[str, tuple[tuple[EnvironmentFile, LockedPackage], ...]]:
        """What the locks fix, by normalised name, each with the lock it stands in."""
        found: dict[str, list[tuple[EnvironmentFile, LockedPackage]]] = {}
        for file in self.locks:
            for package in file.locked:
                found.setdefault(package.name, []).append((file, package))
        return {name: tuple(places) for name, places in found.items()}

    @cached_property
    def python_versions(self) -> tuple[PythonVersion, ...]:
        """Every Python version that any file names."""
        return tuple(version for file in self.files for version in file.python_versions)

    @cached_property
    def images(self) -> tuple[Image, ...]:
        """Every image that any file names, earlier stages of the same file included."""
        return tuple(image for file in self.files for image in file.images)

    @cached_property
    def installs(self) -> tuple[ContainerInstall, ...]:
        """Every install command of every image."""
        return tuple(install for file in self.files for install in file.installs)

    @cached_property
    def unread(self) -> tuple[Unread, ...]:
        """What could not be read, or is not read yet."""
        return tuple(unread for file in self.files for unread in file.unread)


def missing_includes(files: Iterable[EnvironmentFile]) -> set[str]:
    """Paths that `-r` and `-c` lines name and that are not among the files."""
    known = {file.path: file for file in files}
    return {include.path for file in known.values() for include in file.includes if include.path} - known.keys()
