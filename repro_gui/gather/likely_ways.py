"""Guesses from bytes alone which sources an audit will look into, so that only these are read whole at once.

A wrong guess costs time and never an answer: what is looked into is read whole then, whatever was guessed.
"""

from __future__ import annotations

import posixpath
import re
from collections import deque
from typing import TYPE_CHECKING

from repro_gui.facts.events import Import
from repro_gui.facts.modules import files_run_by
from repro_gui.facts.sources import ImportedName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from repro_gui.facts.modules import ModuleFinder

_IMPORTS = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]*))", re.MULTILINE
)
_IMPORT_LINES = re.compile(rb"^[ \t]*(?:import|from)[ \t][^\n(]*(?:\([^)]*)?", re.MULTILINE)
_IDENTIFIER = re.compile(rb"\w+")
_NAME = re.compile(rb"([\w.*]+)(?:\s+as\s+\w+)?")
# A call, a loop or a block at the beginning of a line: the module does something when it runs.
_DOES_SOMETHING = re.compile(rb"^(?:[A-Za-z_][\w.]*\(|(?:for|while|with|async)\b)", re.MULTILINE)


def likely_looked_into(contents: Mapping[str, bytes], starts: Iterable[str], finder: ModuleFinder) -> set[str]:
    """Paths among these sources: scripts, what nothing imports, and what `starts` and the scripts lead to."""
    imported = {word for content in contents.values() for word in _imported_words(content)}
    alone = {path for path in contents if not path.endswith("__init__.py") and _stem(path) not in imported}
    scripts = [
        path
        for path, content in contents.items()
        if b"__main__" in content or (path in alone and _DOES_SOMETHING.search(content) is not None)
    ]
    reached = {*starts, *scripts}
    pending = deque(reached)
    while pending:
        here = pending.popleft()
        for name in _imports(contents[here]) if here in contents else ():
            new = [path for path in files_run_by(name, here, finder) if path not in reached]
            reached.update(new)
            pending.extend(new)
    return (reached | alone) & contents.keys()


def _stem(path: str) -> bytes:
    return posixpath.basename(path).partition(".")[0].encode("utf-8", "surrogateescape")


def _imported_words(content: bytes) -> list[bytes]:
    return _IDENTIFIER.findall(b" ".join(_IMPORT_LINES.findall(content)))


def _imports(content: bytes) -> Iterator[ImportedName]:
    for dots, module, names, modules in _IMPORTS.findall(content):
        for name in _NAME.findall(names):
            yield _imported(module, name, len(dots))
        for name in _NAME.findall(modules):
            yield _imported(name, b"", 0)


def _imported(module: bytes, name: bytes, level: int) -> ImportedName:
    return ImportedName(
        Import(0, 0, 0, 0, module.decode("utf-8", "replace"), name.decode("utf-8", "replace"), "", level)
    )
