"""The report as Markdown, for an issue, a pull request or a README."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from repro_gui.audit.report import AuditReport, CheckResult, Note, Outcome
from repro_gui.export.causes import Cause, causes_of, heaviest_weight, results_by_weight
from repro_gui.export.checklist_sheet import CHECKLIST_TITLE, TICK_WORDS, answered_by, checklist_sentence
from repro_gui.export.package_table import COLUMNS, SENTENCE, TITLE, table_rows
from repro_gui.export.probe_sheet import operation_line, probe_sentences, told_operations
from repro_gui.export.sheet import ANSWER_WORDS, OUTCOME_WORDS, PILLAR_WORDS, WEIGHT_WORDS
from repro_gui.text import neutralise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST_CAUSES = 20
_MOST_PLACES = 10
# What means something to CommonMark, GitHub or HTML anywhere in a line; `_` only at the edge of a word.
_MEANINGFUL = re.compile(r"[\\*\[\]<>|~$`{}]|(?<!\w)_|_(?!\w)")
# What means something only where a line or an item begins: headings, lists, rules, numbers.
_AT_START = re.compile(r"^(?=[#+=-])|^(\d+)(?=[.)](?:\s|$))")
# Our own sentences put names into backticks; whatever stands between two is inert as code.
_CODE = re.compile(r"`([^`]+)`")


def render(report: AuditReport) -> bytes:
    """UTF-8 GitHub Markdown; words of the project are text in it, never markup."""
    return "".join(f"{line}\n" for line in _lines(report)).encode("utf-8", "backslashreplace")


def _lines(report: AuditReport) -> Iterator[str]:
    commit = f"commit {code(report.commit)}" if report.commit else "no commit"
    yield f"# Reproducibility audit of {words(report.project)}"
    yield ""
    yield f"{commit} · {report.file_count} files · {words(report.when)} · Repro GUI {words(report.tool_version)}"
    yield ""
    yield "| Question | Answer | Why |"
    yield "|---|---|---|"
    for answered in report.answers:
        yield f"| {words(answered.wording)} | **{ANSWER_WORDS[answered.answer]}** | {words(str(answered.why))} |"
    failed = results_by_weight(report.results, Outcome.FAILED)
    if failed:
        yield from ("", f"## To mend ({len(failed)})")
    for result in failed:
        yield from _failure(result)
    undecided = results_by_weight(report.results, Outcome.COULD_NOT_RUN)
    if undecided:
        yield from ("", f"## Cannot tell ({len(undecided)})", "")
    for result in undecided:
        yield f"- **{words(result.title)}** ({code(result.check_id)}): {words(str(result.why_not or ''))}"
    yield from ("", "## Every check", "", "| Check | Pillar | Outcome |", "|---|---|---|")
    for result in report.results:
        yield f"| {code(result.check_id)} | {PILLAR_WORDS[result.pillar]} | {OUTCOME_WORDS[result.outcome]} |"
    if report.checklist is not None:
        yield from ("", f"## {CHECKLIST_TITLE}", "", words(checklist_sentence(report.checklist)), "")
        yield from ("| Item | State | Answered by |", "|---|---|---|")
        for item in report.checklist.items:
            yield f"| {words(item.text)} | **{TICK_WORDS[item.tick]}** | {words(answered_by(item))} |"
    yield from _packages(report)
    yield from _list(
        "Waived",
        (f"{code(w.finding_key)}: {words(w.reason)} ({words(w.name)}{_until(w.until)})" for w in report.waivers),
    )
    yield from _list("Not verified", (words(str(sentence)) for sentence in report.not_verified))
    if report.probe is not None:
        operations = told_operations(report.probe)
        yield from _list(
            "Determinism probe",
            (words(line) for line in (*probe_sentences(report.probe), *map(operation_line, operations))),
        )
    yield from _list("Not read", (f"{code(note.path)}: {words(str(note.reason))}" for note in report.left_out))


def _packages(report: AuditReport) -> Iterator[str]:
    rows, more = table_rows(report)
    if not rows:
        return
    yield from ("", f"## {TITLE}", "", SENTENCE, "")
    yield from (f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}")
    for is_odd, (name, *cells) in rows:
        mark = "⚠ " if is_odd else ""
        yield f"| {mark}{' | '.join([code(name), *map(words, cells)])} |"
    if more:
        yield from ("", more)


def _until(day: str) -> str:
    return f", until {words(day)}" if day else ""


def _list(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"- {item}" for item in items]
    if lines:
        yield from ("", f"## {title}", "", *lines)


def _failure(result: CheckResult) -> Iterator[str]:
    yield from ("", f"### {words(result.failure_title)}", "")
    yield f"{WEIGHT_WORDS[heaviest_weight(result)]} · {PILLAR_WORDS[result.pillar]} · {code(result.check_id)}"
    yield ""
    causes = causes_of(note for note in result.findings if note.key not in result.waivers)
    for cause in causes[:_MOST_CAUSES]:
        yield from _cause(cause)
    if len(causes) > _MOST_CAUSES:
        yield f"- … {len(causes) - _MOST_CAUSES} more"
    if result.fix is not None:
        yield from ("", f"Fix: {words(result.fix.title)}")


def _cause(cause: Cause) -> Iterator[str]:
    places = [_place(note) for note in cause.notes[:_MOST_PLACES] if note.path]
    if len(cause.notes) > _MOST_PLACES:
        places.append(f"{len(cause.notes) - _MOST_PLACES} more places")
    where = f" ({', '.join(places)})" if places else ""
    yield f"- {words(cause.first.message)}{where}"


def _place(note: Note) -> str:
    return code(str(note.location))


def words(value: str) -> str:
    """Words of the project as text: nothing in them is markup, a link or a mention."""
    parts = _CODE.split(neutralise(value))
    return "".join(code(part) if index % 2 else _plain(part, at_start=index == 0) for index, part in enumerate(parts))


def _plain(value: str, *, at_start: bool) -> str:
    escaped = _MEANINGFUL.sub(r"\\\g<0>", value.replace("&", "&amp;"))
    if at_start:
        escaped = _AT_START.sub(lambda found: f"{found[1] or ''}\\", escaped)
    # An invisible space keeps addresses and names from becoming links and mentions.
    return re.sub(r"://|@|www\.", lambda found: f"{found[0]}\u200b", escaped)


def code(value: str) -> str:
    """A name as code: fenced by more backticks than it holds."""
    shown = neutralise(value).replace("|", "¦")
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
