"""YAML with the place of every value, safe on hostile text: no tags are made into objects, aliases are not expanded.

The C loader's own `compose` ends the process on deeply nested text (tried: 100,000 brackets), so nodes are put together
here from its events, without recursion and with limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from repro_gui.text import Text, text

_DEEPEST = 60
_MOST_NODES = 500_000


class YamlNode(msgspec.Struct):
    """A scalar (`text` set), sequence (`items`) or mapping (`pairs`) and where it stands: offsets in characters, line and column from 1.

    `is_plain` is true for a scalar without quotes. An alias is a scalar named `*anchor`; `anchor` is the name given to a node (`&anchor`).
    """

    start: int
    end: int
    line: int
    column: int
    text: str | None = None
    is_plain: bool = False
    items: list[YamlNode] | None = None
    pairs: list[tuple[YamlNode, YamlNode]] | None = None
    anchor: str = ""

    def get(self, key: str) -> YamlNode | None:
        """The value of a key of a mapping (the last, as readers do); None for anything else."""
        found = None
        for name, value in self.pairs or ():
            if name.text == key:
                found = value
        return found

    def sequence(self) -> list[YamlNode]:
        """Its elements; none unless it is a sequence."""
        return self.items or []

    def walk(self) -> Iterator[YamlNode]:
        """This node and all below it, in the order of the text."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            below = list(node.items or ())
            for key, value in node.pairs or ():
                below += (key, value)
            pending.extend(reversed(below))


def read_yaml(content: str) -> YamlNode | Text | None:
    """The first document of a YAML text; the reason when it cannot be read; None when it is empty."""
    loader = yaml.CLoader if yaml.__with_libyaml__ else yaml.Loader
    composer = _Composer()
    try:
        for event in yaml.parse(content, Loader=loader):
            if isinstance(event, yaml.DocumentEndEvent):
                return None
            if composer.take(event):
                return composer.root
            if len(composer.stack) > _DEEPEST:
                return text("it is nested more than {depth} levels deep", depth=_DEEPEST)
            if composer.count > _MOST_NODES:
                return text("it has more than {count} values", count=_MOST_NODES)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or type(error).__name__)
        if mark is None:
            return text("it is not valid YAML ({problem})", problem=problem)
        return text("it is not valid YAML ({problem}, line {line})", problem=problem, line=mark.line + 1)
    return None


class _Composer:
    """Puts events together to nodes."""

    def __init__(self) -> None:
        self.stack: list[YamlNode] = []
        self.keys: list[YamlNode | None] = []
        self.root: YamlNode | None = None
        self.count = 0

    def take(self, event: yaml.Event) -> bool:
        """Take the next event; True when the root is whole."""
        if isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            node = self.stack.pop()
            self.keys.pop()
            node.end = _mark(event.end_mark).index
        elif isinstance(event, yaml.NodeEvent):
            self.count += 1
            node = _node(event)
            if node.text is None:
                self.stack.append(node)
                self.keys.append(None)
                return False
        else:
            return False
        if not self.stack:
            self.root = node
            return True
        _put(self.stack[-1], self.keys, node)
        return False


def _mark(mark: Any) -> Any:
    """Both loaders always set it; the types say it may be missing."""
    return mark


def _node(event: yaml.NodeEvent) -> YamlNode:
    start, end = _mark(event.start_mark), _mark(event.end_mark)
    node = YamlNode(start.index, end.index, start.line + 1, start.column + 1)
    if isinstance(event, yaml.ScalarEvent):
        node.text, node.is_plain = event.value, not event.style
    elif isinstance(event, yaml.SequenceStartEvent):
        node.items = []
    elif isinstance(event, yaml.MappingStartEvent):
        node.pairs = []
    else:
        # No plain scalar begins with a star.
        node.text, node.is_plain = f"*{event.anchor}", True
        return node
    node.anchor = event.anchor or ""
    return node


def _put(parent: YamlNode, keys: list[YamlNode | None], node: YamlNode) -> None:
    if parent.items is not None:
        parent.items.append(node)
    elif keys[-1] is None:
        keys[-1] = node
    else:
        assert parent.pairs is not None
        parent.pairs.append((keys[-1], node))
        keys[-1] = None
