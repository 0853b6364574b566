"""The class that an annotation names."""

from __future__ import annotations

from repro_gui.facts.events import Constant, Name, Operation, Subscript, Value


def is_nothing(value: Value) -> bool:
    """Whether a value says nothing of what a name stands for: None, True and False are what it has meanwhile."""
    return isinstance(value, Constant) and (value.value is None or isinstance(value.value, bool))


def plain_annotation(annotation: Value | None) -> Value | None:
    """The class an annotation names: `X`, `X | None`, `Optional[X]`; quoted ones too."""
    match annotation:
        case Name():
            return annotation
        case Constant() if isinstance(annotation.value, str):
            written = annotation.value.removesuffix("| None").strip()
            if all(part.isidentifier() for part in written.split(".")):
                return Name(annotation.line, annotation.column, annotation.end_line, annotation.end_column, written)
            return None
        case Operation() if annotation.operator == "|":
            sides = [one for one in annotation.operands if not is_nothing(one)]
            return plain_annotation(sides[0]) if len(sides) == 1 else None
        case Subscript() if isinstance(annotation.of, Name) and annotation.of.dotted.endswith("Optional"):
            return plain_annotation(annotation.index)
        case _:
            return None
