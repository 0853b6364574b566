"""What literal mappings give: `Estimator(**PARAMS)`, `CONFIG["seed"]`, keyword arguments handed on from caller to caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import (
    Call,
    Conditional,
    Function,
    Mapping,
    Name,
    Operation,
    Sequence,
    Starred,
    Subscript,
    Value,
)
from repro_gui.facts.mapping_changes import Alias, Change, Spread, Variable, changes_in, root_of, variable_of
from repro_gui.facts.scopes import Scope
from repro_gui.facts.setting_values import section_lacks
from repro_gui.facts.steps import AssignSite, CallSite

if TYPE_CHECKING:
    from repro_gui.facts.default_values import DefaultValues
    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import Step, Unit

# Mappings of mappings, merged and handed on: real chains are short.
_MOST_STEPS = 16
# Give a mapping with the same items.
_COPIES = frozenset({"copy.copy", "copy.deepcopy", "types.MappingProxyType"})


class Holder(msgspec.Struct, frozen=True):
    """A literal that could hold a key: a dict display or a `dict(…)` call, and the variable that it is bound to, if one."""

    scope: Scope
    literal: Mapping | Call
    variable: Variable | None = None


class Given(msgspec.Struct, frozen=True):
    """What is given for a parameter or key: `value` in `scope`; without a value nothing is given, if `is_known`.

    `holder` is the literal through which it came, or could come; `caller` the call whose keywords are handed on, `through` the
    `**kwargs` through which they are.
    """

    value: Value | None = None
    scope: Scope | None = None
    is_known: bool = True
    holder: Holder | None = None
    caller: CallSite | None = None
    through: tuple[Variable, ...] = ()

    @property
    def is_absent(self) -> bool:
        """True when it is certain that nothing is given."""
        return self.is_known and self.value is None


_UNSEEN = Given(is_known=False)


class LiteralMappings:
    """Looks keys up in mappings of one way through a program; a mapping that something else may change is not known."""

    def __init__(self, program: Program, values: DefaultValues, order: dict[Unit, int]) -> None:
        self._program = program
        self._resolver = program.code.resolver
        self._values = values
        self._order = order
        self._told = program.index_of(changes_in, program)
        self._told.add(order)
        self._told_of: dict[Variable, list[Change | Alias | Spread]] = {}
        self._handed: dict[tuple[str, str, str], Given] = {}

    def argument(self, scope: Scope, call: Call, name: str, position: int = -1, steps: int = 0) -> Given:
        """What a call gives for a parameter, by name, position, or through `**`."""
        found = call.argument(name, position)
        if found is not None:
            return Given(found, scope)
        if not call.has_star:
            return Given()
        if any(isinstance(value, Starred) for value in call.positional) or steps > _MOST_STEPS:
            return _UNSEEN
        absent = Given()
        for keyword in reversed(call.keywords):
            if keyword.name:
                continue
            given = self.item(scope, keyword.value, name, steps + 1)
            if not given.is_absent:
                return given
            absent = given
        return absent

    def spreads(self, variable: Variable) -> list[CallSite]:
        """The calls that get a variable's items by `**`, itself or merged with others."""
        return [one.site for one in self._told_about(variable) if isinstance(one, Spread)]

    def variable(self, scope: Scope, value: Value) -> Variable | None:
        """The variable of the project that a name means, the same through imports."""
        return variable_of(self._program, scope, value) if isinstance(value, Name) else None

    def changes(self, variable: Variable) -> list[Step]:
        """What changes a mapping after it was made."""
        return [change.step for change in self._changes_of(variable, None, set())]

    def item(self, scope: Scope, mapping: Value, key: str, steps: int = 0) -> Given:
        """What a mapping holds under a key."""
        if steps > _MOST_STEPS:
            return _UNSEEN
        match mapping:
            case Name():
                return self._item_of_name(scope, mapping, key, steps)
            case Mapping():
                return self._item_of_display(scope, mapping, key, steps)
            case Call():
                return self._item_of_call(scope, mapping, key, steps)
            case Operation() if mapping.operator == "|":
                for operand in reversed(mapping.operands):
                    given = self.item(scope, operand, key, steps + 1)
                    if not given.is_absent:
                        return given
                return Given()
            case Conditional():
                held = self._values.truth(scope, mapping.condition, steps + 1)
                if held is None:
                    return _UNSEEN
                return self.item(scope, mapping.then if held else mapping.otherwise, key, steps + 1)
            case Subscript():
                return self._item_of_subscript(scope, mapping, key, steps)
            case _:
                return _UNSEEN

    def subscript(self, scope: Scope, value: Subscript, steps: int = 0) -> Given:
        """What `mapping["key"]` or `sequence[0]` is; absent where it would raise."""
        if steps > _MOST_STEPS:
            return _UNSEEN
        index = self._values.value(scope, value.index, steps + 1)
        key = getattr(index, "value", None)
        if isinstance(key, str):
            return self.item(scope, value.of, key, steps + 1)
        if isinstance(key, int) and not isinstance(key, bool):
            where, of = self._values.origin(scope, value.of, steps)
            if not isinstance(of, Sequence) or of.kind == "set" or len(of.elements) != of.length:
                return _UNSEEN
            if not any(isinstance(one, Starred) for one in of.elements) and -of.length <= key < of.length:
                return Given(of.elements[key], where)
        return _UNSEEN

    def candidates(self, scope: Scope, mapping: Value, steps: int = 0) -> list[tuple[Scope, Value]] | None:
        """All values of a literal mapping; None where it is not known whole."""
        where, value = self._values.origin(scope, mapping, steps)
        if not isinstance(value, Mapping) or value.length != len(value.keys) or steps > _MOST_STEPS:
            return None
        variable = variable_of(self._program, scope, mapping) if isinstance(mapping, Name) else None
        if variable is not None and self._changes_of(variable, None, set()):
            return None
        found: list[tuple[Scope, Value]] = []
        for key, one in zip(value.keys, value.values, strict=True):
            if key is None:
                inner = self.candidates(where, one, steps + 1)
                if inner is None:
                    return None
                found += inner
            else:
                found.append((where, one))
        return found

    # ---------------------------------------------------------------------------------------------------- the kinds

    def _item_of_name(self, scope: Scope, name: Name, key: str, steps: int) -> Given:
        parameter = self._values.parameter_of(scope, name) if "." not in name.dotted else None
        variable = variable_of(self._program, scope, name)
        if variable is not None:
            changes = self._changes_of(variable, key, set())
            if changes:
                return self._assigned_item(scope, name, changes)
        if parameter is not None:
            if parameter[1].kind == "**":
                known = (parameter[0].module.path, parameter[0].symbol, key)
                if known not in self._handed:
                    self._handed[known] = _UNSEEN  # what a function that calls itself finds
                    self._handed[known] = self._handed_on(parameter[0], key, steps)
                return self._handed[known]
            where, value = self._values.origin(scope, name, steps)
            if isinstance(value, Name) and value.dotted == name.dotted and where is scope:
                return _UNSEEN
            return self.item(where, value, key, steps + 1)
        found = self._resolver.bound_once(scope, name)
        if found is None:
            return _UNSEEN
        given = self.item(*found, key, steps + 1)
        if given.holder is not None and given.holder.literal is found[1]:
            # The literal stands right behind this name.
            return msgspec.structs.replace(given, holder=msgspec.structs.replace(given.holder, variable=variable))
        return given

    def _assigned_item(self, scope: Scope, name: Name, changes: list[Change]) -> Given:
        """What `mapping["key"] = value` gives, where that is the only change and comes first for certain."""
        written, step = changes[0].key, changes[0].step
        if (
            len(changes) != 1
            or written is None
            or changes[0].is_inside
            or not isinstance(step, AssignSite)
            or step.is_conditional
        ):
            return _UNSEEN
        same_unit = (step.module.path, step.symbol) == (scope.module.path, scope.function_scope.symbol)
        if step.value is None or step.assign.operator != "=" or not (same_unit or not step.symbol):
            return _UNSEEN
        if same_unit and (step.assign.line, step.assign.column) > (name.line, name.column):
            return _UNSEEN
        return Given(step.value, self._program.code.scope(step.module.path, step.symbol))

    def _item_of_subscript(self, scope: Scope, mapping: Subscript, key: str, steps: int) -> Given:
        if self._is_section_without(scope, mapping, key):
            return Given()
        inner = self.subscript(scope, mapping, steps + 1)
        if inner.value is None or inner.scope is None:
            return _UNSEEN
        return self.item(inner.scope, inner.value, key, steps + 1)

    def _item_of_display(self, scope: Scope, mapping: Mapping, key: str, steps: int) -> Given:
        holder = Holder(scope, mapping)
        for name, value in reversed(list(zip(mapping.keys, mapping.values, strict=True))):
            if name is None:
                given = self.item(scope, value, key, steps + 1)
                if not given.is_absent:
                    return given
                continue
            written = self._values.value(scope, name, steps + 1)
            known = getattr(written, "value", _UNSEEN)
            if known is _UNSEEN:
                return _UNSEEN
            if known == key:
                return Given(value, scope, holder=holder)
        return Given(holder=holder) if mapping.length == len(mapping.keys) else _UNSEEN

    def _item_of_call(self, scope: Scope, call: Call, key: str, steps: int) -> Given:
        if isinstance(call.target, Name) and _last(call.target.dotted) == "copy" and not call.positional:
            owner = call.target.dotted.removesuffix(".copy")
            if owner != call.target.dotted:
                return self.item(scope, _renamed(call.target, owner), key, steps + 1)
        target = self._resolver.resolve(scope, call.target)
        if target.name in _COPIES and len(call.positional) == 1:
            return self.item(scope, call.positional[0], key, steps + 1)
        if target.name != "builtins.dict" or any(isinstance(one, Starred) for one in call.positional):
            return self._returned_item(scope, call, key, steps)
        given = self.argument(scope, call, key, -1, steps + 1)
        if not given.is_absent:
            is_own = given.value is not None and call.keyword(key) is not None
            return msgspec.structs.replace(given, holder=Holder(scope, call)) if is_own else given
        if call.positional:
            inner = self.item(scope, call.positional[0], key, steps + 1)
            if not inner.is_absent:
                return inner
        return Given(holder=Holder(scope, call))

    def _returned_item(self, scope: Scope, call: Call, key: str, steps: int) -> Given:
        """The item of what a function of the project gives back, where it has a single `return`."""
        found = self._resolver.returned_value(scope, call)
        if found is not None:
            return self.item(*found, key, steps + 1)
        return Given() if self._is_section_without(scope, call, key) else _UNSEEN

    def _is_section_without(self, scope: Scope, section: Value, key: str) -> bool:
        """Whether a section of a configuration file, as it stands there, holds no such key."""
        root, first = root_of(section)
        variable = None if root is None else variable_of(self._program, scope, root)
        if variable is not None and self._changes_of(variable, first, set()):
            return False
        return section_lacks(self._program, self._values, scope, section, key)

    def _handed_on(self, home: Scope, key: str, steps: int) -> Given:
        """What the callers of a function with `**kwargs` give under a key."""
        definition = home.definition
        assert isinstance(definition, Function)
        if any(one.name == key for one in definition.parameters):
            return Given()
        name = next(one.name for one in definition.parameters if one.kind == "**")
        variable = (home.module.path, home.symbol, name)
        found: list[Given] = []
        sites = self._values.callers(home.module.path, home.symbol)
        for site in sites:
            given = self.argument(self._values.scope(site), site.call, key, -1, steps + 1)
            caller = given.caller or (site if given.is_absent and given.holder is None else None)
            found.append(msgspec.structs.replace(given, caller=caller, through=(variable, *given.through)))
        if not found or not all(given.is_known for given in found):
            return _UNSEEN
        if len(found) == 1:
            return found[0]
        if all(given.is_absent for given in found):
            return Given(through=(variable,))
        settled = [
            None if one.value is None or one.scope is None else self._values.value(one.scope, one.value, steps + 1)
            for one in found
        ]
        return found[0] if settled[0] is not None and all(one == settled[0] for one in settled) else _UNSEEN

    # ------------------------------------------------------------------------------------------------- what changes

    def _changes_of(self, variable: Variable, key: str | None, seen: set[Variable]) -> list[Change]:
        """What may change a variable's item (None: any), also where it goes by another name."""
        if variable in seen:
            return []
        seen.add(variable)
        told = self._told_about(variable)
        found = [one for one in told if isinstance(one, Change) and (key is None or one.key is None or one.key == key)]
        for alias in (one for one in told if isinstance(one, Alias)):
            found += [Change(None, change.step) for change in self._changes_of(alias.variable, key, seen)]
        return found

    def _told_about(self, variable: Variable) -> list[Change | Alias | Spread]:
        if variable not in self._told_of:
            self._told_of[variable] = self._told.of(variable, self._order)
        return self._told_of[variable]


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _renamed(name: Name, dotted: str) -> Name:
    return Name(name.line, name.column, name.end_line, name.end_column, dotted)
