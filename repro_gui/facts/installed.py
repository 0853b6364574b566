"""What is installed in a Python environment, as its files say it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec

from repro_gui.text import Text


class Distribution(msgspec.Struct, frozen=True):
    """An installed distribution.

    `name` is normalised (PEP 503); `version` is as its metadata says, perhaps not a valid one (`is_valid`). `imports`
    are its top-level import names. `requires` are its `Requires-Dist` lines. `source` is `index`, `git`, `archive`,
    `local` or `conda`; `commit` and `url` (without credentials) come from `direct_url.json`.
    """

    name: str
    version: str
    imports: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    source: str = "index"
    url: str = ""
    commit: str = ""
    is_editable: bool = False
    is_valid: bool = True


class Interpreter(msgspec.Struct, frozen=True):
    """A Python environment found by reading folders; never run.

    `path` is that of its folder, absolute: for the person and for our own use, never for an exported report. `label` is
    what may be shown (`.venv`, `conda: research`). `kind` is `venv`, `conda`, `poetry`, `pyenv`, `pipenv`, `uv` or
    `system`. `is_of_project` is true when something ties it to this project. `problem` says what is wrong with it.
    """

    path: str
    label: str
    kind: str
    version: str = ""
    site_packages: tuple[str, ...] = ()
    is_of_project: bool = False
    problem: Text | None = None


class InstalledEnvironment(msgspec.Struct, frozen=True, dict=True, tag=True):
    """The distributions of one environment, versions of its conda packages by name, and what could not be read."""

    interpreter: Interpreter
    distributions: tuple[Distribution, ...] = ()
    conda_packages: dict[str, str] = {}
    unread: tuple[Text, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Distribution]:
        """Distributions by their normalised name."""
        return {distribution.name: distribution for distribution in self.distributions}

    @cached_property
    def by_import(self) -> dict[str, tuple[Distribution, ...]]:
        """Distributions by top-level import name; namespace packages have several."""
        found: dict[str, list[Distribution]] = {}
        for distribution in self.distributions:
            for name in distribution.imports:
                found.setdefault(name, []).append(distribution)
        return {name: tuple(distributions) for name, distributions in found.items()}

    @property
    def python(self) -> str:
        """Version of its Python, empty where unknown."""
        return self.interpreter.version


def environment_of(packages: Mapping[str, str], label: str = ".venv") -> InstalledEnvironment:
    """An environment as a value, for sketches: versions by distribution; `python` is that of its Python.

    Each distribution provides the import of its own name.
    """
    versions = dict(packages)
    python = versions.pop("python", "")
    distributions = tuple(
        Distribution(name, version, imports=(name.replace("-", "_"),)) for name, version in sorted(versions.items())
    )
    return InstalledEnvironment(Interpreter("", label, "venv", python, is_of_project=True), distributions)
