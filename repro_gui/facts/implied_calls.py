"""What of the project is called where no call of it is written: `rows[0]`, `for row in rows`, `list(rows)`, `app.run(main)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import Attribute, Call, Class, Name, Subscript, Value
from repro_gui.facts.scopes import BindingKind, TargetKind

if TYPE_CHECKING:
    from repro_gui.facts.events import Node
    from repro_gui.facts.resolve import Resolver
    from repro_gui.facts.scopes import Scope, Target

# These go through all that they are given.
_GO_THROUGH = frozenset(
    {
        "builtins.all",
        "builtins.any",
        "builtins.dict",
        "builtins.enumerate",
        "builtins.filter",
        "builtins.iter",
        "builtins.list",
        "builtins.map",
        "builtins.max",
        "builtins.min",
        "builtins.set",
        "builtins.sorted",
        "builtins.sum",
        "builtins.tuple",
        "builtins.zip",
        "tqdm.auto.tqdm",
        "tqdm.tqdm",
    }
)
# These call the function that they are given, once and at once, with what the command line says.
_RUN_WHAT_THEY_GET = frozenset(
    {
        "absl.app.run",
        "argh.dispatch_command",
        "defopt.run",
        "fire.Fire",
        "jsonargparse.CLI",
        "jsonargparse.auto_cli",
        "plac.call",
        "tensorflow.app.run",
        "tensorflow.compat.v1.app.run",
        "typer.run",
        "tyro.cli",
    }
)
# And these what is called `main` where they stand, given nothing.
_RUN_MAIN = frozenset({"tensorflow.app.run", "tensorflow.compat.v1.app.run"})
_NAMES_OF_WHAT_RUNS = ("main", "component", "components", "function", "funcs", "f", "obj")
# Bases from outside that leave `__iter__` to Python, which then asks for one item after the other.
_WITHOUT_ITER = ("builtins.object", "torch.utils.data.", "abc.ABC", "typing.")
_MOST_BASES = 8


class ImpliedCall(msgspec.Struct, frozen=True):
    """A call as if it were written, and the method of the project that it calls."""

    call: Call
    target: Target


def call_for_item(resolver: Resolver, scope: Scope, item: Subscript) -> ImpliedCall | None:
    """The call of `__getitem__` by `of[index]`; None where `of` is no object of a class of the project that has it."""
    if not is_object(resolver, scope, item.of):
        return None
    found = resolver.member(scope, item.of, "__getitem__")
    return _called(item, item.of, "__getitem__", found, item.index) if found.kind is TargetKind.FUNCTION else None


def call_for_all(resolver: Resolver, scope: Scope, value: Value) -> ImpliedCall | None:
    """The call by which all that an object has is gone through; None where it is no object of a class of the project that says how."""
    if not isinstance(value, Name | Attribute | Call) or not is_object(resolver, scope, value):
        return None
    found = resolver.member(scope, value, "__iter__")
    if found.kind is TargetKind.FUNCTION:
        return _called(value, value, "__iter__", found)
    if _brings_iter(resolver, resolver.resolve(scope, value)):
        return None
    found = resolver.member(scope, value, "__getitem__")
    return _called(value, value, "__getitem__", found) if found.kind is TargetKind.FUNCTION else None


def calls_by_going_through(resolver: Resolver, scope: Scope, target: Target, call: Call) -> list[ImpliedCall]:
    """The calls by which what is called (`list`, `enumerate`, …) goes through what it is given."""
    if target.name not in _GO_THROUGH:
        return []
    found = (call_for_all(resolver, scope, given) for given in call.positional)
    return [one for one in found if one is not None]


def call_of_what_is_run(resolver: Resolver, scope: Scope, target: Target, call: Call) -> ImpliedCall | None:
    """The call of the project's function that something made for the command line is given to run."""
    if target.name not in _RUN_WHAT_THEY_GET:
        return None
    given = call.positional[0] if call.positional else None
    for name in _NAMES_OF_WHAT_RUNS:
        keyword = call.keyword(name) if given is None else None
        given = keyword.value if keyword is not None else given
    if given is None and target.name in _RUN_MAIN:
        given = Name(call.line, call.column, call.end_line, call.end_column, "main")
        scope = scope.module_scope
    if not isinstance(given, Name):
        return None
    found = resolver.resolve(scope, given)
    if found.kind is not TargetKind.FUNCTION or not found.path:
        return None
    return ImpliedCall(Call(given.line, given.column, given.end_line, given.end_column, given), found)


def _brings_iter(resolver: Resolver, of: Target, depth: int = 0) -> bool:
    """Whether a class is made of something from outside that may have an `__iter__`."""
    inner = resolver.scopes(of.path).by_symbol.get(of.symbol)
    if inner is None or not isinstance(inner.definition, Class) or depth > _MOST_BASES:
        return True
    for base in inner.definition.bases:
        target = resolver.resolve(inner.parent or inner, base)
        if target.kind is TargetKind.CLASS:
            if _brings_iter(resolver, target, depth + 1):
                return True
        elif not target.name.startswith(_WITHOUT_ITER):
            return True
    return False


def _called(node: Node, of: Value, name: str, target: Target, *given: Value) -> ImpliedCall:
    place = (node.line, node.column, node.end_line, node.end_column)
    method = Name(*place, f"{of.dotted}.{name}") if isinstance(of, Name) else Attribute(*place, of, name)
    return ImpliedCall(Call(*place, method, given), target)


def is_object(resolver: Resolver, scope: Scope, value: Value) -> bool:
    """Whether a value is an object of a class of the project, and not the class itself (`Rows[int]`)."""
    target = resolver.resolve(scope, value)
    if target.kind is not TargetKind.CLASS:
        return False
    _, origin = resolver.value_of(scope, value)
    if not isinstance(origin, Name):
        return True
    head, _, rest = origin.dotted.partition(".")
    if rest:
        return rest.rpartition(".")[2] != target.symbol.rpartition(".")[2]
    home = scope.home_of(head)
    kinds = set() if home is None else {one.kind for one in home.bindings[head]}
    return bool(kinds) and not kinds & {BindingKind.IMPORT, BindingKind.CLASS} and head != "cls"
