"""What changes mappings after they were made, and the other names under which they go: told of each unit by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import Attribute, Constant, Function, Import, Mapping, Name, Subscript, Value
from repro_gui.facts.scopes import Scope, TargetKind
from repro_gui.facts.steps import AssignSite, CallSite, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import Unit

_CHANGES_ONE = frozenset({"setdefault", "pop", "__setitem__", "__delitem__"})
_CHANGES_ANY = frozenset({"update", "popitem", "clear"})
# Names that import one another: real chains are short.
_MOST_STEPS = 16

# A variable: path of its module, symbol of the scope that binds it, name.
Variable = tuple[str, str, str]


class Change(msgspec.Struct, frozen=True):
    """What changes a mapping, and the key whose item that is (None: any); `is_inside`: it changes what that item holds."""

    key: str | None
    step: Step
    is_inside: bool = False


class Alias(msgspec.Struct, frozen=True):
    """Another variable for the same mapping."""

    variable: Variable


class Spread(msgspec.Struct, frozen=True):
    """A call that gets a mapping's items by `**`."""

    site: CallSite


def changes_in(unit: Unit, program: Program) -> Iterator[tuple[Variable, Change | Alias | Spread]]:
    """What a unit does to mappings, in order, by the variables of these."""
    reader = _Reader(program)
    for step in unit.steps:
        if isinstance(step, AssignSite):
            reader.note_assignment(step)
        else:
            reader.note_call(step)
    yield from reader.found


class _Reader:
    def __init__(self, program: Program) -> None:
        self._program = program
        self.found: list[tuple[Variable, Change | Alias | Spread]] = []

    def note_assignment(self, step: AssignSite) -> None:
        scope = self._program.code.scope(step.module.path, step.symbol)
        if isinstance(step.to, Subscript):
            self._note_item(scope, step.to, step, is_inside=isinstance(step.to.of, Subscript))
        elif isinstance(step.to, Name) and isinstance(step.value, Name):
            one, other = variable_of(self._program, scope, step.value), variable_of(self._program, scope, step.to)
            if one is not None and other is not None and one != other:
                self.found.append((one, Alias(other)))

    def note_call(self, site: CallSite) -> None:
        call = site.call
        scope: Scope | None = None
        if _last(call.written) in _CHANGES_ONE | _CHANGES_ANY:
            scope = self._program.code.scope(site.module.path, site.symbol)
            self._note_change(scope, site, call.written)
        target = call.target
        if isinstance(target, Attribute) and target.name in _CHANGES_ONE | _CHANGES_ANY:
            scope = scope or self._program.code.scope(site.module.path, site.symbol)
            self._note_item(scope, target.of, site, is_inside=True)
        for keyword in call.keywords:
            if not keyword.name:
                scope = scope or self._program.code.scope(site.module.path, site.symbol)
                for name in _spread_names(keyword.value):
                    variable = variable_of(self._program, scope, name)
                    if variable is not None:
                        self.found.append((variable, Spread(site)))
        if site.target.path and site.target.kind is TargetKind.FUNCTION:
            self._note_handing(site, scope)

    def _note_item(self, scope: Scope, item: Value, step: Step, *, is_inside: bool) -> None:
        """A change of `mapping["key"]`, or of `mapping["key"]["inner"]`, which is one inside."""
        name, key = root_of(item)
        variable = None if name is None else variable_of(self._program, scope, name)
        if variable is not None:
            self.found.append((variable, Change(key, step, is_inside=is_inside)))

    def _note_change(self, scope: Scope, site: CallSite, dotted: str) -> None:
        owner, _, method = dotted.rpartition(".")
        call = site.call
        assert isinstance(call.target, Name)
        variable = variable_of(self._program, scope, _renamed(call.target, owner)) if owner else None
        if variable is None:
            return
        first = call.positional[0] if call.positional else None
        if method in _CHANGES_ONE and isinstance(first, Constant) and isinstance(first.value, str):
            self.found.append((variable, Change(first.value, site)))
        elif method == "update" and not call.has_star and (first is None or isinstance(first, Mapping)):
            names = [keyword.name for keyword in call.keywords]
            keys = first.keys if isinstance(first, Mapping) else ()
            for key in keys:
                known = key.value if isinstance(key, Constant) else None
                self.found.append((variable, Change(known if isinstance(known, str) else None, site)))
            self.found.extend((variable, Change(name, site)) for name in names)
        else:
            self.found.append((variable, Change(None, site)))

    def _note_handing(self, site: CallSite, scope: Scope | None) -> None:
        """A mapping that is handed to a function of the project is the function's parameter too."""
        definition = site.target.definition
        if not isinstance(definition, Function):
            return
        names = [one.name for one in definition.parameters if one.kind in {"positional-only", "positional"}]
        if "." in site.target.symbol and names[:1] in (["self"], ["cls"]):
            del names[0]
        for name, value in zip(names, site.call.positional, strict=False):
            if isinstance(value, Name):
                self._note_parameter(site, scope, value, name)
        for keyword in site.call.keywords:
            if keyword.name and isinstance(keyword.value, Name):
                self._note_parameter(site, scope, keyword.value, keyword.name)

    def _note_parameter(self, site: CallSite, scope: Scope | None, value: Name, parameter: str) -> None:
        scope = scope or self._program.code.scope(site.module.path, site.symbol)
        variable = variable_of(self._program, scope, value)
        if variable is not None:
            self.found.append((variable, Alias((site.target.path, site.target.symbol, parameter))))


def root_of(item: Value) -> tuple[Name | None, str | None]:
    """The name and the first key of `name["key"]["inner"]`; a key that is not literal is None."""
    key: str | None = None
    while isinstance(item, Subscript):
        key = item.index.value if isinstance(item.index, Constant) and isinstance(item.index.value, str) else None
        item = item.of
    return (item, key) if isinstance(item, Name) else (None, None)


def variable_of(program: Program, scope: Scope, name: Name, steps: int = 0) -> Variable | None:
    """The variable of the project that a name means, the same through imports; None for what is none."""
    owner, _, last = name.dotted.rpartition(".")
    if owner:
        target = program.code.resolver.resolve(scope, _renamed(name, owner))
        if target.kind is TargetKind.MODULE and target.path in program.modules:
            return variable_of(program, program.code.scope(target.path), _renamed(name, last), steps + 1)
        return (target.path, target.symbol, last) if target.kind is TargetKind.CLASS else None
    home = scope.home_of(last)
    if home is None or steps > _MOST_STEPS:
        return None
    bindings = home.bindings[last]
    record = bindings[0].record
    if len(bindings) == 1 and isinstance(record, Import) and record.name:
        dotted = f"{record.module}.{record.name}" if record.module else record.name
        found = program.code.finder.find(dotted, home.module.path, record.level)
        if found is None or found.path not in program.modules or len(found.rest) != 1:
            return None
        return variable_of(program, program.code.scope(found.path), _renamed(name, found.rest[0]), steps + 1)
    return home.module.path, home.symbol, last


def _spread_names(value: Value) -> Iterable[Name]:
    """The names whose items a `**value` brings."""
    if isinstance(value, Name):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in zip(value.keys, value.values, strict=True):
            if key is None:
                yield from _spread_names(inner)


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _renamed(name: Name, dotted: str) -> Name:
    return Name(name.line, name.column, name.end_line, name.end_column, dotted)
