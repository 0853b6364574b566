"""The outline of a source: what it imports, without the time that Python's own parser takes for the rest.

`ast_serialize`, the parser that mypy is moving to, is Ruff's: it checks a source in a fifth of the time that `ast` and its
records take. It does not say where the names of an import stand, so these are read from the lines: only where both count
the same imports, and every `import` of the source is one of them, is there an outline. Everything else is read whole, and so
is whatever has a say in what runs before somebody looks into it (main guards, changes of `sys.path`, imports under a
condition), and what only some Pythons take.
"""

from __future__ import annotations

import bisect
import codecs
import functools
import itertools
import re
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

from repro_gui.facts.events import Import
from repro_gui.facts.sources import ImportedName, ModuleSummary, may_hold
from repro_gui.facts.summarise import Undecodable, decode_source, summarise, wide_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

# Goes into the cache key of outlines: raise it whenever `outline` gives another answer for the same bytes.
OUTLINER_VERSION = 1
# Below this no source can have as many nodes or bytes as any limit allows.
_MOST_BYTES = 64 * 1024
# A look-behind after the word: a pattern that begins with plain letters is searched for much faster.
_WORD = re.compile(rb"import(?<!\wimport)(?!\w)")
_STATEMENT = re.compile(
    rb"(?P<indent>[ \t]*)(?:"
    rb"import +(?P<modules>\w[\w.]*(?: +as +\w+)?(?: *, *\w[\w.]*(?: +as +\w+)?)*)"
    rb"|from +(?P<level>\.*) *(?P<module>[\w.]*) +import *(?:\((?P<block>[^()]*)\)| (?P<names>[\w ,*]+))"
    rb") *(?:#.*)?\r?$",
    re.MULTILINE,
)
_NAME = re.compile(rb"([\w.*]+)(?:\s+as\s+(\w+))?")
_COMMENT = re.compile(rb"#[^\n]*")
# What Pythons newer than the oldest that we run on take: a trace of it, which is looked for quickly, and it. Patterns begin with
# plain letters where they can. PEP 695 (`type X`, `def f[T]`), PEP 798 (`[*a for …]`), PEP 810 (`lazy import`), names of characters.
_NEWER = tuple(
    (trace, re.compile(expression))
    for trace, expression in (
        (b"type ", rb"type +\w+\s*[=\[]"),
        (b"def ", rb"def +\w+\s*\["),
        (b"class ", rb"class +\w+\s*\["),
        (b"(*", rb"\(\*[^()]*?\bfor\b"),
        (b"[*", rb"\[\*[^\[\]]*?\bfor\b"),
        (b"{*", rb"\{\*[^{}]*?\bfor\b"),
        (b"lazy ", rb"lazy +(?:import|from)\b"),
        (b"\\N{", rb"N\{"),
    )
)
_FORMATTED = (b'f"', b"f'", b'fr"', b"fr'")
# Most of them: one line, fields with neither braces nor quotes of its own in them.
_SIMPLE = {
    quote: re.compile(rb"%b(?!%b)[^%b\\{}\n]*(?:\{[^%b\\{}\n#]*\}[^%b\\{}\n]*)*%b" % (quote, quote * 2, *[quote] * 4))
    for quote in (b'"', b"'")
}
# Before the `f` of a string there may be an `r` and nothing else that belongs to a name.
_ENDS_A_WORD = re.compile(rb"(?:\wr|(?!r)\w)$")
_IN_FIELD = re.compile(rb"\{[^}]*[\\#]")
_PATH_OF_SYS = re.compile(rb"sys\W*(?:path\b|#)")
_FUNCTION = re.compile(rb" *(?:async +)?def +\w+\([^#\"']*: *(?:#.*)?\r?")
_HOLDER = re.compile(rb" *(?:(?:async +)?def|class) +\w+[^#\"']*: *(?:#.*)?\r?")
_LIST = 0x14


class OutlinedModule(ModuleSummary, frozen=True, array_like=True, gc=True, dict=True):
    """A source of which only the header was read; the rest is read from `source`, its UTF-8 bytes, when somebody asks.

    Whatever asks gets the answer of a source that was read at once. What begins with `may_` looks at the bytes, and says yes in
    doubt; only a text that is pieced together of escapes and halves is not seen by `may_hold`.
    """

    source: bytes = b""

    @property
    def is_whole(self) -> bool:
        """Never."""
        return False

    @cached_property
    def whole(self) -> ModuleSummary:
        """The module as `summarise` reads it."""
        return summarise(self.path, self.source)

    # What the header lacks is the whole module's; its types are those of `ModuleSummary`.
    if not TYPE_CHECKING:
        binds = property(attrgetter("whole.binds"))
        exports = property(attrgetter("whole.exports"))
        called = property(attrgetter("whole.called"))
        aliases = property(attrgetter("whole.aliases"))
        has_effects = property(attrgetter("whole.has_effects"))
        has_walrus = property(attrgetter("whole.has_walrus"))
        encoded = property(attrgetter("whole.encoded"))

    @property
    def nodes(self) -> int:
        """At most so many."""
        return len(self.source)

    @property
    def extends_path(self) -> bool:
        """Never: what does is not outlined."""
        return False

    def may_call(self, last_names: AbstractSet[str]) -> bool:
        """Whether a name stands before a bracket."""
        return any(
            _UNNAMED_CALL.search(self.source) is not None
            if name == "()"
            else name.encode() in self.source and _call_of(name).search(self.source) is not None
            for name in last_names
        )

    def may_name(self, names: AbstractSet[str]) -> bool:
        """Whether one of the names stands anywhere."""
        return any(name.encode() in self.source for name in names)

    def may_rename(self, last_name: str) -> bool:
        """Whether the name stands at the end of something that is assigned, or in a `partial`."""
        return last_name.encode() in self.source and _renaming_of(last_name).search(self.source) is not None

    def may_hold(self, parts: Iterable[bytes], short: Iterable[bytes], beginning: bytes) -> bool:
        """Whether a part stands anywhere, or a beginning behind a quote or the field of an f-string."""
        return may_hold(self.source, parts, short, _quoted(beginning))


# `getter()(url)`: what is called has no name.
_UNNAMED_CALL = re.compile(rb"[)\]}\"'](?:[\s\\]|#[^\n]*\n)*\(")


@functools.lru_cache(maxsize=8)
def _quoted(beginning: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"[\"'}](?:%b)" % beginning)


@functools.lru_cache(maxsize=256)
def _call_of(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"%b(?<!\w%b)[\s\\]*[(#]" % (name.encode(), name.encode()))


@functools.lru_cache(maxsize=256)
def _renaming_of(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"%b(?<!\w%b)[ \t]*(?:[)\]\\;,#\r\n]|$)" % (name.encode(), name.encode()))


def outline(path: str, content: bytes) -> ModuleSummary | None:
    """The header of a source without a body (`encoded` is empty); None where only reading it whole tells what it imports."""
    if len(content) > _MOST_BYTES or b"__main__" in content or b"addsitedir" in content or _PATH_OF_SYS.search(content):
        return None
    if any(trace in content and newer.search(content) for trace, newer in _NEWER) or not _are_fields_plain(content):
        return None
    source = _as_utf8(content)
    written = None if source is None else _written(content)
    if source is None or written is None:
        return None
    import ast_serialize

    _, errors, _, imports, about = ast_serialize.parse("source.py", content)
    count = sum(len(one["modules"].split(b",")) if one["modules"] else 1 for one in written)
    if errors or about["uses_template_strings"] or _count(imports) != count:
        return None
    lines = content.split(b"\n")
    starts = [0, *itertools.accumulate(len(line) + 1 for line in lines)]
    names: list[ImportedName] = []
    for one in written:
        is_deferred = bool(one["indent"])
        if is_deferred and not _is_in_function_alone(lines, _place(one.start(), starts)[0] - 1, one["indent"]):
            return None
        names += (ImportedName(name, is_deferred=is_deferred) for name in _names(one, starts))
    wide = () if isinstance(source, bytes) else wide_lines(source)
    return ModuleSummary(path, len(lines) - (lines[-1] == b""), imports=tuple(names), wide_lines=wide, encoded=b"")


def outlined_module(header: ModuleSummary, source: bytes) -> OutlinedModule:
    """The module of a header that `outline` made of this source."""
    return OutlinedModule(
        header.path, header.lines, imports=header.imports, wide_lines=header.wide_lines, source=source
    )


def _are_fields_plain(content: bytes) -> bool:
    """Whether all f-strings mean the same to every Python: since PEP 701 a field may hold its own quote, a backslash and `#`.

    Up to its first own quote such a string would end within a field, with more braces open than closed.
    """
    lower = content.lower()
    for opening in _FORMATTED:
        at = lower.find(opening)
        while at >= 0:
            before = lower[max(at - 2, 0) : at]
            if not _ENDS_A_WORD.search(before) and not _is_plain(content, at + len(opening) - 1):
                return False
            at = lower.find(opening, at + len(opening))
    return True


def _is_plain(content: bytes, at: int) -> bool:
    mark = content[at : at + 1]
    if _SIMPLE[mark].match(content, at) is not None:
        return True
    quote = mark * 3 if content.startswith(mark * 3, at) else mark
    written = content[at + len(quote) : content.find(quote, at + len(quote))]
    if b"{" not in written:
        return True
    written = written.replace(b"{{", b"").replace(b"}}", b"")
    return (
        written.count(b"{") == written.count(b"}")
        and (len(quote) == 3 or b"\n" not in written)
        and _IN_FIELD.search(written) is None
    )


def _as_utf8(content: bytes) -> str | bytes | None:
    """The source as `summarise` reads it, when it is plain UTF-8 with line ends that every reader counts alike."""
    if content.startswith(codecs.BOM_UTF8) or content.count(b"\r") != content.count(b"\r\n"):
        return None
    try:
        source, encoding = decode_source(content)
    except Undecodable:
        return None
    return source if encoding == "utf-8" else None


def _written(content: bytes) -> list[re.Match[bytes]] | None:
    """The lines that look like imports; None when some `import` stands elsewhere as well, or is written in an odd way."""
    found: list[re.Match[bytes]] = []
    end = 0
    for word in _WORD.finditer(content):
        begin = content.rfind(b"\n", 0, word.start()) + 1
        statement = _STATEMENT.match(content, begin) if begin >= end else None
        if statement is None or statement.end() < word.end():
            return None
        found.append(statement)
        end = statement.end()
    return found


def _count(imports: bytes) -> int:
    """How many imports the parser tells: in mypy's format a list begins with its length, in one, two or four bytes."""
    if imports[0] != _LIST:
        return -1
    first = imports[1]
    if not first & 1:
        return (first >> 1) - 10
    size, less = (2, 100) if not first & 2 else (4, 10_000)
    return (int.from_bytes(imports[1 : 1 + size], "little") >> size // 2 + 1) - less


def _names(statement: re.Match[bytes], starts: list[int]) -> Iterator[Import]:
    """What a statement imports, each name with its place."""
    kind = "modules" if statement["modules"] else "names" if statement["names"] else "block"
    written, begin = statement[kind], statement.start(kind)
    if b"#" in written:
        written = _COMMENT.sub(lambda comment: b" " * len(comment[0]), written)
    for found in _NAME.finditer(written):
        name, alias = found[1].decode(), (found[2] or b"").decode()
        place = (*_place(begin + found.start(), starts), *_place(begin + found.end(), starts))
        if kind == "modules":
            yield Import(*place, name, "", alias or name.partition(".")[0], 0, bool(alias))
        else:
            bound = "" if name == "*" else alias or name
            yield Import(*place, statement["module"].decode(), name, bound, len(statement["level"]), bool(alias))


def _place(offset: int, starts: list[int]) -> tuple[int, int]:
    line = bisect.bisect_right(starts, offset)
    return line, offset - starts[line - 1]


def _is_in_function_alone(lines: list[bytes], index: int, indent: bytes) -> bool:
    """Whether round a line there are functions and classes and nothing else: no condition, no `try`, no `with`."""
    if b"\t" in indent:
        return False
    header, left = _FUNCTION, len(indent)
    for number in range(index - 1, -1, -1):
        line = lines[number]
        inner = line.lstrip()
        before = len(line) - len(inner)
        if before >= left or not inner or inner.startswith(b"#"):
            continue
        if header.fullmatch(line) is None:
            return False
        if not before:
            return True
        header, left = _HOLDER, before
    return False
