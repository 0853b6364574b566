"""Calls of what a program chooses: `MODELS[args.model](…)`, `getattr(models, "resnet18")()`, by registries, branches, the objects made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.default_values import Known
from repro_gui.facts.events import (
    Attribute,
    Call,
    Class,
    Conditional,
    Constant,
    Function,
    Mapping,
    Name,
    Return,
    Sequence,
    Starred,
    Subscript,
    Value,
)
from repro_gui.facts.implied_calls import is_object
from repro_gui.facts.scopes import BindingKind, Scope, Target, TargetKind, definitions_in
from repro_gui.facts.steps import AssignSite, CallSite
from repro_gui.facts.walk import flat_events

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from repro_gui.facts.default_values import DefaultValues
    from repro_gui.facts.mapping_changes import Variable
    from repro_gui.facts.program import Program
    from repro_gui.facts.resolve import Resolver
    from repro_gui.facts.scopes import UnpackedItem
    from repro_gui.facts.steps import Step, Unit

# Of a table with more entries than this, what an unknown name may choose is not listed.
_MOST_CANDIDATES = 24
# Names for names: real chains are short.
_MOST_STEPS = 6
_MAY_BE_ONE_OF = frozenset({BindingKind.ASSIGNED, BindingKind.PARAMETER})
_NOT_SEEN = frozenset({TargetKind.UNKNOWN, TargetKind.VALUE})


def with_chosen_calls(program: Program, values: DefaultValues, units: dict[Unit, int]) -> dict[Unit, int]:
    """The units, with calls of what is chosen by default in the place of calls of something unknown.

    Where the name is not known and the table is, there is one call for each entry, under a condition of which nothing is known.
    The same object comes back where nothing was chosen; entry points that choose the same share the units made for it.
    """
    chooser = _Chooser(program, values, units)
    chosen: dict[Unit, dict[int, _Choice]] = {}
    for choosing in program.told_of(units, _choosing, program):
        choice = chooser.chosen(choosing)
        if choice is not None:
            chosen.setdefault(choosing.unit, {})[choosing.number] = choice
    return (
        {
            _with_choices(program, unit, chosen[unit]) if unit in chosen else unit: number
            for unit, number in units.items()
        }
        if chosen
        else units
    )


def _with_choices(program: Program, unit: Unit, choices: dict[int, _Choice]) -> Unit:
    """The unit with what is chosen at the steps of these numbers; the same one for the same choices."""
    key = ("chosen", unit, *[(number, *choice.identity) for number, choice in choices.items()])
    if key in program.remembered:
        known: Unit = program.remembered[key]
        return known
    found: list[Step] = []
    for number, step in enumerate(unit.steps):
        choice = choices.get(number)
        if choice is None:
            found.append(step)
        elif choice.is_open:
            under = (*step.under, (None, True))
            found += [
                msgspec.structs.replace(
                    step,
                    target=one,
                    under=under,
                    is_conditional=True,
                    choice="open",
                    among=choice.among if choice.is_whole else (),
                )
                for one in choice.among
            ]
        else:
            found.append(msgspec.structs.replace(step, target=choice.target, choice="default", among=choice.among))
    made = program.remembered[key] = msgspec.structs.replace(unit, steps=tuple(found))
    return made


class _Choosing(msgspec.Struct, frozen=True):
    """A call of something unknown that may be chosen: the step of this number, and the table, `getattr` or method in its scope."""

    unit: Unit
    number: int
    scope: Scope
    value: Value


def _choosing(unit: Unit, program: Program) -> Iterator[_Choosing]:
    for number, site in enumerate(unit.steps):
        if not isinstance(site, CallSite) or site.target.kind not in _NOT_SEEN:
            continue
        value = site.call.target
        scope = program.code.scope(site.module.path, site.symbol)
        if isinstance(value, Name):
            if _is_method_of_one_of(program.code.resolver, scope, value):
                yield _Choosing(unit, number, scope, value)
                continue
            bound = None if "." in value.dotted else program.code.resolver.bound_once(scope, value)
            if bound is not None:
                scope, value = bound
            elif _assigned(scope, value) is None:
                continue
        if isinstance(value, Name) or _table_and_key(value) is not None or _is_getattr(value):
            yield _Choosing(unit, number, scope, value)


class _Choice(msgspec.Struct, frozen=True):
    """What a name chooses by default; `among` is all that it could, empty where that is not known.

    Without `is_whole` it could be something else that is not seen.
    """

    target: Target
    among: tuple[Target, ...] = ()
    is_open: bool = False
    is_whole: bool = True

    @property
    def identity(self) -> tuple[Hashable, ...]:
        """What tells two choices apart, without their definitions."""
        return (
            self.is_open,
            self.is_whole,
            *[
                (one.kind, one.name, one.path, one.symbol, one.method, id(one.partial))
                for one in (self.target, *self.among)
            ],
        )


class _Chooser:
    def __init__(self, program: Program, values: DefaultValues, units: dict[Unit, int]) -> None:
        self._program = program
        self._resolver = program.code.resolver
        self._values = values
        self._units = units
        # By the scope of a name, which lives as long as the resolver.
        self._objects: dict[tuple[int, str], tuple[Target, ...]] = {}

    def chosen(self, choosing: _Choosing) -> _Choice | None:
        """What a call may call; None where nothing is known of it."""
        scope, value = choosing.scope, choosing.value
        if isinstance(value, Name):
            return self._method_of_one_of(scope, value) if "." in value.dotted else self._of_branches(scope, value)
        parts = _table_and_key(value)
        if parts is not None:
            return self._of_table(scope, *parts)
        if isinstance(value, Call) and _is_getattr(value):
            key = self._key(scope, value.positional[1])
            target = self._resolver.member(scope, value.positional[0], key) if key else None
            return _Choice(target) if target is not None and target.name else None
        return None

    def _method_of_one_of(self, scope: Scope, method: Name) -> _Choice | None:
        """The methods that a call may call where its object is one of several that are all seen."""
        head, _, name = method.dotted.partition(".")
        place = (method.line, method.column, method.end_line, method.end_column)
        classes = self._classes_of_object(scope, Name(*place, head))
        found = {(one.path, one.symbol): one for one in (self._resolver.member_of(each, name) for each in classes)}
        if (
            not found
            or len(found) > _MOST_CANDIDATES
            or any(one.kind is not TargetKind.FUNCTION for one in found.values())
        ):
            return None
        targets = tuple(found.values())
        return _Choice(targets[0], targets, is_open=len(targets) > 1)

    def _classes_of_object(self, scope: Scope, name: Name) -> tuple[Target, ...]:
        """The classes of what a name stands for, found once where they are the same wherever it is read."""
        home = scope.home_of(name.dotted)
        bindings = [] if home is None else home.bindings[name.dotted]
        if home is None or (len(bindings) > 1 and any(one.kind is not BindingKind.ASSIGNED for one in bindings)):
            return self._classes_of(scope, name)
        key = (id(home), name.dotted)
        if key not in self._objects:
            self._objects[key] = self._classes_of(scope, name)
        return self._objects[key]

    def _classes_of(self, scope: Scope, value: Value, steps: int = 0) -> tuple[Target, ...]:
        """The classes of the project of which a value may be an object; none where they are not all seen."""
        if steps > _MOST_STEPS:
            return ()
        options: list[tuple[Scope, Value]] = []
        match value:
            case Name() if "." not in value.dotted:
                home = scope.home_of(value.dotted)
                bindings = [] if home is None else home.bindings[value.dotted]
                given = [one.value for one in bindings if not _is_none(one.value)]
                if home is not None and len(bindings) == 1 and bindings[0].item is not None:
                    options = self._given_back(home, bindings[0].item.call, bindings[0].item)
                elif home is None or any(one.kind is not BindingKind.ASSIGNED for one in bindings):
                    where, origin = self._values.origin(scope, value)
                    options = [] if isinstance(origin, Name) else [(where, origin)]
                else:
                    options = [(home, one) for one in given if one is not None]
            case Conditional():
                held = self._values.truth(scope, value.condition)
                arms = (value.then, value.otherwise) if held is None else (value.then if held else value.otherwise,)
                options = [(scope, one) for one in arms]
            case Call():
                options = self._given_back(scope, value, None)
                if not options:
                    return self._made_by(scope, value)
            case _:
                return ()
        found = [self._classes_of(*one, steps + 1) for one in options]
        return tuple(target for one in found for target in one) if all(found) else ()

    def _given_back(self, scope: Scope, call: Call, item: UnpackedItem | None) -> list[tuple[Scope, Value]]:
        """What a function of the project gives back, or an item of that, from all its returns; nothing where one is not seen."""
        target = self._resolver.resolve(scope, call.target)
        if target.kind is not TargetKind.FUNCTION or not isinstance(target.definition, Function):
            return []
        definition = target.definition
        inner = self._program.code.scope(target.path, target.symbol)
        if (
            definition.is_generator
            or definition.is_async
            or definition.decorators
            or inner.definition is not definition
        ):
            return []
        found: list[tuple[Scope, Value]] = []
        for event in flat_events(inner.body):
            if not isinstance(event, Return) or _is_none(event.value):
                continue
            value = event.value
            if item is not None:
                is_whole = isinstance(value, Sequence) and len(value.elements) == value.length == item.length
                value = value.elements[item.index] if isinstance(value, Sequence) and is_whole else None
            if value is None or isinstance(value, Starred):
                return []
            found.append((inner, value))
        return found

    def _made_by(self, scope: Scope, call: Call) -> tuple[Target, ...]:
        target = self._resolver.resolve(scope, call.target)
        if target.kind is TargetKind.CLASS:
            return () if is_object(self._resolver, scope, call.target) else (target,)
        parts = _table_and_key(call.target)
        choice = None if parts is None else self._of_table(scope, *parts)
        made = () if choice is None else choice.among if choice.is_open else (choice.target,)
        return made if all(one.kind is TargetKind.CLASS for one in made) else ()

    def _of_table(self, scope: Scope, table: Value, index: Value) -> _Choice | None:
        key = self._key(scope, index)
        if _is_namespace(table):
            target = self._in_namespace(scope, table, key) if key else None
            return _Choice(target) if target is not None and target.name else None
        entries = self._entries(scope, table)
        if key:
            given = self._values.mappings.item(scope, table, key)
            target = entries.get(key)
            if given.value is not None and given.scope is not None:
                target = self._resolver.resolve(given.scope, given.value)
            return _Choice(target, tuple(entries.values())) if target is not None and target.name else None
        among = tuple(entries.values())
        if not among or len(among) > _MOST_CANDIDATES or not all(target.name for target in among):
            return None
        return _Choice(among[0], among, is_open=True)

    def _of_branches(self, scope: Scope, name: Name) -> _Choice | None:
        """One of several things of the program that branches give a name: `base = CNNBase`, `base = MLPBase`."""
        targets = {
            (target.path, target.symbol): target
            for target in (self._resolver.resolve(*one) for one in _assigned(scope, name) or ())
            if target.path and target.kind in {TargetKind.CLASS, TargetKind.FUNCTION}
        }
        among = tuple(targets.values())
        home = scope.home_of(name.dotted)
        bindings = [] if home is None else home.bindings[name.dotted]
        is_whole = all(one.kind is BindingKind.ASSIGNED and not _is_none(one.value) for one in bindings)
        is_whole = is_whole and len(targets) == len(bindings)
        return _Choice(among[0], among, is_open=True, is_whole=is_whole) if among else None

    def _in_namespace(self, scope: Scope, table: Value, name: str) -> Target:
        """What a name means in `module.__dict__`, `vars(module)` or `globals()`."""
        if isinstance(table, Call) and table.positional:
            return self._resolver.member(scope, table.positional[0], name)
        if isinstance(table, Attribute):
            return self._resolver.member(scope, table.of, name)
        place = (table.line, table.column, table.end_line, table.end_column)
        if isinstance(table, Name):
            return self._resolver.member(scope, Name(*place, table.dotted.removesuffix(".__dict__")), name)
        return self._resolver.resolve(scope.module_scope, Name(*place, name))

    def _entries(self, scope: Scope, table: Value) -> dict[str, Target]:
        """What a table holds, where it is known whole: by its literal, or by decorators that fill it."""
        variable = self._values.mappings.variable(scope, table)
        registered = {} if variable is None else self._registered(variable)
        if registered:
            return registered
        entries = self._values.mappings.candidates(scope, table)
        return {str(number): self._resolver.resolve(*entry) for number, entry in enumerate(entries or ())}

    def _key(self, scope: Scope, value: Value) -> str:
        settled = self._values.value(scope, value)
        return settled.value if isinstance(settled, Known) and isinstance(settled.value, str) else ""

    # -------------------------------------------------------------------------------------------------- registries

    def _registered(self, variable: Variable) -> dict[str, Target]:
        """What decorators of the project put into a table that is empty where it is made."""
        path, symbol, name = variable
        home = self._program.code.scope(path, symbol)
        bindings = home.bindings.get(name, ())
        if len(bindings) != 1 or not isinstance(bindings[0].value, Mapping | Call):
            return {}
        found: dict[str, Target] = {}
        for step in self._values.mappings.changes(variable):
            decorator = self._decorator_of(step) if isinstance(step, AssignSite) else None
            if decorator is None:
                return {}
            found.update(self._decorated(*decorator))
        return found

    def _decorator_of(self, step: AssignSite) -> tuple[Scope, str] | None:
        """The decorator (its scope, and the parameter that the key comes from; empty for `__name__`) round an assignment."""
        inner = self._program.code.scope(step.module.path, step.symbol)
        if not isinstance(inner.definition, Function) or not isinstance(step.to, Subscript):
            return None
        given = [one.name for one in inner.definition.parameters]
        if not isinstance(step.value, Name) or given[:1] != [step.value.dotted]:
            return None
        index = step.to.index
        if isinstance(index, Name) and index.dotted == f"{given[0]}.__name__":
            return inner, ""
        outer = inner.parent
        if isinstance(index, Name) and outer is not None and isinstance(outer.definition, Function):
            names = [one.name for one in outer.definition.parameters]
            return (outer, index.dotted) if index.dotted in names else None
        return None

    def _decorated(self, decorator: Scope, parameter: str) -> Iterator[tuple[str, Target]]:
        """The definitions with that decorator in all modules that are reached, by their keys."""
        for path in dict.fromkeys(unit.path for unit in self._units if unit.steps):
            top = self._program.code.scope(path)
            for definition in definitions_in(top):
                for one in definition.decorators:
                    key = self._key_of(top, one, definition, decorator, parameter)
                    if key:
                        name = Name(
                            definition.line,
                            definition.column,
                            definition.end_line,
                            definition.end_column,
                            definition.name,
                        )
                        yield key, self._resolver.resolve(top, name)

    def _key_of(self, top: Scope, one: Value, definition: Function | Class, decorator: Scope, parameter: str) -> str:
        target = self._resolver.resolve(top, one.target if isinstance(one, Call) else one)
        if (target.path, target.symbol) != (decorator.module.path, decorator.symbol):
            return ""
        if not parameter:
            return definition.name
        if not isinstance(one, Call) or not isinstance(decorator.definition, Function):
            return ""
        position = [each.name for each in decorator.definition.parameters].index(parameter)
        given = one.argument(parameter, position)
        return "" if given is None else self._key(top, given)


def _is_method_of_one_of(resolver: Resolver, scope: Scope, value: Name) -> bool:
    """Whether a call may be one of a method of an object of the program's own, whichever way leads there."""
    head, _, name = value.dotted.partition(".")
    home = scope.home_of(head) if name and "." not in name else None
    if home is None:
        return False
    bindings = home.bindings[head]
    if any(one.kind not in _MAY_BE_ONE_OF and one.item is None for one in bindings):
        return False
    return any(one.kind is not BindingKind.ASSIGNED for one in bindings) or all(
        _may_be_an_object(resolver, home, one.value) for one in bindings
    )


def _may_be_an_object(resolver: Resolver, scope: Scope, value: Value | None) -> bool:
    match value:
        case Call(target=Name()):
            return resolver.resolve(scope, value.target).kind in {TargetKind.CLASS, TargetKind.FUNCTION}
        case None | Name() | Conditional() | Call():
            return True
        case _:
            return _is_none(value)


def _is_none(value: Value | None) -> bool:
    return isinstance(value, Constant) and value.value is None


def _is_getattr(value: Value) -> bool:
    return isinstance(value, Call) and len(value.positional) >= 2 and value.written == "getattr"


def _assigned(scope: Scope, name: Name) -> list[tuple[Scope, Value]] | None:
    """What a local name is assigned, where that is names only (and None); else None."""
    home = scope.home_of(name.dotted)
    if home is None or "." in name.dotted:
        return None
    values = [
        (home, one.value)
        for one in home.bindings[name.dotted]
        if one.value is not None and not (isinstance(one.value, Constant) and one.value.value is None)
    ]
    is_plain = all(
        one.kind in {BindingKind.ASSIGNED, BindingKind.PARAMETER} for one in home.bindings[name.dotted]
    ) and all(isinstance(value, Name) and value.dotted != name.dotted for _, value in values)
    return values if values and is_plain else None


def _is_namespace(table: Value) -> bool:
    """Whether a table holds the names of a module or object."""
    match table:
        case Name():
            return table.dotted.endswith(".__dict__")
        case Attribute():
            return table.name == "__dict__"
        case Call():
            return table.written == ("vars" if table.positional else "globals")
        case _:
            return False


def _table_and_key(value: Value) -> tuple[Value, Value] | None:
    """The table and the key of `table[key]` and of `table.get(key)`."""
    if isinstance(value, Subscript):
        return value.of, value.index
    if isinstance(value, Call) and value.positional:
        target = value.target
        if isinstance(target, Name) and target.dotted.endswith(".get"):
            dotted = target.dotted.removesuffix(".get")
            return Name(target.line, target.column, target.end_line, target.end_column, dotted), value.positional[0]
        if isinstance(target, Attribute) and target.name == "get":
            return target.of, value.positional[0]
    return None
