"""Which version of a package the project is known to run with."""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

from repro_gui.facts.environment import Environment
from repro_gui.facts.installed import InstalledEnvironment
from repro_gui.facts.unavailable import Unavailable


def known_version(environment: Environment | Unavailable, package: str) -> Version | None:
    """The installed version, else the one that a list pins; None when nobody knows."""
    if isinstance(environment, Unavailable):
        return None
    versions = [entry.version for entry in environment.declared.get(package, ()) if entry.version]
    if isinstance(environment.installed, InstalledEnvironment):
        installed = environment.installed.by_name.get(package)
        versions = [installed.version] if installed is not None else versions
    try:
        return Version(versions[0]) if versions else None
    except InvalidVersion:
        return None
