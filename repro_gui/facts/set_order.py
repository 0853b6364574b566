"""Places where the order of a set comes out of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import (
    Assign,
    Attribute,
    Call,
    Comprehension,
    Constant,
    FormattedString,
    Loop,
    Name,
    Operation,
    Parameter,
    Sequence,
    Starred,
    Subscript,
    Value,
)
from repro_gui.facts.followed_once import FollowedOnce
from repro_gui.facts.scopes import BindingKind, Scope
from repro_gui.facts.value_paths import events_in, values_in
from repro_gui.facts.walk import own_values
from repro_gui.facts.ways import Happens
from repro_gui.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import Unit
    from repro_gui.facts.ways import Way


class Elements(StrEnum):
    """What a set holds, as far as is seen."""

    STRINGS = "strings"
    NUMBERS = "numbers"
    UNKNOWN = "unknown"


class SetUse(msgspec.Struct, frozen=True):
    """A place where a set is gone through: `how` names what does it, `expression` the set as it is written there if it is a name."""

    location: Location
    symbol: str
    how: str
    expression: str
    elements: Elements
    is_sorted: bool = False


# Calls that give or keep the order of what they are given, and the position of it.
_REVEALING = {
    "builtins.list": 0,
    "builtins.tuple": 0,
    "builtins.enumerate": 0,
    "builtins.iter": 0,
    "builtins.map": 1,
    "builtins.filter": 1,
    "builtins.zip": 0,
    "numpy.array": 0,
    "numpy.asarray": 0,
    "numpy.fromiter": 0,
    "torch.tensor": 0,
    "pandas.Series": 0,
    "pandas.Index": 0,
    "collections.deque": 0,
    "itertools.chain": 0,
    "itertools.islice": 0,
    "itertools.product": 0,
    "itertools.combinations": 0,
    "builtins.sorted": 0,
}
# What is made of something with an order may be used by something without one.
_BLIND = frozenset(
    {
        "builtins.sorted",
        "builtins.set",
        "builtins.frozenset",
        "builtins.len",
        "builtins.max",
        "builtins.min",
        "builtins.any",
        "builtins.all",
    }
)
_SET_METHODS = frozenset({"union", "intersection", "difference", "symmetric_difference", "copy"})
_STRING_METHODS = frozenset(
    {
        "split",
        "rsplit",
        "splitlines",
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "format",
        "join",
        "replace",
        "decode",
        "title",
        "read",
        "readline",
        "readlines",
        "read_text",
    }
)
_NUMBER_CALLS = frozenset({"builtins.range", "builtins.int", "builtins.len", "builtins.ord", "builtins.round"})
_SET_TYPES = frozenset(
    {
        "builtins.set",
        "builtins.frozenset",
        "typing.Set",
        "typing.FrozenSet",
        "typing.AbstractSet",
        "collections.abc.Set",
        "collections.abc.MutableSet",
    }
)
_MOST_STEPS = 8


def uses_of_sets(way: Way) -> Iterator[SetUse]:
    """Places in reached code where a set of strings, or of something unknown, is gone through in its own order."""
    program = way.program
    reached = program.reached_from(way.entry.path)
    for found in program.told_of(program.units(way.entry), _uses_in, program):
        if found.location.path in reached and way.unit_happens(found.location.path, found.symbol) is not Happens.NO:
            yield found


def _uses_in(unit: Unit, program: Program) -> Iterator[SetUse]:
    scope = program.code.scope(unit.path, unit.symbol)
    for event in events_in(scope.body):
        if isinstance(event, Loop) and event.target is not None:
            elements = _set_elements(program, scope, event.iterable)
            if elements in {Elements.STRINGS, Elements.UNKNOWN}:
                yield _use(scope.module.location(event.iterable), unit.symbol, "for", event.iterable, elements)
        for value in own_values(event):
            for inner, above in values_in(value):
                for place, how in _gone_through(program, scope, inner):
                    elements = _set_elements(program, scope, place)
                    if elements is Elements.NUMBERS or elements is None:
                        continue
                    is_sorted = how == "sorted" or _is_blind(program, scope, (*above, inner))
                    yield _use(scope.module.location(place), unit.symbol, how, place, elements, is_sorted=is_sorted)


def _use(
    location: Location, symbol: str, how: str, place: Value, elements: Elements, *, is_sorted: bool = False
) -> SetUse:
    written = place.dotted if isinstance(place, Name) else ""
    return SetUse(location, symbol, how, written, elements, is_sorted)


def _gone_through(program: Program, scope: Scope, value: Value) -> Iterator[tuple[Value, str]]:
    """Values that this one goes through in their order, and what does it."""
    if isinstance(value, Comprehension) and value.kind != "set":
        yield value.clauses[0].iterable, f"a {value.kind} comprehension" if value.kind != "generator" else "a generator"
    elif isinstance(value, Call):
        name = program.code.resolver.resolve(scope, value.target).name
        if name in _REVEALING:
            position = _REVEALING[name]
            last = name.rpartition(".")[2]
            for argument in value.positional[position : None if name == "builtins.zip" else position + 1]:
                yield argument, last
        elif isinstance(value.target, Attribute | Name) and len(value.positional) == 1:
            method = (
                value.target.name if isinstance(value.target, Attribute) else value.target.dotted.rpartition(".")[2]
            )
            if method in {"join", "extend"} and (isinstance(value.target, Attribute) or "." in value.target.dotted):
                yield value.positional[0], method
        for argument in value.positional:
            if isinstance(argument, Starred):
                yield argument.value, "*"


def _is_blind(program: Program, scope: Scope, above: tuple[Value, ...]) -> bool:
    """Whether something round a value does not care for the order: directly, or through what keeps it."""
    for value in reversed(above):
        if isinstance(value, Call):
            name = program.code.resolver.resolve(scope, value.target).name
            if name in _BLIND:
                return True
            if name not in _REVEALING:
                return False
        elif isinstance(value, Comprehension):
            if value.kind == "set":
                return True
        elif not isinstance(value, Starred):
            return False
    return False


def _set_elements(program: Program, scope: Scope, value: Value, steps: int = 0) -> Elements | None:
    """What a value holds when it is a set; None when it is none, or not known to be one."""
    if steps > _MOST_STEPS:
        return _answers(program).cut_short(None)
    match value:
        case Name():
            return _elements_of_name(program, scope, value, steps)
        case Sequence() if value.kind == "set":
            return _joined([_element(program, scope, one, steps) for one in value.elements])
        case Comprehension() if value.kind == "set":
            return _comprehended(program, scope, value, steps)
        case Operation() if value.operator in {"|", "&", "-", "^"}:
            return _combined(value.operator, [_set_elements(program, scope, one, steps + 1) for one in value.operands])
        case Call():
            return _elements_of_call(program, scope, value, steps)
        case _:
            return None


def _answers(program: Program) -> FollowedOnce[Elements | None]:
    """What is known of names in loops and sets: names may be bound to one another many times over."""
    return program.once(_no_answers)


def _no_answers(_: Program) -> FollowedOnce[Elements | None]:
    return FollowedOnce()


def _elements_of_name(program: Program, scope: Scope, name: Name, steps: int) -> Elements | None:
    home = scope.home_of(name.dotted)
    values = None if home is None else _only_values(home, name.dotted)
    if home is not None and values is not None:
        key = ("set", id(home), name.dotted)
        return _answers(program).find(key, _joined_values, program, home, name.dotted, values, steps, in_circle=None)
    where, followed = program.code.resolver.value_of(scope, name)
    if followed is not name:
        return _set_elements(program, where, followed, steps + 1)
    return _annotated(program, scope, name.dotted)


def _joined_values(
    program: Program, home: Scope, name: str, values: list[tuple[Scope, Value]], steps: int
) -> Elements | None:
    """What a name holds that is bound to these values alone."""
    started = [one for one in values if not _is_empty_set(program, *one)]
    found = [_set_elements(program, where, one, steps + 1) for where, one in started]
    if not values or None in found:
        return None
    if len(started) < len(values):
        found += [_set_elements(program, where, one, steps + 1) for where, one in _put_in(home, name)]
    return _joined([one or Elements.UNKNOWN for one in found]) if found else None


def _elements_of_call(program: Program, scope: Scope, call: Call, steps: int) -> Elements | None:
    target = call.target
    name = program.code.resolver.resolve(scope, target).name
    if name in {"builtins.set", "builtins.frozenset"}:
        return _iterated(program, scope, call.positional[0], steps + 1) if call.positional else Elements.UNKNOWN
    if isinstance(target, Attribute) and target.name in _SET_METHODS:
        return _set_elements(program, scope, target.of, steps + 1)
    if isinstance(target, Name) and target.dotted.rpartition(".")[2] in _SET_METHODS:
        owner = target.dotted.rpartition(".")[0]
        of = Name(target.line, target.column, target.end_line, target.end_column, owner)
        return _set_elements(program, scope, of, steps + 1)
    returned = program.code.resolver.returned_value(scope, call)
    return None if returned is None else _set_elements(program, *returned, steps + 1)


def _is_empty_set(program: Program, scope: Scope, value: Value) -> bool:
    if not isinstance(value, Call) or value.positional:
        return False
    return program.code.resolver.resolve(scope, value.target).name == "builtins.set"


def _put_in(home: Scope, name: str) -> Iterator[tuple[Scope, Value]]:
    """Sets of what is put into a set that starts empty, in the code that makes it."""
    for event in events_in(home.body):
        targets = event.targets if isinstance(event, Assign) and event.operator == "|=" else ()
        if any(isinstance(one, Name) and one.dotted == name for one in targets):
            yield from (
                (home, value) for value in own_values(event) if not isinstance(value, Name) or value.dotted != name
            )
        for value in own_values(event):
            for inner, _ in values_in(value):
                if not isinstance(inner, Call) or not isinstance(inner.target, Name) or len(inner.positional) != 1:
                    continue
                at = (inner.line, inner.column, inner.end_line, inner.end_column)
                if inner.target.dotted == f"{name}.add":
                    yield home, Sequence(*at, "set", inner.positional, 1)
                elif inner.target.dotted == f"{name}.update":
                    yield home, Call(*at, Name(*at, "frozenset"), inner.positional)


def _annotated(program: Program, scope: Scope, name: str) -> Elements | None:
    """What a parameter holds that is said to be a set."""
    home = scope.home_of(name) if "." not in name else None
    bindings = [] if home is None else home.bindings[name]
    if home is None or len(bindings) != 1 or not isinstance(bindings[0].record, Parameter):
        return None
    annotation = bindings[0].record.annotation
    resolver, outer = program.code.resolver, home.parent or home
    if isinstance(annotation, Subscript):
        is_set = resolver.resolve(outer, annotation.of).name in _SET_TYPES
        held = resolver.resolve(outer, annotation.index).name if is_set and annotation.index is not None else ""
        kinds = {"builtins.str": Elements.STRINGS, "builtins.int": Elements.NUMBERS}
        return kinds.get(held, Elements.UNKNOWN) if is_set else None
    is_bare = annotation is not None and resolver.resolve(outer, annotation).name in _SET_TYPES
    return Elements.UNKNOWN if is_bare else None


def _combined(operator: str, sides: list[Elements | None]) -> Elements | None:
    """What two sets together hold; None where neither is known to be one."""
    known = [one for one in sides if one is not None]
    if not known:
        return None
    if operator == "-":
        # What is left over comes from the first.
        return sides[0] or Elements.UNKNOWN
    if operator == "&" and Elements.NUMBERS in known:
        return Elements.NUMBERS
    return _joined(known)


def _only_values(home: Scope, name: str) -> list[tuple[Scope, Value]] | None:
    """All values a name is bound to; None where it gets one in a way that is not looked into."""
    found: list[tuple[Scope, Value]] = []
    for binding in home.bindings[name]:
        if binding.kind is BindingKind.CHANGED:
            continue
        if binding.kind is not BindingKind.ASSIGNED or binding.value is None:
            return None
        found.append((home, binding.value))
    return found


def _joined(kinds: list[Elements]) -> Elements:
    return kinds[0] if kinds and all(kind is kinds[0] for kind in kinds) else Elements.UNKNOWN


def _element(program: Program, scope: Scope, value: Value, steps: int) -> Elements:
    """What kind of thing one element is."""
    match value:
        case Constant():
            if isinstance(value.value, str):
                return Elements.STRINGS
            return Elements.NUMBERS if isinstance(value.value, int | float) else Elements.UNKNOWN
        case FormattedString():
            return Elements.STRINGS
        case Sequence() if value.kind == "tuple":
            return _joined([_element(program, scope, one, steps) for one in value.elements])
        case Call():
            return _returned(program, scope, value)
        case Subscript() if steps < _MOST_STEPS and not isinstance(value.of, Subscript):
            # A word of a line is a string, and so is a letter of a word.
            of = _iterated(program, scope, value.of, steps + 1)
            return of if of is Elements.STRINGS else Elements.UNKNOWN
        case Name() if steps < _MOST_STEPS:
            where, followed = program.code.resolver.value_of(scope, value)
            if followed is value:
                return _looped(program, scope, value.dotted, steps)
            return _element(program, where, followed, steps + 1)
        case _:
            return Elements.UNKNOWN


def _returned(program: Program, scope: Scope, call: Call) -> Elements:
    target = program.code.resolver.resolve(scope, call.target)
    method = target.method or (call.target.name if isinstance(call.target, Attribute) else "")
    if target.name == "builtins.str" or method in _STRING_METHODS or target.name.startswith("os.path."):
        return Elements.STRINGS
    if target.name == "builtins.open":
        return Elements.STRINGS
    return Elements.NUMBERS if target.name in _NUMBER_CALLS else Elements.UNKNOWN


def _comprehended(program: Program, scope: Scope, value: Comprehension, steps: int) -> Elements:
    """What kind of thing a comprehension makes."""
    element = value.elements[0]
    for clause in value.clauses:
        if isinstance(element, Name) and isinstance(clause.target, Name) and clause.target.dotted == element.dotted:
            return _iterated(program, scope, clause.iterable, steps + 1)
    return _element(program, scope, element, steps)


def _looped(program: Program, scope: Scope, name: str, steps: int) -> Elements:
    """What kind of thing a variable of loops is."""
    home = scope.home_of(name) if "." not in name else None
    if home is None or any(one.kind is not BindingKind.ITEM for one in home.bindings[name]):
        return Elements.UNKNOWN
    loops = [
        event
        for event in events_in(home.body)
        if isinstance(event, Loop) and isinstance(event.target, Name) and event.target.dotted == name
    ]
    if len(loops) < len(home.bindings[name]):
        return Elements.UNKNOWN
    key = ("loop", id(home), name)
    found = _answers(program).find(key, _joined_loops, program, home, loops, steps, in_circle=Elements.UNKNOWN)
    return found or Elements.UNKNOWN


def _joined_loops(program: Program, home: Scope, loops: list[Loop], steps: int) -> Elements:
    return _joined([_iterated(program, home, one.iterable, steps + 1) for one in loops])


def _is_open_file(program: Program, scope: Scope, name: str) -> bool:
    home = scope.home_of(name) if "." not in name else None
    bindings = [] if home is None else home.bindings[name]
    if home is None or len(bindings) != 1 or bindings[0].kind is not BindingKind.ENTERED:
        return False
    opened = bindings[0].value
    return isinstance(opened, Call) and program.code.resolver.resolve(home, opened.target).name == "builtins.open"


def _iterated(program: Program, scope: Scope, value: Value, steps: int) -> Elements:
    """What kind of thing comes out of an iterable that a set is made of."""
    if steps > _MOST_STEPS:
        return _answers(program).cut_short(None) or Elements.UNKNOWN
    as_set = _set_elements(program, scope, value, steps + 1)
    if as_set is not None:
        return as_set
    match value:
        case Sequence():
            return _joined([_element(program, scope, one, steps) for one in value.elements])
        case Comprehension() if value.kind != "dict":
            return _comprehended(program, scope, value, steps)
        case Constant() if isinstance(value.value, str):
            return Elements.STRINGS
        case Name():
            where, followed = program.code.resolver.value_of(scope, value)
            if followed is not value:
                return _iterated(program, where, followed, steps + 1)
            # What comes out of a string, and of a file of text, are strings.
            is_text = _looped(program, scope, value.dotted, steps) is Elements.STRINGS or _is_open_file(
                program, scope, value.dotted
            )
            return Elements.STRINGS if is_text else Elements.UNKNOWN
        case Call():
            target = program.code.resolver.resolve(scope, value.target)
            if target.name == "builtins.map" and value.positional:
                mapped = program.code.resolver.resolve(scope, value.positional[0]).name
                return {"builtins.str": Elements.STRINGS, "builtins.int": Elements.NUMBERS}.get(
                    mapped, Elements.UNKNOWN
                )
            return _returned(program, scope, value)
        case _:
            return Elements.UNKNOWN
