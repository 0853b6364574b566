"""Which part of a text has which colour role, through pygments; no Qt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from repro_gui.text import neutralise

if TYPE_CHECKING:
    from collections.abc import Iterator

# Beyond this a text is shown without colours: they would take longer than one looks at them.
MOST_COLOURED = 400_000
_LEXERS = {"ipynb": "python", "lock": "toml", "dvc": "yaml", "cfg": "ini"}


def coloured_spans(code: str, file_name: str) -> Iterator[tuple[int, int, str]]:
    """Start, length and colour role of each part that is not plain; a language that is not known has none."""
    if len(code) > MOST_COLOURED:
        return
    # Imported here: its lexers are not needed before the first code is shown.
    from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
    from pygments.util import ClassNotFound

    try:
        ending = file_name.rsplit(".", 1)[-1].lower()
        lexer = get_lexer_by_name(_LEXERS[ending]) if ending in _LEXERS else get_lexer_for_filename(file_name)
    except ClassNotFound:
        return
    lexer.stripnl = False
    lexer.ensurenl = False
    for start, kind, value in lexer.get_tokens_unprocessed(code):
        if (role := _role(str(kind))) and value:
            yield start, len(value), role


def harmless(code: str) -> str:
    """The same lines with tabs kept and other control or bidirectional characters shown as escapes."""
    normal = code.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    return "\n".join("\t".join(neutralise(part) for part in row.split("\t")) for row in normal.split("\n"))


def _role(kind: str) -> str:
    for pattern, role in _ROLES:
        if pattern.search(kind):
            return role
    return ""


_ROLES = tuple(
    (re.compile(pattern), role)
    for pattern, role in (
        (r"Comment", "code_comment"),
        (r"String", "code_string"),
        (r"Keyword|Operator\.Word|Name\.Tag", "code_keyword"),
        (r"Number|Constant|Name\.Attribute", "code_literal"),
        (r"Name\.(Function|Class|Builtin|Decorator|Namespace)", "code_name"),
    )
)
