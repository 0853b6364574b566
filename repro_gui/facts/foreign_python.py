"""Evidence from Python that our own parser rejects: Python 2, a newer syntax, files with one broken line.

tree-sitter reads on after an error. What comes out is flat: imports, definitions and calls in the order of the source,
without branches and loops; nothing that is decided by order or conditions may be concluded from it.
"""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.facts.events import Import
from repro_gui.facts.sources import ImportedName, ModuleSummary, NotParsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser

    from repro_gui.facts.value_records import Record

_MOST_BYTES = 1024 * 1024
_MOST_NODES = 300_000
_LONGEST_STRING = 4_000


def pick_evidence(path: str, content: bytes, lines: int, why: NotParsed) -> ModuleSummary:
    """A summary with `not_parsed`, and imports and calls where the content looks like text at all."""
    nothing = ModuleSummary(path, lines, not_parsed=why)
    if b"\0" in content or len(content) > _MOST_BYTES or not content.strip():
        return nothing
    reader = _Reader(content)
    try:
        body = list(reader.events(_parser().parse(content).root_node))
        encoded = msgspec.msgpack.encode(body)
    except (RecursionError, _TooMany):
        return nothing
    except UnicodeEncodeError:
        return nothing
    if not reader.imports and not reader.called:
        return nothing
    return ModuleSummary(
        path,
        lines,
        imports=tuple(reader.imports),
        binds=tuple(dict.fromkeys(event[5] for event in body if event[0] in {12, 13})),
        called=tuple(sorted(reader.called)),
        has_main_guard=b"__main__" in content and b"__name__" in content,
        has_effects=any(event[0] == 1 for event in body),
        not_parsed=why,
        is_evidence_only=True,
        encoded=encoded,
    )


class _TooMany(Exception):
    """The tree is larger than what evidence is worth."""


@functools.cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_python

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._seen = 0
        self._depth = 0
        self.imports: list[ImportedName] = []
        self.called: set[str] = set()

    def events(self, node: Node) -> Iterator[Record]:
        """Events below a node in the order of the source."""
        for child in node.named_children:
            self._seen += 1
            if self._seen > _MOST_NODES:
                raise _TooMany
            kind = child.type
            if kind in {"import_statement", "import_from_statement", "future_import_statement"}:
                if not _is_torn(child):
                    yield from self._imports(child)
            elif kind == "function_definition":
                yield self._function(child)
            elif kind == "class_definition":
                body = child.child_by_field_name("body")
                inner = list(self.events(body)) if body is not None else []
                yield (13, *_place(child), self._text(child.child_by_field_name("name")), (), (), (), inner)
            elif kind == "call":
                yield (1, *_place(child), self._call(child))
            elif kind in {"string", "comment"}:
                continue
            else:
                yield from self.events(child)

    def _function(self, node: Node) -> Record:
        body = node.child_by_field_name("body")
        self._depth += 1
        inner = list(self.events(body)) if body is not None else []
        self._depth -= 1
        has_scopes = any(one[0] in {12, 13} for one in inner)
        name = self._text(node.child_by_field_name("name"))
        return (12, *_place(node), name, (), (), msgspec.msgpack.encode(inner), False, False, None, has_scopes)

    def _call(self, node: Node) -> Record:
        target = self._value(node.child_by_field_name("function"), node)
        if target[0] == 2:
            self.called.add(target[5])
        elif target[0] == 3:
            self.called.add("." + target[6])
        positional, keywords = [], []
        arguments = node.child_by_field_name("arguments")
        for argument in arguments.named_children if arguments is not None else ():
            if argument.type == "keyword_argument":
                name = self._text(argument.child_by_field_name("name"))
                keywords.append((*_place(argument), name, self._value(argument.child_by_field_name("value"), argument)))
            elif argument.type == "dictionary_splat":
                keywords.append((*_place(argument), "", (17, *_place(argument), "splat")))
            elif argument.type == "list_splat":
                positional.append((5, *_place(argument), (17, *_place(argument), "splat")))
            elif argument.type != "comment":
                positional.append(self._value(argument, argument))
        return (4, *_place(node), target, positional, keywords)

    def _value(self, node: Node | None, at: Node) -> Record:
        if node is None:
            return (17, *_place(at), "missing")
        self._seen += 1
        match node.type:
            case "identifier":
                return (2, *_place(node), self._text(node))
            case "attribute":
                of = self._value(node.child_by_field_name("object"), node)
                name = self._text(node.child_by_field_name("attribute"))
                return (2, *_place(node), f"{of[5]}.{name}") if of[0] == 2 else (3, *_place(node), of, name)
            case "call":
                return self._call(node)
            case "none" | "true" | "false":
                return (1, *_place(node), {"none": None, "true": True, "false": False}[node.type])
            case "integer" | "float" | "string":
                return self._literal(node)
            case _:
                inner = [self._value(child, child) for child in node.named_children if child.type != "comment"]
                return (6, *_place(node), "tuple", inner, len(inner)) if inner else (17, *_place(node), node.type)

    def _literal(self, node: Node) -> Record:
        try:
            value = ast.literal_eval(self._text(node)[:_LONGEST_STRING])
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return (17, *_place(node), node.type)
        is_held = isinstance(value, str | float) or (isinstance(value, int) and -(2**63) <= value < 2**63)
        return (1, *_place(node), value) if is_held else (17, *_place(node), node.type)

    def _imports(self, node: Node) -> Iterator[Record]:
        if node.type == "import_statement":
            for one in node.children_by_field_name("name"):
                dotted, alias = self._name_and_alias(one)
                yield self._imported(one, dotted, "", alias or dotted.split(".", 1)[0], 0, renamed=bool(alias))
            return
        if node.type == "future_import_statement":
            return
        written = self._text(node.child_by_field_name("module_name"))
        module = written.lstrip(".")
        level = len(written) - len(module)
        if any(child.type == "wildcard_import" for child in node.named_children):
            yield self._imported(node, module, "*", "", level, renamed=False)
        for one in node.children_by_field_name("name"):
            name, alias = self._name_and_alias(one)
            yield self._imported(one, module, name, alias or name, level, renamed=bool(alias))

    def _name_and_alias(self, node: Node) -> tuple[str, str]:
        if node.type == "aliased_import":
            return self._text(node.child_by_field_name("name")), self._text(node.child_by_field_name("alias"))
        return self._text(node), ""

    def _imported(self, node: Node, module: str, name: str, alias: str, level: int, *, renamed: bool) -> Record:
        record: tuple[Any, ...] = (*_place(node), module, name, alias, level, renamed)
        self.imports.append(ImportedName(Import(*record), is_deferred=self._depth > 0))
        return (3, *record)

    def _text(self, node: Node | None) -> str:
        if node is None:
            return ""
        return self._content[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _is_torn(node: Node) -> bool:
    """True for what the parser made of a line that it did not understand: `from {{ name }}.a import b`."""
    before = node.prev_sibling
    return node.has_error or (
        before is not None and before.type == "ERROR" and before.end_point[0] == node.start_point[0]
    )


def _place(node: Node) -> tuple[int, int, int, int]:
    return (
        node.start_point[0] + 1,
        node.start_point[1],
        node.end_point[0] + 1,
        node.end_point[1],
    )
