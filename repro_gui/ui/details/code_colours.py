"""Which part of a text has which colour role, through pygments; no Qt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from repro_gui.text import neutralise

if TYPE_CHECKING:
    from collections.abc import Iterator

# Beyond this a text is shown without colours: they would take longer than one looks at them.
MOST_COLOURED = 400_000
# By the ending, or the whole name of files that have none: to ask pygments what fits a name takes half a second the first
# time, since it compiles the patterns of all its languages.
_LEXERS = {
    **dict.fromkeys(("py", "pyi", "pyw", "ipynb"), "python"),
    **dict.fromkeys(("toml", "lock"), "toml"),
    **dict.fromkeys(("yaml", "yml", "dvc"), "yaml"),
    **dict.fromkeys(("cfg", "ini", "conf", "gitattributes", "gitconfig"), "ini"),
    **dict.fromkeys(("sh", "bash", "zsh", "slurm", "sbatch"), "bash"),
    **dict.fromkeys(("html", "htm"), "html"),
    **dict.fromkeys(("json", "sarif"), "json"),
    **dict.fromkeys(("makefile", "mk"), "make"),
    **dict.fromkeys(("dockerfile", "containerfile"), "docker"),
    **dict.fromkeys(("md", "markdown"), "markdown"),
    "mlproject": "yaml",
    "css": "css",
    "r": "r",
    "jl": "julia",
    "xml": "xml",
    "sql": "sql",
    "cu": "cuda",
}


def coloured_spans(code: str, file_name: str) -> Iterator[tuple[int, int, str]]:
    """Start, length and colour role of each part that is not plain; a language that is not known has none."""
    if len(code) > MOST_COLOURED:
        return
    # Imported here: its lexers are not needed before the first code is shown.
    from pygments.lexers import get_lexer_by_name

    name = file_name.rsplit("/", 1)[-1].lower()
    known = _LEXERS.get(name.rsplit(".", 1)[-1]) or _LEXERS.get(name.split(".", 1)[0])
    if known is None:
        return
    lexer = get_lexer_by_name(known)
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
