"""What `config.system.seed` means where a program builds its settings by assignments: `C.system.seed = 3407`, then `return C`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.events import Call, Function, Name, Parameter, Value
from repro_gui.facts.scopes import BindingKind, Scope, TargetKind
from repro_gui.facts.steps import AssignSite, CallSite
from repro_gui.facts.walk import is_main_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.facts.program import Program

    # What the callers of a function give for a parameter.
    Givens = Callable[[Scope, Parameter], list[tuple[Scope, Value]]]

# An object of settings is handed on a few times.
_MOST_STEPS = 6
# These give back the same settings.
_COPIES = ("clone", "copy")
# These may put others in their place, out of a file that is not read here.
_REPLACES = frozenset({"merge_from_file", "merge_from_other_cfg", "merge_from_dict", "update", "merge", "load", "read"})


def assigned_attribute(program: Program, givens: Givens, scope: Scope, name: Name) -> tuple[Scope, Value] | None:
    """The only thing that the program assigns to an attribute, and where; None where that is not seen or not certain."""
    dotted = name.dotted
    for _ in range(_MOST_STEPS):
        head, _, rest = dotted.partition(".")
        home = scope.home_of(head)
        if not rest or home is None:
            return None
        steps = program.code.unit(home.module.path, home.function_scope.symbol).steps
        if any(isinstance(step, CallSite) and _replaces(step, head) for step in steps):
            return None
        found = [step for step in steps if isinstance(step, AssignSite) and _is_named(step.to, dotted)]
        if found:
            (one, *others) = found
            is_certain = not others and one.assign.operator == "=" and one.value is not None and _always_runs(one)
            return (home, one.value) if is_certain and one.value is not None else None
        above = _made_of(program, givens, home, head)
        if above is None:
            return None
        scope, head = above
        dotted = f"{head}.{rest}"
    return None


def _made_of(program: Program, givens: Givens, home: Scope, name: str) -> tuple[Scope, str] | None:
    """The name, and its scope, of the object that a name stands for: what a function returns, a caller gives or a module has."""
    bindings = home.bindings[name]
    if len(bindings) != 1:
        return None
    binding = bindings[0]
    if binding.kind is BindingKind.PARAMETER and isinstance(home.definition, Function):
        assert isinstance(binding.record, Parameter)
        given = givens(home, binding.record)
        return _as_name(program, *given[0]) if len(given) == 1 else None
    if binding.kind is BindingKind.IMPORT:
        reference = Name(0, 0, 0, 0, name)
        target = program.code.resolver.resolve(home, reference)
        if target.kind is TargetKind.VALUE and target.path in program.modules:
            return program.code.scope(target.path), target.symbol
        return None
    return None if binding.value is None else _as_name(program, home, binding.value)


def _as_name(program: Program, scope: Scope, value: Value) -> tuple[Scope, str] | None:
    if isinstance(value, Name):
        return scope, value.dotted
    if not isinstance(value, Call):
        return None
    if isinstance(value.target, Name):
        owner, _, method = value.target.dotted.rpartition(".")
        if owner and method in _COPIES:
            return scope, owner
    returned = program.code.resolver.returned_value(scope, value)
    return None if returned is None else _as_name(program, *returned)


def _replaces(site: CallSite, name: str) -> bool:
    return (
        isinstance(site.call.target, Name)
        and site.call.target.dotted.startswith(f"{name}.")
        and site.call.target.dotted.rpartition(".")[2] in _REPLACES
    )


def _is_named(value: Value, dotted: str) -> bool:
    return isinstance(value, Name) and value.dotted == dotted


def _always_runs(site: AssignSite) -> bool:
    return not site.past and all(
        condition is not None and wanted and is_main_test(condition) for condition, wanted in site.under
    )
