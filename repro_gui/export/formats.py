"""The formats a report can be had in; a new one is its file and its line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from repro_gui.audit.report import AuditReport
from repro_gui.errors import ReproGuiError
from repro_gui.export import html, json, markdown, pdf, sarif, text
from repro_gui.text import text as text_of


class Format(msgspec.Struct, frozen=True):
    """A format: its name on the command line, its file ending, and what makes the bytes."""

    name: str
    suffix: str
    title: str
    render: Callable[[AuditReport], bytes]
    is_text: bool = True


FORMATS = (
    Format("text", ".txt", "Text", text.render),
    Format("json", ".json", "JSON", json.render),
    Format("pdf", ".pdf", "PDF", pdf.render, is_text=False),
    Format("html", ".html", "Web page", html.render),
    Format("sarif", ".sarif", "SARIF", sarif.render),
    Format("markdown", ".md", "Markdown", markdown.render),
)


def render_all(chosen: Format, reports: Sequence[AuditReport]) -> bytes:
    """Several reports in one: a list in JSON, several runs in SARIF, one after the other in text; one as itself.

    Raises `UnknownFormat` for formats that hold one report only.
    """
    if len(reports) == 1:
        return chosen.render(reports[0])
    if chosen.name == "json":
        return b"[" + b",".join(chosen.render(report) for report in reports) + b"]\n"
    if chosen.name == "sarif":
        return sarif.render_runs(reports)
    if chosen.name in {"text", "markdown"}:
        return b"\n".join(chosen.render(report) for report in reports)
    raise UnknownFormat(
        text_of("A {format} holds one report.", format=chosen.title),
        text_of("Audit the projects one at a time, each with its own --output."),
    )


class UnknownFormat(ReproGuiError):
    """No format has that name."""


def find_format(name: str) -> Format:
    """The format of that name; raises `UnknownFormat`."""
    for known in FORMATS:
        if known.name == name:
            return known
    raise UnknownFormat(
        text_of("There is no format {name}.", name=name),
        text_of("Choose one of: {names}.", names=", ".join(known.name for known in FORMATS)),
    )
