"""From the bytes of a Python source to its `ModuleSummary`.

Every node of the syntax tree is visited once (`statement_records`, `value_records`) and becomes one tuple in the shape
that msgpack gives the records of `facts/events.py`; most modules are never looked into after that.
"""

from __future__ import annotations

import ast
import codecs
import re
import warnings
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.facts.collecting import no_collecting
from repro_gui.facts.events import Event
from repro_gui.facts.settings import Limits
from repro_gui.facts.sources import CellStart, ModuleSummary, NotParsed, WideLine
from repro_gui.facts.statement_records import statement_records
from repro_gui.facts.value_records import ENCODE, Collected, Record
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from repro_gui.facts.events import Node
    from repro_gui.text import Text

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_TOO_DEEP = text("It is nested too deeply to be read.")


def summarise(
    path: str, content: bytes, most_bytes: int = 4 * 1024 * 1024, most_nodes: int = Limits().syntax_nodes
) -> ModuleSummary:
    """Read one Python source; never raises: what cannot be read is `not_parsed` with its reason.

    A source that Python's own parser rejects (Python 2, a newer syntax, junk) is picked through for imports and calls
    as evidence. Of one with more than `most_nodes` only the header is kept.
    """
    if len(content) > most_bytes:
        reason = text("It is larger than {limit} bytes.", limit=most_bytes)
        return ModuleSummary(path, not_parsed=NotParsed(reason))
    lines = content.count(b"\n") + (not content.endswith(b"\n") and bool(content))
    try:
        source, encoding = decode_source(content)
    except Undecodable as error:
        return _for_evidence(path, content, lines, NotParsed(error.reason, error.line))
    with no_collecting():
        made = _summarise_source(path, source, lines, encoding)
    if made.nodes <= most_nodes:
        return made
    too_many = NotParsed(text("It has more than {limit} nodes of syntax.", limit=most_nodes))
    return msgspec.structs.replace(
        made, not_parsed=too_many, is_evidence_only=True, encoded=ModuleSummary(path).encoded
    )


def _summarise_source(path: str, source: str | bytes, lines: int, encoding: str) -> ModuleSummary:
    parsed = _parse(source)
    if isinstance(parsed, NotParsed):
        utf8 = source.encode("utf-8", "replace") if isinstance(source, str) else source
        return _for_evidence(path, utf8, lines, parsed)
    wide = () if isinstance(source, bytes) else wide_lines(source)
    collected = Collected()
    try:
        body = statement_records(parsed, collected)
        return _summary(path, body, body, collected, lines=lines, wide=wide, encoding=encoding)
    except RecursionError:
        return ModuleSummary(path, lines, encoding, not_parsed=NotParsed(_TOO_DEEP))


def read_statements(written: str, at: Node) -> tuple[Event, ...]:
    """What the source in a string does, every part of it placed where the string is evaluated; nothing when it is no Python."""
    parsed = _parse(written.strip())
    if isinstance(parsed, NotParsed):
        return ()
    for statement in parsed:
        for node in ast.walk(statement):
            if hasattr(node, "lineno"):
                node.lineno, node.col_offset = at.line, at.column  # type: ignore[attr-defined]
                node.end_lineno, node.end_col_offset = at.end_line, at.end_column  # type: ignore[attr-defined]
    try:
        return msgspec.msgpack.decode(ENCODE(statement_records(parsed, Collected())), type=tuple[Event, ...])
    except RecursionError:
        return ()


def summarise_cells(
    path: str,
    trees: Sequence[tuple[int, int, list[Any]]],
    *,
    lines: int,
    wide: tuple[WideLine, ...],
    cells: tuple[CellStart, ...],
    broken_cells: tuple[tuple[int, NotParsed], ...],
) -> ModuleSummary:
    """Summarise the parsed code cells of a notebook: (cell, execution count, statements) each; never raises."""
    collected = Collected()
    try:
        body: list[Record] = []
        for start, (cell, count, statements) in zip(cells, trees, strict=True):
            events = statement_records(statements, collected)
            last = events[-1][3:5] if events else (start.line, 0)
            body.append((17, start.line, 0, *last, cell, events, count))
        flat = [event for cell_event in body for event in cell_event[6]]
        return _summary(path, body, flat, collected, lines=lines, wide=wide, cells=cells, broken_cells=broken_cells)
    except RecursionError:
        return ModuleSummary(path, lines, not_parsed=NotParsed(_TOO_DEEP), cells=cells)


def _summary(
    path: str, body: list[Record], flat: list[Record], collected: Collected, *, lines: int, **fields: Any
) -> ModuleSummary:
    binds, exports = _bound_at_top(flat)
    return ModuleSummary(
        path=path,
        lines=lines,
        imports=tuple(collected.imports),
        binds=binds,
        exports=exports,
        called=tuple(sorted(collected.called)),
        aliases=tuple(sorted(collected.aliases)),
        has_main_guard=any(event[0] == 4 and _is_main_guard(event[5]) for event in flat),
        has_effects=any(_has_effect(event) for event in flat),
        has_walrus=collected.walrus,
        encoded=ENCODE(body),
        wide_lines=fields.pop("wide"),
        **fields,
    )


class Undecodable(Exception):
    """The bytes of a source are no text, or in no encoding that is known; `line` is 0 for the whole file."""

    def __init__(self, reason: Text, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def decode_source(content: bytes) -> tuple[str | bytes, str]:
    """The source as Python reads it: by byte order mark, then PEP 263, else UTF-8; plain ASCII stays bytes."""
    if b"\0" in content:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise Undecodable(text("It is encoded in UTF-16, which Python does not read."))
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise Undecodable(text("It holds NUL bytes: this is no text."), line)
    encoding = "utf-8"
    first, _, rest = content.partition(b"\n")
    match = _COOKIE.match(first)
    if match is None and not first.split(b"#", 1)[0].strip(b" \t\f\r\xef\xbb\xbf"):
        match = _COOKIE.match(rest.partition(b"\n")[0])
    if match is not None:
        encoding = match[1].decode("ascii", "replace")
    if content.startswith(codecs.BOM_UTF8):
        content = content[3:]
        encoding = "utf-8"
    elif content.isascii() and encoding == "utf-8":
        return content, encoding
    try:
        # Only text encodings count: "hex" or "rot13" in a cookie would make other text of it.
        is_text = codecs.lookup(encoding)._is_text_encoding  # noqa: SLF001 -- what `bytes.decode` asks as well
    except LookupError:
        is_text = False
    if not is_text:
        raise Undecodable(text("It names the encoding {encoding}, which is unknown.", encoding=encoding), 1)
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Undecodable(text("It is not in the encoding {encoding}.", encoding=encoding), line) from None
    except Exception:  # noqa: BLE001 -- a codec fails with whatever it likes (IndexError in "idna", …)
        raise Undecodable(text("It is not in the encoding {encoding}.", encoding=encoding), 1) from None


def _parse(source: str | bytes) -> list[ast.stmt] | NotParsed:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(source, "<source>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True).body  # type: ignore[attr-defined,no-any-return]
    except SyntaxError as error:
        return NotParsed(
            text("Python cannot parse it: {reason}.", reason=str(error.msg).rstrip(".")), error.lineno or 0
        )
    except (RecursionError, MemoryError):
        return NotParsed(_TOO_DEEP)
    except (ValueError, OverflowError, UnicodeError) as error:
        return NotParsed(text("Python cannot parse it: {reason}.", reason=str(error).rstrip(".")))


def parse_cell(source: str, first_line: int) -> list[ast.stmt] | NotParsed:
    """Parse a notebook's cell so that its lines count from `first_line`; top-level `await` is fine there."""
    parsed = _parse("\n" * (first_line - 1) + source)
    if isinstance(parsed, NotParsed) and parsed.line:
        return msgspec.structs.replace(parsed, line=max(parsed.line - first_line + 1, 1))
    return parsed


def _for_evidence(path: str, content: bytes, lines: int, why: NotParsed) -> ModuleSummary:
    from repro_gui.facts.foreign_python import pick_evidence

    return pick_evidence(path, content, lines, why)


def wide_lines(source: str, first_line: int = 1) -> tuple[WideLine, ...]:
    """The lines with characters beyond ASCII, to turn the parser's byte columns into characters."""
    if source.isascii():
        return ()
    found = []
    for number, line in enumerate(source.encode("utf-8", "surrogatepass").splitlines(), first_line):
        if line.isascii():
            continue
        ends, extra, position = [], [], 0
        for character in line.decode("utf-8", "surrogatepass"):
            size = 1 if character < "\x80" else 2 if character < "\u0800" else 3 if character < "\U00010000" else 4
            position += size
            if size > 1:
                ends.append(position)
                extra.append(size - 1)
        found.append(WideLine(number, tuple(ends), tuple(extra)))
    return tuple(found)


def _bound_at_top(  # noqa: C901, PLR0912 -- a case for each kind of event
    events: Iterable[Record],
) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """The names that top-level code binds, in order, and a literal `__all__`."""
    names: dict[str, None] = {}
    exports: list[str] | None = None
    is_literal = True
    for event in _at_top(events):
        tag = event[0]
        if tag in {12, 13}:
            names[event[5]] = None
        elif tag == 3:
            if event[7]:
                names[event[7]] = None
        elif tag == 2:
            for target in event[5]:
                for name in _target_names(target):
                    names[name] = None
                    if name == "__all__":
                        added = _literal_strings(event[6])
                        if added is None:
                            is_literal = False
                        elif len(event) > 7 and event[7] == "+=":
                            exports = [*(exports or ()), *added]
                        else:
                            exports = added
        elif tag == 5:
            if event[6] is not None:
                names.update(dict.fromkeys(_target_names(event[6])))
        elif tag == 7:
            for item in event[5]:
                if item[5] is not None:
                    names.update(dict.fromkeys(_target_names(item[5])))
    return tuple(names), tuple(exports) if exports is not None and is_literal else None


def _at_top(events: Iterable[Record]) -> Iterator[Record]:
    """Events of a module's own body with those nested in its statements, but not in functions and classes."""
    for event in events:
        yield event
        tag = event[0]
        if tag == 4:
            yield from _at_top(event[6])
            yield from _at_top(event[7])
        elif tag == 5:
            yield from _at_top(event[8])
            yield from _at_top(event[9])
        elif tag == 6:
            yield from _at_top(event[5])
            for handler in event[6]:
                yield from _at_top(handler[6])
            yield from _at_top(event[7])
            yield from _at_top(event[8])
        elif tag == 7:
            yield from _at_top(event[6])
        elif tag == 16:
            for case in event[6]:
                yield from _at_top(case[7])


def _target_names(target: Record) -> Iterator[str]:
    tag = target[0]
    if tag == 2:
        if "." not in target[5]:
            yield target[5]
    elif tag == 6:
        for element in target[6]:
            yield from _target_names(element)
    elif tag == 5:
        yield from _target_names(target[5])


def _literal_strings(value: Record | None) -> list[str] | None:
    if value is None or value[0] != 6 or value[7] != len(value[6]):
        return None
    found = [element[5] for element in value[6] if element[0] == 1 and type(element[5]) is str]
    return found if len(found) == len(value[6]) else None


def _is_main_guard(condition: Record) -> bool:
    """`__name__ == "__main__"`, either way round, also with more conditions."""
    if condition[0] != 8:
        return False
    if condition[5] in {"and", "or"}:
        return any(_is_main_guard(part) for part in condition[6])
    if condition[5] != "==":
        return False
    sides = [side[5] for side in condition[6] if side[0] in {1, 2}]
    return "__name__" in sides and "__main__" in sides


def _has_effect(event: Record) -> bool:
    """True for top-level code that a module meant to be imported seldom has: loops, `with`, and calls for their effect."""
    tag = event[0]
    if tag == 1:
        value = event[5]
        while value[0] in {3, 15}:  # `f().attribute`, `await f()`
            value = value[5] if value[0] == 3 else value[6]
        return bool(value[0] == 4) and not (value[5][0] == 2 and value[5][5] in _PREPARATIONS)
    if tag == 4:
        return not _is_main_guard(event[5]) and any(map(_has_effect, (*event[6], *event[7])))
    if tag in {5, 7}:
        return any(map(_has_effect, event[8] if tag == 5 else event[6])) or tag == 5
    if tag == 6:
        return any(map(_has_effect, event[5]))
    return bool(tag == 18)


# Calls at top level that only prepare what follows: they make no script of a module.
_PREPARATIONS = frozenset(
    {
        "sys.path.append",
        "sys.path.insert",
        "sys.path.extend",
        "warnings.filterwarnings",
        "warnings.warn",
        "warnings.simplefilter",
        "logging.basicConfig",
        "logging.disable",
        "logging.captureWarnings",
        "os.environ.setdefault",
        "os.environ.update",
        "matplotlib.use",
        "mpl.use",
        "load_dotenv",
        "multiprocessing.set_start_method",
        "__all__.extend",
        "__all__.append",
    }
)
