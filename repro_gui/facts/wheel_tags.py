"""For which Pythons wheels were built, from their names.

Source: PyPA specifications, “Binary distribution format” (file names) and “Platform compatibility tags”.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PYTHON_TAG = re.compile(r"(?P<kind>cp|py)(?P<major>\d)(?P<minor>\d*)")


def tags_of(wheels: Iterable[str]) -> tuple[str, ...]:
    """The distinct `python-abi` tags of wheel names or addresses (`cp311-abi3`, `py3-none`), sorted."""
    found: set[str] = set()
    for wheel in wheels:
        name = wheel.partition("#")[0].partition("?")[0].rpartition("/")[2]
        parts = name.removesuffix(".whl").split("-")
        if name.endswith(".whl") and len(parts) >= 5:
            found.update(f"{python}-{abi}" for python in parts[-3].split(".") for abi in parts[-2].split("."))
    return tuple(sorted(found))


def is_built_for(tags: Iterable[str], python: str) -> bool:
    """True when one of the tags installs in CPython `3.11` or `3.11.4`."""
    major, minor = (int(number) for number in python.split(".")[:2])
    return any(_installs(tag, major, minor) for tag in tags)


def _installs(tag: str, major: int, minor: int) -> bool:
    python, _, abi = tag.partition("-")
    found = _PYTHON_TAG.fullmatch(python)
    if found is None or int(found["major"]) != major:
        return False
    least = int(found["minor"] or 0)
    if found["kind"] == "py" or abi == "abi3":
        return minor >= least
    # `cp311` with an ABI of its own, or with none; a free-threaded `cp313t` is another Python.
    return minor == least and abi in {"none", python, f"{python}m", f"{python}mu"}


def pythons_of(tags: Iterable[str]) -> tuple[str, ...]:
    """The minor releases that the tags name (`3.8`, `3.9`), in order, those of other interpreters left out."""
    found = (_PYTHON_TAG.match(tag) for tag in tags)
    numbers = {(int(one["major"]), int(one["minor"])) for one in found if one is not None and one["minor"]}
    return tuple(f"{major}.{minor}" for major, minor in sorted(numbers))
