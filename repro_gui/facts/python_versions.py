"""Python versions as files name them."""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from repro_gui.facts.decoded_text import decode_text
from repro_gui.facts.dependencies import EnvironmentFile, FileFormat, PythonVersion, Unread
from repro_gui.location import Location
from repro_gui.text import text

_VERSION = re.compile(
    r"(?:c?python|py|pypy)?-?v?(?P<version>[23](?:\.\d+){0,2})(?:\.\*|\.x)?(?P<rest>[a-z]+\d+)?", re.IGNORECASE
)
_MOST_LINES = 1_000


def named_version(written: str) -> str:
    """The numbers in `3.11.4`, `python-3.11.4`, `cpython-3.11`, `3.11.*`; empty for anything else."""
    found = _VERSION.fullmatch(written.strip())
    if found is None:
        return ""
    return found["version"] + (found["rest"] or "")


def version_of_specifier(written: str) -> tuple[str, bool]:
    """The version of a specifier like `==3.11.4` or `==3.11.*` and False; `""` and True for a range.

    Poetry's bare `3.11.4` means exactly that version; `~3.11` and `^3.11` are ranges.
    """
    plain = named_version(written)
    if plain:
        return plain, False
    try:
        clauses = list(SpecifierSet(written))
    except InvalidSpecifier:
        return "", True
    for clause in clauses:
        if clause.operator in {"==", "==="}:
            return clause.version.removesuffix(".*"), False
    return "", True


def python_requirement(written: str, kind: str, location: Location) -> PythonVersion:
    """What `requires-python` and its kin say."""
    version, is_range = version_of_specifier(written)
    return PythonVersion(written, version, kind, location, is_range=is_range)


def parse_python_version(path: str, content: bytes) -> EnvironmentFile:
    """Read `.python-version`, `runtime.txt` and `.tool-versions`."""
    name = path.rpartition("/")[2]
    decoded = decode_text(content)
    if decoded is None:
        unread = Unread(text("{path} is not text", path=path), Location(path))
        return EnvironmentFile(path, FileFormat.PYTHON_VERSION, unread=(unread,))
    versions: list[PythonVersion] = []
    unreads: list[Unread] = []
    for number, line in enumerate(decoded.content.splitlines()[:_MOST_LINES], 1):
        stripped = line.split("#", 1)[0].strip()
        words = stripped.split()
        if not words or (name == ".tool-versions" and words[0] != "python"):
            continue
        candidates = words[1:] if name == ".tool-versions" else words
        if name == "runtime.txt" and not stripped.lower().startswith("python"):
            continue
        location = Location(path, number, line.index(candidates[0]) + 1 if candidates else 1)
        if candidates and named_version(candidates[0]):
            versions.append(PythonVersion(stripped, named_version(candidates[0]), name, location))
        else:
            unreads.append(
                Unread(text("`{entry}` is not a Python version", entry=stripped[:80]), location, is_fault=False)
            )
    # pyenv lists further versions below the one that counts.
    first = versions[:1] if name == ".python-version" else versions
    return EnvironmentFile(path, FileFormat.PYTHON_VERSION, python_versions=tuple(first), unread=tuple(unreads))
