"""What decorators say of the functions and classes under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.events import Attribute, Call, Name

if TYPE_CHECKING:
    from repro_gui.facts.events import Function, Value


def only_wraps(decorator: Value) -> bool:
    """True for decorators that leave it to others to call the function."""
    if isinstance(decorator, Call):
        decorator = decorator.target
    written = (
        decorator.dotted if isinstance(decorator, Name) else decorator.name if isinstance(decorator, Attribute) else ""
    )
    return written.rpartition(".")[2] in _WRAPPING


def is_static(function: Function) -> bool:
    """Whether a method gets no object."""
    return any(isinstance(one, Name) and one.dotted == "staticmethod" for one in function.decorators)


def is_for_class(function: Function) -> bool:
    """Whether a method gets the class."""
    return any(isinstance(one, Name) and one.dotted == "classmethod" for one in function.decorators)


def is_property(function: Function) -> bool:
    """Whether a method is read as an attribute."""
    return any(isinstance(one, Name) and one.dotted.endswith("property") for one in function.decorators)


_WRAPPING = frozenset(
    {
        "staticmethod",
        "classmethod",
        "property",
        "abstractmethod",
        "cached_property",
        "lru_cache",
        "cache",
        "wraps",
        "add_arg_scope",
        "overload",
        "contextmanager",
        "dataclass",
        "no_grad",
        "inference_mode",
        "jit",
        "njit",
        "script",
        "setter",
        "getter",
        "final",
        "override",
        "total_ordering",
        "define",
        "attrs",
        "unique",
        "runtime_checkable",
        "singledispatch",
        "vmap",
        "compile",
        "function",
        "partial",
    }
)
