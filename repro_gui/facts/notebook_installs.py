"""Packages that a notebook installs itself: `!pip install`, `%pip install`, `%conda install`, and shell cells."""

from __future__ import annotations

import re

import msgspec

from repro_gui.facts.dependencies import Requirement
from repro_gui.facts.install_commands import read_install_commands
from repro_gui.facts.program import Program
from repro_gui.location import Location

_SHELL = frozenset({"!", "!!", "bash", "sh", "script", "sx", "system"})
_INSTALLERS = frozenset({"pip", "conda", "mamba", "micromamba", "uv"})
# `!{sys.executable} -m pip`, `!$PYTHON -m pip`: the interpreter of the kernel.
_INTERPRETER = re.compile(r"(?m)^\s*(?:\{[^{}\n]*\}|\$\{?\w+\}?|\"\{[^{}\n]*\}\")(?=\s+-m\s)")
_LONGEST = 20_000


class NotebookInstall(msgspec.Struct, frozen=True):
    """One package that a notebook installs when it runs, and where."""

    requirement: Requirement
    location: Location


def notebook_installs(program: Program) -> dict[str, tuple[NotebookInstall, ...]]:
    """Those of every notebook of the project, by the package's normalised name, in the order of the cells."""
    found: dict[str, list[NotebookInstall]] = {}
    for path in sorted(program.modules):
        module = program.modules[path]
        if not module.is_notebook:
            continue
        for magic in program.code.unit(path).magics:
            if magic.kind in _INSTALLERS:
                command = f"{magic.kind} {magic.text}"
            elif magic.kind in _SHELL and "install" in magic.text:
                command = _INTERPRETER.sub("python", magic.text)
            else:
                continue
            location = module.location(magic)
            for install in read_install_commands(command[:_LONGEST], location, command.split("\n")).installs:
                for requirement in install.requirements:
                    if requirement.name:
                        found.setdefault(requirement.name, []).append(NotebookInstall(requirement, location))
    return {name: tuple(installs) for name, installs in found.items()}


def installed_before(installs: tuple[NotebookInstall, ...], place: Location) -> NotebookInstall | None:
    """The install that a place of the same notebook comes after, when the cells run in their order."""
    return next(
        (
            install
            for install in reversed(installs)
            if install.location.path == place.path
            and (install.location.cell, install.location.line) <= (place.cell, place.line)
        ),
        None,
    )
