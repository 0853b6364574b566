"""The report as plain text, for a terminal or a log."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from repro_gui.audit.report import Answer, AuditReport, CheckResult, Note, Outcome
from repro_gui.checks.check import Weight
from repro_gui.export.causes import WEIGHTS, Cause, causes_of, heaviest_weight, results_by_weight
from repro_gui.export.probe_sheet import operation_line, probe_sentences, told_operations
from repro_gui.export.sheet import ANSWER_WORDS, OUTCOME_WORDS, WEIGHT_WORDS
from repro_gui.text import neutralise

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_CAUSES = 12
_MOST_PLACES = 6
_STYLES = {
    "strong": "1",
    "faint": "2",
    "yes": "32",
    "partly": "33",
    "no": "31",
    "cannot-tell": "35",
    "must": "31",
    "should": "33",
    "advice": "36",
    "path": "36",
}


def render(report: AuditReport) -> bytes:
    """UTF-8 without colour, 100 columns; equal reports give equal bytes."""
    return "".join(f"{line}\n" for line in lines_of(report, colour=False)).encode("utf-8", "backslashreplace")


def lines_of(report: AuditReport, *, colour: bool, width: int = 100) -> list[str]:
    """The lines of the report; with colour they carry ANSI sequences, all of them ours."""
    page = _Page(colour=colour, width=width)
    _head(page, report)
    _answers(page, report)
    for weight in WEIGHTS:
        failed = [
            result for result in results_by_weight(report.results, Outcome.FAILED) if heaviest_weight(result) is weight
        ]
        if failed:
            page.title(f"{WEIGHT_WORDS[weight]} ({len(failed)})")
            for result in failed:
                _failure(page, result, weight)
    _undecided(page, report)
    _counts(page, report)
    return page.lines


class _Page:
    """Lines under way; everything that comes in is neutralised."""

    def __init__(self, *, colour: bool, width: int) -> None:
        self.lines: list[str] = []
        self.colour = colour
        self.width = width

    def style(self, style: str, words: str) -> str:
        shown = neutralise(words)
        return f"\x1b[{_STYLES[style]}m{shown}\x1b[0m" if self.colour and style else shown

    def add(self, line: str = "") -> None:
        self.lines.append(line.rstrip())

    def title(self, words: str) -> None:
        self.add()
        self.add(self.style("strong", words))

    def paragraph(self, words: str, indent: int, style: str = "") -> None:
        """Words wrapped to the width, each line indented."""
        for line in self.wrapped(words, self.width - indent):
            self.add(" " * indent + self.style(style, line))

    @staticmethod
    def wrapped(words: str, width: int) -> list[str]:
        return textwrap.wrap(neutralise(words), max(width, 30), break_long_words=False, break_on_hyphens=False) or [""]


def _head(page: _Page, report: AuditReport) -> None:
    page.add(page.style("strong", f"Reproducibility audit of {report.project}"))
    parts = [
        f"commit {report.commit[:12]}" if report.commit else "no commit",
        f"{report.file_count} files",
        report.when,
        f"Repro GUI {report.tool_version}",
    ]
    page.add(page.style("faint", " · ".join(parts)))
    if report.is_so_far:
        page.add("So far: the entry points are read, the rest of the files not yet.")
    page.add()


def _answers(page: _Page, report: AuditReport) -> None:
    column = max(len(word) for word in ANSWER_WORDS.values()) + 2
    for answered in report.answers:
        word = ANSWER_WORDS[answered.answer]
        page.add(
            f"  {page.style(answered.answer, word)}{' ' * (column - len(word))}{page.style('strong', answered.wording)}"
        )
        page.paragraph(str(answered.why), 2 + column)
        if answered.answer is not Answer.YES:
            continue
        for note in answered.evidence[:2]:
            _place_line(page, note, 2 + column)


def _failure(page: _Page, result: CheckResult, weight: Weight) -> None:
    page.add()
    page.add(
        f"  {page.style(weight, '●')} {page.style('strong', result.failure_title)}  {page.style('faint', result.check_id)}"
    )
    shown = [note for note in result.findings if note.key not in result.waivers]
    causes = causes_of(shown)
    for cause in causes[:_MOST_CAUSES]:
        _cause(page, cause)
    if len(causes) > _MOST_CAUSES:
        page.paragraph(f"{len(causes) - _MOST_CAUSES} more; --format json has all of them.", 4, "faint")
    if result.fix is not None:
        how = f"repro-gui fix PATH {result.check_id}" if result.fix.can_plan else f"repro-gui explain {result.check_id}"
        page.paragraph(f"Fix: {result.fix.title} ({how})", 4, "faint")


def _cause(page: _Page, cause: Cause) -> None:
    first = cause.first
    if len(cause.notes) == 1:
        _place_line(page, first, 4)
        for step in first.places[:_MOST_PLACES]:
            _place_line(page, step, 8)
        return
    page.paragraph(first.message, 4)
    for note in cause.notes[:_MOST_PLACES]:
        message = "" if note.message == first.message else note.message
        _place_line(page, note, 8, message)
    if len(cause.notes) > _MOST_PLACES:
        page.paragraph(f"and {len(cause.notes) - _MOST_PLACES} more places", 8, "faint")


def _place_line(page: _Page, note: Note, indent: int, message: str | None = None) -> None:
    """Place and message on one line where they fit, else the message below."""
    words = note.message if message is None else message
    place = "" if note.location is None else neutralise(str(note.location))
    if not place:
        page.paragraph(words, indent)
        return
    shown = page.style("path", place)
    room = page.width - indent - len(place) - 2
    if not words:
        page.add(" " * indent + shown)
    elif len(neutralise(words)) <= room:
        page.add(f"{' ' * indent}{shown}  {page.style('', words)}")
    else:
        page.add(" " * indent + shown)
        page.paragraph(words, indent + 2)


def _undecided(page: _Page, report: AuditReport) -> None:
    """What could not be told by its reason: often one thing that is not known keeps many checks from deciding."""
    by_reason: dict[str, list[CheckResult]] = {}
    for result in results_by_weight(report.results, Outcome.COULD_NOT_RUN):
        by_reason.setdefault(str(result.why_not or ""), []).append(result)
    if not by_reason:
        return
    page.title(f"Cannot tell ({sum(map(len, by_reason.values()))})")
    for reason, results in by_reason.items():
        mark = page.style("cannot-tell", "?")
        if len(results) == 1:
            page.add(f"  {mark} {page.style('', results[0].title)}  {page.style('faint', results[0].check_id)}")
            page.paragraph(reason, 4)
            continue
        first, *others = page.wrapped(reason, page.width - 4)
        page.add(f"  {mark} {page.style('', first)}")
        for line in others:
            page.add(f"    {page.style('', line)}")
        page.paragraph(", ".join(result.check_id for result in results), 4, "faint")


def _counts(page: _Page, report: AuditReport) -> None:
    counted: Counter[Outcome] = Counter(result.outcome for result in report.results)
    parts = [f"{counted[outcome]} {word.lower()}" for outcome, word in OUTCOME_WORDS.items() if counted[outcome]]
    page.title(f"{len(report.results)} checks: {', '.join(parts)}")
    if report.entry_points:
        used = [point.path for point in report.entry_points if point.makes_results]
        page.paragraph(f"Entry points that make results: {_some(used) or 'none found'}.", 2)
    for sentence in report.not_verified:
        page.paragraph(f"Not verified: {sentence}", 2)
    if report.probe is not None:
        page.paragraph(f"Determinism probe: {' '.join(probe_sentences(report.probe))}", 2)
        for one in told_operations(report.probe)[:_MOST_CAUSES]:
            page.paragraph(operation_line(one), 4)
    if report.left_out:
        page.paragraph(
            f"Not read: {len(report.left_out)}, among them {_some([note.path for note in report.left_out])}.", 2
        )


def _some(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
