"""What type the object has whose method is called, where its name alone does not say it.

`dataset = dataset.map(…)` binds a name anew from itself; a parameter is what callers hand in; a function of the project gives back
what it was given, with methods called on it. The types are those that the knowledge lists under `returns`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.events import Attribute, Call, Conditional, Function, Name, Return, Value
from repro_gui.facts.scopes import BindingKind, TargetKind
from repro_gui.facts.walk import flat_events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro_gui.facts.known_randomness import Randomness
    from repro_gui.facts.scopes import Scope
    from repro_gui.facts.steps import CallSite
    from repro_gui.facts.ways import Way

# Real chains are short; what is longer is not known.
_MOST_STEPS = 24


def typed_method(way: Way, randomness: Randomness, site: CallSite) -> str:
    """The canonical name of the method that a call calls, by the type of its object; empty where that is not known."""
    called = _method(site.call.target)
    if called is None:
        return ""
    owner, method = called
    found = _Types(way, randomness).of(way.values.scope(site), owner, 0)
    return f"{found}.{method}" if found else ""


def _method(target: Value) -> tuple[Value, str] | None:
    """What a method is called on and its name, `a.b` and `c` of `a.b.c()`."""
    if isinstance(target, Attribute):
        return target.of, target.name
    if isinstance(target, Name) and "." in target.dotted:
        dotted, _, name = target.dotted.rpartition(".")
        return Name(target.line, target.column, target.end_line, target.end_column, dotted), name
    return None


class _Types:
    def __init__(self, way: Way, randomness: Randomness) -> None:
        self._way = way
        self._randomness = randomness
        self._resolver = way.program.code.resolver
        self._open: set[tuple[int, str]] = set()

    def of(self, scope: Scope, value: Value, steps: int) -> str | None:
        """The type of a value; empty where it is not known, None where the question only leads back to itself."""
        if steps > _MOST_STEPS:
            return ""
        target = self._resolver.resolve(scope, value)
        if target.kind is TargetKind.OUTSIDE:
            # A module or class that is handed in, else an object of a class or what a call gives.
            made = self._randomness.canonical(target.name.removesuffix("()"))
            return made if made == target.name else self._randomness.type_returned(made) or made
        match value:
            case Call():
                return self._of_call(scope, value, steps + 1)
            case Name() if "." not in value.dotted:
                return self._of_name(scope, value, steps + 1)
            case Conditional():
                return _agreed(self.of(scope, one, steps + 1) for one in (value.then, value.otherwise))
            case _:
                return ""

    def _of_call(self, scope: Scope, call: Call, steps: int) -> str | None:
        called = _method(call.target)
        if called is not None:
            owner, method = called
            found = self.of(scope, owner, steps)
            if found is None:
                return None
            if found:
                return self._randomness.type_returned(f"{found}.{method}")
        return self._of_project(scope, call, steps)

    def _of_project(self, scope: Scope, call: Call, steps: int) -> str | None:
        """The type that a function of the project gives back, where all its returns give one."""
        target = self._resolver.resolve(scope, call.target)
        if target.kind is not TargetKind.FUNCTION or not isinstance(target.definition, Function):
            return ""
        key = (target.path, target.symbol)
        inner = self._way.program.code.scope(*key)
        if target.definition.is_generator or target.definition.is_async or inner.definition is not target.definition:
            return ""
        returned = [event.value for event in flat_events(inner.body) if isinstance(event, Return)]
        return _agreed(self.of(inner, one, steps) for one in returned if one is not None) if returned else ""

    def _of_name(self, scope: Scope, name: Name, steps: int) -> str | None:
        home = scope.home_of(name.dotted)
        if home is None:
            return ""
        key = (id(home), name.dotted)
        if key in self._open:
            return None
        self._open.add(key)
        try:
            return _agreed(
                self._of_binding(home, name, index, steps) for index in range(len(home.bindings[name.dotted]))
            )
        finally:
            self._open.discard(key)

    def _of_binding(self, home: Scope, name: Name, index: int, steps: int) -> str | None:
        binding = home.bindings[name.dotted][index]
        if binding.kind is BindingKind.ASSIGNED and binding.value is not None:
            return self.of(home, binding.value, steps)
        if binding.kind is BindingKind.PARAMETER:
            return self._of_parameter(home, name, steps)
        return ""

    def _of_parameter(self, home: Scope, name: Name, steps: int) -> str | None:
        """The type that all callers hand in."""
        definition = home.definition
        if not isinstance(definition, Function):
            return ""
        names = [one.name for one in definition.parameters]
        # A method gets its object besides what is written.
        position = names.index(name.dotted) - (home.parent is not None and home.parent.kind == "class")
        callers = self._way.values.callers(home.module.path, home.symbol)
        given = [(site, site.call.argument(name.dotted, position)) for site in callers]
        if not given or any(value is None for _, value in given):
            return ""
        return _agreed(
            self.of(self._way.values.scope(site), value, steps) for site, value in given if value is not None
        )


def _agreed(found: Iterable[str | None]) -> str | None:
    """The one type of all that are known to have one; empty where one has none, None where none says anything."""
    types = {one for one in found if one is not None}
    if not types:
        return None
    return types.pop() if len(types) == 1 else ""
