"""The digest of its list that a lock of poetry or pdm holds, and the digests that a `pyproject.toml` gives today.

Both tools hash the tables that decide what is resolved, as JSON with sorted keys, and refuse or warn where the digests
differ (`poetry check --lock`, `pdm lock --check`). What goes in has changed between their releases, so a list has
several digests, and a lock that holds any of them was made from it.

Sources: `Locker._get_content_hash` of poetry 2.5, 2.2 and 1.8; `PyProject.content_hash` of pdm 2.29, 2.18 and 2.10.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name

from repro_gui.facts.dependencies import FileFormat

_SHA256 = re.compile(r"[0-9a-f]{64}")
_POETRY_KEYS = ("dependencies", "source", "extras", "dev-dependencies")
_PROJECT_KEYS = ("requires-python", "dependencies", "optional-dependencies")
# Locks of pdm before 2.8 were hashed in ways that are not known here.
_FIRST_PDM_LOCK = (4, 4)


def digests_of_list(values: Mapping[str, Any]) -> tuple[str, ...]:
    """`poetry:` and `pdm:` with the SHA-256 of what they would hash of this `pyproject.toml`; none where they could not."""
    try:
        found = [f"poetry:{_sha256(hashed)}" for hashed in _poetry(values)]
        found += [f"pdm:{_sha256(hashed)}" for hashed in _pdm(values)]
    except (TypeError, ValueError, RecursionError):  # a date, or nesting without end
        return ()
    return tuple(dict.fromkeys(found))


def digest_in_lock(values: Mapping[str, Any], kind: FileFormat) -> str:
    """The digest that the lock was made from, written in the same way; empty where it holds none that can be compared."""
    metadata = _table(values, "metadata")
    if kind is FileFormat.POETRY_LOCK:
        tool, digest = "poetry", str(metadata.get("content-hash"))
    elif kind is FileFormat.PDM_LOCK and _numbers(metadata.get("lock_version")) >= _FIRST_PDM_LOCK:
        tool, digest = "pdm", str(metadata.get("content_hash")).removeprefix("sha256:")
    else:
        return ""
    return f"{tool}:{digest}" if _SHA256.fullmatch(digest) else ""


def differ(lock: Iterable[str], of_list: Iterable[str]) -> bool:
    """True when a lock was made from a list with another digest, by a tool whose digest of the list is known."""
    known = set(of_list)
    return any(
        digest not in known and any(one.startswith(f"{digest.partition(':')[0]}:") for one in known) for digest in lock
    )


def _sha256(hashed: object) -> str:
    return hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()


def _poetry(values: Mapping[str, Any]) -> Iterator[object]:
    poetry, groups = _table(values, "tool", "poetry"), _table(values, "dependency-groups")
    project = {key: value for key, value in _table(values, "project").items() if key in _PROJECT_KEYS}
    legacy = {key: poetry.get(key) for key in _POETRY_KEYS}
    if "group" in poetry:
        legacy["group"] = poetry["group"]
    # Dependency groups count since 2.3, `[project]` since 2.0.
    for counted in ({"project": project, "dependency-groups": groups}, {"project": project}):
        filled = {key: value for key, value in counted.items() if value}
        if filled:
            yield {**filled, "tool": {"poetry": {key: value for key, value in legacy.items() if value is not None}}}
    yield legacy


def _pdm(values: Mapping[str, Any]) -> Iterator[object]:
    project, pdm = _table(values, "project"), _table(values, "tool", "pdm")
    if "workspace" in pdm:  # then the lists of its members count too
        return
    groups: dict[str, list[Any]] = {}
    for tables in (_table(values, "dependency-groups"), _table(pdm, "dev-dependencies")):
        for name, entries in tables.items():
            groups.setdefault(canonicalize_name(name), []).extend(entries if isinstance(entries, list) else [])
    resolution = _table(pdm, "resolution")
    for development in (groups, _table(pdm, "dev-dependencies")):
        hashed = {
            "sources": pdm.get("source", []),
            "dependencies": project.get("dependencies", []),
            "dev-dependencies": development,
            "optional-dependencies": project.get("optional-dependencies", {}),
            "requires-python": project.get("requires-python", ""),
        }
        yield {**hashed, "resolution": resolution}
        yield {**hashed, "overrides": resolution.get("overrides", {})}


def _table(values: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    found: object = values
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _numbers(version: object) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).split(".") if part.isdecimal())
