"""Finds the checks: every module in the folders of the pillars holds one `CHECK`."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from repro_gui import checks
from repro_gui.checks.check import Check, Pillar


def check_module_names() -> list[str]:
    """Dotted names of all modules that hold a check; packaging asks for them too."""
    names: list[str] = []
    for pillar in Pillar:
        package = importlib.import_module(f"{checks.__name__}.{pillar.value}")
        names.extend(f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__))
    return sorted(name for name in names if not name.rsplit(".", 1)[1].startswith("_"))


@functools.cache
def all_checks() -> tuple[Check, ...]:
    """All checks, by pillar in the order of `Pillar`, then by weight and id."""
    found: list[Check] = [importlib.import_module(name).CHECK for name in check_module_names()]
    pillars, weights = list(Pillar), ["must", "should", "advice"]
    found.sort(key=lambda check: (pillars.index(check.pillar), weights.index(check.weight), check.id))
    return tuple(found)


def find_check(check_id: str) -> Check | None:
    """The check of that id, or None."""
    return next((check for check in all_checks() if check.id == check_id), None)
