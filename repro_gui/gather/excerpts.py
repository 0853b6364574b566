"""Puts the lines around each place into a report, so that it can be read without the project."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import LineIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.audit.report import AuditReport, CheckResult, Note

    # The text of a file, or of one cell of a notebook (from 0; -1 elsewhere); Unavailable where there is none to show.
    ReadText = Callable[[str, int], str | Unavailable]

_AROUND = 2
_LONGEST_LINE = 240
# Findings beyond this many in one check are places of one more cause that nobody reads with code.
_MOST_PER_CHECK = 40


def with_excerpts(report: AuditReport, read_text: ReadText) -> AuditReport:
    """The report with `code` in the notes of its findings and answers; each file is read once."""
    lines = functools.cache(lambda path, cell: _lines(read_text(path, cell)))

    def put(note: Note) -> Note:
        index = lines(note.path, note.cell) if note.path and note.line else None
        places = tuple(put(place) for place in note.places)
        if index is None or note.line > len(index):
            return msgspec.structs.replace(note, places=places) if places else note
        first = max(1, note.line - _AROUND)
        last = min(len(index), max(note.line, min(note.end_line, note.line + 8)) + _AROUND)
        code = "\n".join(index.line(number)[:_LONGEST_LINE] for number in range(first, last + 1))
        return msgspec.structs.replace(note, code=code, code_start=first, places=places)

    def put_all(result: CheckResult) -> CheckResult:
        findings = tuple(put(note) for note in result.findings[:_MOST_PER_CHECK]) + result.findings[_MOST_PER_CHECK:]
        undecided = tuple(put(note) for note in result.undecided[:_MOST_PER_CHECK]) + result.undecided[_MOST_PER_CHECK:]
        return msgspec.structs.replace(result, findings=findings, undecided=undecided)

    return msgspec.structs.replace(report, results=tuple(put_all(result) for result in report.results))


def _lines(content: str | Unavailable) -> LineIndex | None:
    return None if isinstance(content, Unavailable) else LineIndex(content)
