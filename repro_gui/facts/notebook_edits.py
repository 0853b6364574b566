"""Edits of a notebook that leave every other byte as it is."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING

from repro_gui.errors import CannotPlan
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = re.compile(r"[ \t\r\n]*")
# Control characters inside strings are taken, as most readers of notebooks do.
_DECODER = json.JSONDecoder(strict=False)


def without_outputs(content: bytes, path: str) -> bytes:
    """The notebook with the outputs and execution counts of its code cells cleared, as "Clear all outputs" does.

    Raises `CannotPlan` for what is no notebook of format 4.
    """
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    try:
        document = content[len(mark) :].decode("utf-8")
        spans = list(_cleared_spans(document))
    except (ValueError, IndexError, TypeError, KeyError, RecursionError) as error:
        raise CannotPlan(
            text("{path} is no notebook of format 4.", path=path),
            text("Open it in Jupyter, clear all outputs there, and save it."),
        ) from error
    for start, end, replacement in reversed(spans):
        document = document[:start] + replacement + document[end:]
    return mark + document.encode("utf-8")


def _cleared_spans(document: str) -> Iterator[tuple[int, int, str]]:
    """Ranges of the document and what comes into their place, in order."""
    members = {name: span for name, *span in _members(document, _after_space(document, 0))}
    if json.loads(document[slice(*members["nbformat"])]) != 4:
        raise ValueError(document[:1])
    for start in _elements(document, members["cells"][0]):
        cell = {name: span for name, *span in _members(document, start)}
        if json.loads(document[slice(*cell["cell_type"])]) != "code":
            continue
        for name, replacement in sorted(
            (("outputs", "[]"), ("execution_count", "null")), key=lambda one: cell.get(one[0], [0])
        ):
            if name in cell and json.loads(document[slice(*cell[name])], strict=False):
                yield cell[name][0], cell[name][1], replacement


def _members(document: str, position: int) -> Iterator[tuple[str, int, int]]:
    """The members of an object: name, start and end of the value."""
    _expect(document, position, "{")
    position = _after_space(document, position + 1)
    while document[position] != "}":
        name, position = _DECODER.raw_decode(document, position)
        position = _after_space(document, position)
        _expect(document, position, ":")
        start = _after_space(document, position + 1)
        _, end = _DECODER.raw_decode(document, start)
        yield name, start, end
        position = _after_comma(document, end)


def _elements(document: str, position: int) -> Iterator[int]:
    """Where the elements of an array start."""
    _expect(document, position, "[")
    position = _after_space(document, position + 1)
    while document[position] != "]":
        yield position
        _, end = _DECODER.raw_decode(document, position)
        position = _after_comma(document, end)


def _after_comma(document: str, position: int) -> int:
    position = _after_space(document, position)
    return _after_space(document, position + 1) if document[position] == "," else position


def _after_space(document: str, position: int) -> int:
    match = _SPACE.match(document, position)
    return match.end() if match else position


def _expect(document: str, position: int, character: str) -> None:
    if document[position] != character:
        raise ValueError(position)
