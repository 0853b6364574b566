"""YAML as plain nodes with their places, safe against files made to hurt.

Read from the events of libyaml, never through a constructor: no tag makes an object, nesting cannot overflow the C stack (libyaml's own
composer crashes the process at some ten thousand levels), and aliases count as often as they are used.
"""

from __future__ import annotations

from typing import Any

import msgspec

from repro_gui.text import Text, text

_DEEPEST = 200
_MOST_NODES = 300_000


class YamlScalar(msgspec.Struct, frozen=True):
    """A scalar as written; `is_plain` is false when it was quoted. Line and column count from 1."""

    text: str
    is_plain: bool
    line: int
    column: int

    @property
    def value(self) -> str | int | float | bool | None:
        """The scalar by the YAML 1.2 core schema: quoted and unknown words are strings."""
        if not self.is_plain:
            return self.text
        if self.text in {"", "~", "null", "Null", "NULL"}:
            return None
        if self.text.lower() in {"true", "false"}:
            return self.text.lower() == "true"
        return _number(self.text)


class YamlSequence(msgspec.Struct, frozen=True):
    """A sequence and where it starts."""

    items: tuple[YamlNode, ...]
    line: int
    column: int


class YamlMapping(msgspec.Struct, frozen=True):
    """A mapping and where it starts; keys that are not scalars are left out, of equal keys the last counts."""

    pairs: tuple[tuple[YamlScalar, YamlNode], ...]
    line: int
    column: int

    def get(self, key: str) -> YamlNode | None:
        """The value of a key, also of one merged in with `<<`."""
        merged: YamlNode | None = None
        for name, value in reversed(self.pairs):
            if name.text == key:
                return value
            if name.text == "<<" and name.is_plain and merged is None:
                sources = value.items if isinstance(value, YamlSequence) else (value,)
                for source in sources:
                    merged = merged or (source.get(key) if isinstance(source, YamlMapping) else None)
        return merged


YamlNode = YamlScalar | YamlSequence | YamlMapping


class UnreadableYaml(ValueError):
    """The bytes are not YAML, or more of it than is read; `reason` says which."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


def read_yaml(content: bytes) -> YamlNode | None:
    """The first document of a YAML file, None when it is empty; raises `UnreadableYaml`."""
    import yaml  # noqa: PLC0415 -- only projects with YAML pay for it

    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        return _Builder().document(yaml.parse(content, Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        raise UnreadableYaml(
            text("It is not valid YAML (line {line}: {problem}).", line=mark.line + 1 if mark else 1, problem=problem)
        ) from error
    except (UnicodeDecodeError, ValueError) as error:
        if isinstance(error, UnreadableYaml):
            raise
        raise UnreadableYaml(text("It is not valid YAML ({problem}).", problem=str(error))) from error


def plain_value(node: YamlNode | None) -> Any:  # noqa: ANN401 -- YAML holds anything
    """Dictionaries, lists and scalars without their places."""
    match node:
        case None:
            return None
        case YamlScalar():
            return node.value
        case YamlSequence():
            return [plain_value(item) for item in node.items]
        case YamlMapping():
            return {key.text: plain_value(value) for key, value in node.pairs}


class _Open:
    """A collection whose end has not come yet."""

    def __init__(self, event: Any, *, is_mapping: bool) -> None:  # noqa: ANN401 -- PyYAML has no types for events
        self.is_mapping = is_mapping
        self.anchor: str | None = event.anchor
        self.line: int = event.start_mark.line + 1
        self.column: int = event.start_mark.column + 1
        self.children: list[YamlNode] = []
        self.size = 1

    def close(self) -> YamlNode:
        if not self.is_mapping:
            return YamlSequence(tuple(self.children), self.line, self.column)
        pairs = zip(self.children[::2], self.children[1::2], strict=True)
        return YamlMapping(
            tuple((key, value) for key, value in pairs if isinstance(key, YamlScalar)), self.line, self.column
        )


class _Builder:
    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[YamlNode, int]] = {}
        self._count = 0

    def document(self, events: Any) -> YamlNode | None:  # noqa: ANN401 -- PyYAML has no types for events
        import yaml  # noqa: PLC0415

        for event in events:
            node: YamlNode
            size = 1
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                if len(self._open) >= _DEEPEST:
                    raise UnreadableYaml(text("It is nested more than {deepest} levels deep.", deepest=_DEEPEST))
                self._open.append(_Open(event, is_mapping=isinstance(event, yaml.MappingStartEvent)))
                continue
            if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                closed = self._open.pop()
                node, size = closed.close(), closed.size
                self._remember(closed.anchor, node, size)
            elif isinstance(event, yaml.ScalarEvent):
                mark = event.start_mark
                node = YamlScalar(event.value, bool(event.implicit[0]), mark.line + 1, mark.column + 1)
                self._remember(event.anchor, node, 1)
                self._count += 1
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in self._anchors:
                    raise UnreadableYaml(text("The alias {name} stands for nothing.", name=f"*{event.anchor}"))
                node, size = self._anchors[event.anchor]
                self._count += size
            else:
                continue
            if self._count > _MOST_NODES:
                raise UnreadableYaml(text("It holds more than {most} values.", most=_MOST_NODES))
            if not self._open:
                return node
            self._open[-1].children.append(node)
            self._open[-1].size += size
        return None

    def _remember(self, anchor: str | None, node: YamlNode, size: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, size)


def _number(written: str) -> str | int | float:
    digits = written.replace("_", "")
    if len(digits) > 400 or not digits.lstrip("+-.")[:1].isdigit():
        return {".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}.get(written.lower(), written)
    for parse in (int, lambda number: int(number, 0), float):
        try:
            found: int | float = parse(digits)
        except ValueError:
            continue
        return found
    return written
