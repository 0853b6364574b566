"""The report as one web page: nothing is loaded from anywhere, nothing runs in it."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from repro_gui.audit.report import Answer, AuditReport, CheckResult, Note, Outcome
from repro_gui.checks.check import Pillar
from repro_gui.export.causes import Cause, causes_of, heaviest_weight
from repro_gui.export.checklist_sheet import CHECKLIST_TITLE, TICK_WORDS, answered_by, checklist_sentence
from repro_gui.export.package_table import COLUMNS, SENTENCE, TITLE, table_rows
from repro_gui.export.page_style import STYLE
from repro_gui.export.probe_sheet import operation_line, probe_sentences, told_operations
from repro_gui.export.sheet import ANSWER_WORDS, OUTCOME_WORDS, PILLAR_WORDS, WEIGHT_WORDS
from repro_gui.text import neutralise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MARKS = {Answer.YES: "✓", Answer.PARTLY: "◐", Answer.NO: "✕", Answer.CANNOT_TELL: "?"}
_OUTCOME_MARKS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✕",
    Outcome.COULD_NOT_RUN: "?",
    Outcome.NOT_APPLICABLE: "–",
    Outcome.BY_HAND: "✎",
    Outcome.WAIVED: "⚑",
}
# How much of one check stands on the page at once; nothing is left out of the JSON report.
_MOST_CAUSES = 200
_MOST_PLACES = 50


def render(report: AuditReport) -> bytes:
    """UTF-8 HTML; words of the project are escaped everywhere, and scripts are forbidden by the page's own policy."""
    return "".join(f"{line}\n" for line in _page(report)).encode("utf-8", "backslashreplace")


def _page(report: AuditReport) -> Iterator[str]:
    title = f"Reproducibility audit of {report.project}"
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f'<meta name="generator" content="Repro GUI {_words(report.tool_version)}">'
    yield f"<title>{_words(title)}</title>"
    yield f"<style>{STYLE}</style>"
    yield "</head>"
    yield "<body>"
    yield "<header>"
    yield f"<h1>{_words(title)}</h1>"
    commit = f"commit <code>{_words(report.commit[:12])}</code>" if report.commit else "no commit"
    yield f"<p>{commit} · {report.file_count} files · {_words(report.when)} · Repro GUI {_words(report.tool_version)}</p>"
    if report.is_so_far:
        yield "<p>So far: the entry points are read, the rest of the files not yet.</p>"
    yield "</header>"
    yield "<main>"
    yield from _answers(report)
    for pillar in Pillar:
        results = [result for result in report.results if result.pillar is pillar]
        if results:
            yield f'<section aria-labelledby="pillar-{pillar.value}"><h2 id="pillar-{pillar.value}">{PILLAR_WORDS[pillar]}</h2>'
            for result in results:
                yield from _result(result)
            yield "</section>"
    yield from _packages(report)
    yield from _checklist(report)
    yield from _record(report)
    yield "</main>"
    yield "</body>"
    yield "</html>"


def _answers(report: AuditReport) -> Iterator[str]:
    yield '<section aria-label="The five answers"><ul class="answers">'
    for answered in report.answers:
        yield f'<li class="{answered.answer.value}">'
        mark = f'<span aria-hidden="true">{_MARKS[answered.answer]}</span>'
        yield f'<p class="word">{mark} {ANSWER_WORDS[answered.answer]}</p>'
        yield f"<div><h2>{_words(answered.wording)}</h2>"
        yield f"<p>{_sentence(str(answered.why))}</p>"
        yield from _folded("Line by line", answered.details)
        yield from _folded("Evidence", answered.evidence)
        yield "</div></li>"
    yield "</ul></section>"


def _result(result: CheckResult) -> Iterator[str]:
    is_open = " open" if result.outcome is Outcome.FAILED else ""
    title = result.failure_title if result.outcome is Outcome.FAILED else result.title
    yield f'<details class="check {result.outcome.value}" id="{_words(result.check_id)}"{is_open}>'
    yield (
        f'<summary><span class="mark" aria-hidden="true">{_OUTCOME_MARKS[result.outcome]}</span> {_words(title)} '
        f'<span class="faint">{OUTCOME_WORDS[result.outcome]} · {WEIGHT_WORDS[heaviest_weight(result)]} · '
        f"{_words(result.check_id)}</span></summary>"
    )
    if result.why_not is not None:
        yield f"<p>{_sentence(str(result.why_not))}</p>"
    causes = causes_of(result.findings)
    if causes:
        yield "<ul>"
        for cause in causes[:_MOST_CAUSES]:
            yield from _cause(cause, result)
        yield "</ul>"
        if len(causes) > _MOST_CAUSES:
            yield f"<p>{len(causes) - _MOST_CAUSES} more are in the JSON report.</p>"
    for note in result.undecided:
        yield f"<p>{_note_line(note)}</p>"
    if result.fix is not None:
        yield f'<p class="fix">Fix: {_sentence(result.fix.title)}</p>'
    yield from _folded("Evidence", result.evidence)
    yield "<details><summary>About this check</summary>"
    yield from blocks(result.explanation)
    yield "</details></details>"


def _cause(cause: Cause, result: CheckResult) -> Iterator[str]:
    first = cause.first
    waived = ' <span class="faint">waived</span>' if first.key in result.waivers else ""
    yield f"<li>{_sentence(first.message)}{waived}"
    yield '<ul class="places">'
    for note in cause.notes[:_MOST_PLACES]:
        if note.location is not None:
            other = "" if note.message == first.message else f" {_sentence(note.message)}"
            yield f"<li><code>{_words(str(note.location))}</code>{other}{_code(note)}</li>"
        for step in note.places:
            yield f'<li class="step">{_note_line(step)}</li>'
    if len(cause.notes) > _MOST_PLACES:
        yield f"<li>and {len(cause.notes) - _MOST_PLACES} more places</li>"
    yield "</ul></li>"


def _folded(title: str, notes: Iterable[Note]) -> Iterator[str]:
    lines = [f"<li>{_note_line(note)}</li>" for note in notes]
    if lines:
        yield f"<details><summary>{title} ({len(lines)})</summary><ul>"
        yield from lines
        yield "</ul></details>"


def _note_line(note: Note) -> str:
    place = "" if note.location is None else f" <code>{_words(str(note.location))}</code>"
    return f"{_sentence(note.message)}{place}"


def _code(note: Note) -> str:
    if not note.code:
        return ""
    lines = [
        f'<span class="number">{number:>5}</span> <mark>{_words(line)}</mark>'
        if number == note.line
        else f'<span class="number">{number:>5}</span> {_words(line)}'
        for number, line in enumerate(note.code.split("\n"), note.code_start)
    ]
    return "<pre>" + "\n".join(lines) + "</pre>"


_ROWS = {True: "odd", False: "even"}


def _packages(report: AuditReport) -> Iterator[str]:
    rows, more = table_rows(report)
    if not rows:
        return
    yield f'<section aria-labelledby="packages"><h2 id="packages">{TITLE}</h2><p>{_words(SENTENCE)}</p><table><thead><tr>'
    yield "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    yield "</tr></thead><tbody>"
    for is_odd, (name, *cells) in rows:
        mark = '<span class="mark" role="img" aria-label="does not agree">!</span> ' if is_odd else ""
        row = "".join(f"<td>{_words(cell)}</td>" for cell in cells)
        yield f'<tr class="{_ROWS[is_odd]}"><th scope="row">{mark}<code>{_words(name)}</code></th>{row}</tr>'
    yield "</tbody></table>"
    yield f"<p>{_words(more)}</p></section>" if more else "</section>"


def _checklist(report: AuditReport) -> Iterator[str]:
    note = report.checklist
    if note is None:
        return
    yield f'<section aria-labelledby="checklist"><h2 id="checklist">{CHECKLIST_TITLE}</h2><p>{_words(checklist_sentence(note))}</p>'
    yield '<table><thead><tr><th scope="col">Item</th><th scope="col">State</th><th scope="col">Answered by</th></tr></thead><tbody>'
    for item in note.items:
        cells = (_sentence(item.text), TICK_WORDS[item.tick], _sentence(answered_by(item)))
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</tbody></table></section>"


def _record(report: AuditReport) -> Iterator[str]:
    yield '<section aria-labelledby="record"><h2 id="record">The record</h2>'
    yield from _list(
        "Entry points", (f"<code>{_words(p.path)}</code> {_sentence(str(p.how))}" for p in report.entry_points)
    )
    yield from _list("Not verified", (_sentence(str(sentence)) for sentence in report.not_verified))
    yield from _list(
        "Waived",
        (
            f"<code>{_words(w.finding_key)}</code> {_words(w.reason)} ({_words(w.name)}{', until ' + _words(w.until) if w.until else ''})"
            for w in report.waivers
        ),
    )
    yield from _list(
        "Fixes applied",
        (f"{_words(a.when)}: {_words(str(a.title))}{' (undone)' if a.undone else ''}" for a in report.history),
    )
    if report.probe is not None:
        yield from _list("Determinism probe", (_words(sentence) for sentence in probe_sentences(report.probe)))
        yield from _list(
            "Operations that were not simply steady",
            (_words(operation_line(one)) for one in told_operations(report.probe)),
        )
    yield from _list("The machine of this audit", _device(report.device, ""))
    yield from _list("Not read", (f"<code>{_words(n.path)}</code> {_sentence(str(n.reason))}" for n in report.left_out))
    yield "</section>"


def _device(values: object, name: str) -> Iterator[str]:
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _device(value, f"{name} {key.replace('_', ' ')}".strip())
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _device(value, name)
    elif values not in {None, ""}:
        yield f"{_words(name)}: {_words(str(values))}"


def _list(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"<li>{item}</li>" for item in items]
    if lines:
        yield f"<h3>{title}</h3><ul>"
        yield from lines
        yield "</ul>"


def _words(value: str) -> str:
    """Words as text: control and bidirectional characters shown by code, markup escaped."""
    return html.escape(neutralise(value))


def _sentence(value: str) -> str:
    """A message: as `_words`, and what it puts into backticks as code."""
    parts = re.split(r"`([^`]+)`", value)
    return "".join(f"<code>{_words(part)}</code>" if index % 2 else _words(part) for index, part in enumerate(parts))


# ---- the Markdown of explanations ----

_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^\s)\"]+)\)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_EMPHASIS = re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*(?!\w)")
_FENCE = re.compile(r"^(`{3,})(.*)$")


def blocks(markdown: str) -> Iterator[str]:
    """The Markdown that explanations are written in: headings, paragraphs, lists, fenced code; no HTML passes."""
    paragraph: list[str] = []
    items: list[str] = []
    fence = ""
    fenced: list[str] = []
    for line in [*markdown.strip().split("\n"), ""]:
        if fence:
            if line.strip() == fence:
                yield f"<pre>{_escaped_lines(fenced)}</pre>"
                fence = ""
            else:
                fenced.append(line)
            continue
        starts = _FENCE.match(line.strip())
        heading = re.match(r"(#{1,4}) +(.*)", line)
        item = re.match(r"\s*(?:[-*]|\d+\.) +(.*)", line)
        if item and not paragraph:
            items.append(item[1])
            continue
        if items and line.startswith(("  ", "\t")) and line.strip():
            items[-1] += " " + line.strip()
            continue
        if items:
            yield "<ul>" + "".join(f"<li>{inline(entry)}</li>" for entry in items) + "</ul>"
            items = []
        if paragraph and (starts or heading or not line.strip()):
            yield f"<p>{inline(' '.join(paragraph))}</p>"
            paragraph = []
        if starts:
            fence, fenced = starts[1], []
        elif heading:
            yield f"<h4>{inline(heading[2])}</h4>"
        elif line.strip():
            paragraph.append(line.strip())
    if fence:
        yield f"<pre>{_escaped_lines(fenced)}</pre>"


def inline(markdown: str) -> str:
    """One line of that Markdown: code, links to web pages, bold, emphasis."""
    parts = re.split(r"(`+)(.+?)\1(?!`)", markdown)
    shown: list[str] = []
    for index in range(0, len(parts), 3):
        escaped = html.escape(neutralise(parts[index]), quote=False)
        escaped = _LINK.sub(lambda link: f'<a href="{link[2]}" rel="noreferrer">{link[1]}</a>', escaped)
        shown.append(_EMPHASIS.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", escaped)))
        if index + 2 < len(parts):
            shown.append(f"<code>{_words(parts[index + 2])}</code>")
    return "".join(shown)


def _escaped_lines(lines: list[str]) -> str:
    return "\n".join(_words(line) for line in lines)
