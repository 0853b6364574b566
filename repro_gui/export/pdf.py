"""The report as a PDF (A-3a and UA-1) that an outsider can check: typst sets it, the JSON report travels inside."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_gui.errors import ReproGuiError
from repro_gui.export.sheet import sheet_of
from repro_gui.resource_files import read_resource_bytes
from repro_gui.text import neutralise, text

if TYPE_CHECKING:
    from typst import Fonts

    from repro_gui.audit.report import AuditReport

ATTACHMENT = "report.repro.json"


class CannotTypeset(ReproGuiError):
    """The PDF could not be made."""


def render(report: AuditReport) -> bytes:
    """A tagged PDF with the report attached as JSON; equal reports give equal bytes.

    The date inside is `SOURCE_DATE_EPOCH` where that is set, else the date of the audit. Characters that no bundled
    font can show appear as their code points. Raises `CannotTypeset`.
    """
    import typst

    attachment = report.to_json()
    sheet = sheet_of(report, hashlib.sha256(attachment).hexdigest(), ATTACHMENT)
    try:
        return _compile(
            read_resource_bytes("templates/report.typ"),
            {
                "report": json.dumps(_showable(sheet), ensure_ascii=False, sort_keys=True),
                "attachment": attachment.decode("utf-8"),
            },
            _timestamp(report),
        )
    except typst.TypstError as error:
        raise CannotTypeset(
            text("The PDF could not be set ({reason}).", reason=str(error).splitlines()[0]),
            text("Export as HTML instead, and report this with the log."),
        ) from error


def _compile(source: bytes, inputs: dict[str, str], timestamp: dt.datetime) -> bytes:
    """A PDF that is accessible (UA-1) and fit for archives with the report inside (A-3a), or `typst.TypstError`."""
    import typst

    return typst.compile(
        source,
        sys_inputs=inputs,
        font_paths=_fonts(),
        pdf_standards=["a-3a", "ua-1"],
        timestamp=timestamp,
    )


@functools.cache
def _fonts() -> Fonts:
    """The typeface of the report; the monospaced one comes with typst.

    Fonts of the system would make other bytes of the same report on another machine.
    """
    import font_source_sans_pro
    import typst

    folder = Path(font_source_sans_pro.__file__).parent / "files"
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])


def _timestamp(report: AuditReport) -> dt.datetime:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC)
    return dt.datetime.fromisoformat(report.when).astimezone(dt.UTC)


def _showable(value: Any) -> Any:
    if isinstance(value, str):
        return _showable_text(neutralise(value))
    if isinstance(value, list | tuple):
        return [_showable(item) for item in value]
    if isinstance(value, dict):
        return {name: _showable(item) for name, item in value.items()}
    return value


def _showable_text(value: str) -> str:
    if value.isascii():
        return value
    # Composed letters are in the fonts far more often than base letter and mark.
    composed = unicodedata.normalize("NFC", value)
    return "".join(character if _is_shown(character) else f"⟨U+{ord(character):04X}⟩" for character in composed)


# What the bundled text font is known to cover whole; everything else is asked one character at a time.
_CERTAIN = re.compile(
    "[\t\n -~\u00a0-\u017f\u0391-\u03a1\u03a3-\u03c9\u0410-\u044f\u2013\u2014\u2018-\u201d\u2022\u2026]"
)

# From here on there are East Asian scripts and emoji, which the bundled fonts do not have at all.
_FIRST_EAST_ASIAN = 0x2E80


@functools.cache
def _is_shown(character: str) -> bool:
    """Whether typst sets the character under both standards: it refuses missing glyphs and private code points."""
    if _CERTAIN.fullmatch(character):
        return True
    if unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"}:
        return False
    if ord(character) >= _FIRST_EAST_ASIAN:
        return False
    import typst

    source = '#set document(title: "probe")\n#set text(font: "{}")\n#sys.inputs.text\n'
    try:
        for font in ("Source Sans Pro", "DejaVu Sans Mono"):
            _compile(source.format(font).encode(), {"text": character}, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
    except typst.TypstError:
        return False
    return True
