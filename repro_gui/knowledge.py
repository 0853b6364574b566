"""Loads the frozen `Knowledge` value from the resources."""

from __future__ import annotations

import functools
import hashlib
import tomllib
from typing import Any

import msgspec

from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.known_checklists import Checklist
from repro_gui.resource_files import list_resources, read_resource_bytes

# Fields that are not read from the file of their name.
_MADE_HERE = frozenset({"checklists", "templates", "hash"})
_TEMPLATES = ("Dockerfile", "Dockerfile.cuda", "dockerignore", "gitignore")


@functools.cache
def load_knowledge() -> Knowledge:
    """Everything known, read once; a damaged resource is a fault of the installation (`msgspec.ValidationError`)."""
    digest = hashlib.sha256()
    parts: dict[str, Any] = {}
    for field in msgspec.structs.fields(Knowledge):
        if field.name not in _MADE_HERE:
            parts[field.name] = msgspec.convert(_read(f"knowledge/{field.name}.toml", digest), field.type)
    checklists = [
        msgspec.convert(_read(path, digest), Checklist)
        for path in list_resources("checklists")
        if path.endswith(".toml")
    ]
    templates = {name: _read_template(f"templates/{name}", digest) for name in _TEMPLATES}
    return Knowledge(**parts, templates=templates, checklists=tuple(checklists), hash=digest.hexdigest()[:16])


def _read_template(path: str, digest: hashlib._Hash) -> str:
    content = read_resource_bytes(path).replace(b"\r\n", b"\n")
    digest.update(path.encode() + b"\0" + content)
    return content.decode("utf-8")


def _read(path: str, digest: hashlib._Hash) -> dict[str, Any]:
    content = read_resource_bytes(path)
    # A checkout on Windows may have other line ends: the knowledge is the same.
    content = content.replace(b"\r\n", b"\n")
    digest.update(path.encode() + b"\0" + content)
    parsed = tomllib.loads(content.decode("utf-8"))
    for entries in parsed.values():
        if isinstance(entries, list):
            for entry in entries:
                # Long lists of names stand as one string with blanks, which is read (and parsed) faster.
                for field in ("names", "cases"):
                    if isinstance(entry, dict) and isinstance(entry.get(field), str):
                        entry[field] = entry[field].split()
    return parsed
