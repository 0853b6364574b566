"""What a dotted name in some scope stands for, followed through imports, re-exports, aliases, instances and `self`."""

from __future__ import annotations

import builtins
import posixpath
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.annotations import is_nothing, plain_annotation
from repro_gui.facts.decorators import is_for_class, is_property, is_static
from repro_gui.facts.events import (
    Assign,
    Attribute,
    Call,
    Class,
    Constant,
    Function,
    Import,
    Mapping,
    Name,
    Operation,
    Parameter,
    Return,
    Subscript,
    Value,
    Yield,
)
from repro_gui.facts.followed_once import FollowedOnce
from repro_gui.facts.modules import IMPORT_BY_NAME, module_named
from repro_gui.facts.scopes import Binding, BindingKind, ModuleScopes, Scope, Target, TargetKind, binding_at
from repro_gui.facts.walk import flat_events

if TYPE_CHECKING:
    from collections.abc import MutableMapping as Modules

    from repro_gui.facts.modules import ModuleFinder
    from repro_gui.facts.sources import ModuleSummary

_BUILTINS = frozenset(dir(builtins))
# Aliases of aliases, re-exports of re-exports: real chains are short, circles are endless.
_MOST_STEPS = 24
_UNKNOWN = Target(TargetKind.UNKNOWN)
# What these return is something of the program's own.
_GIVE_ANYTHING = frozenset(
    {
        "builtins.__import__",
        "builtins.eval",
        "builtins.getattr",
        "builtins.getattr()",
        "builtins.globals",
        "builtins.globals()",
        "builtins.iter",
        "builtins.locals",
        "builtins.max",
        "builtins.min",
        "builtins.next",
        "builtins.vars",
    }
)
# These give back what they are given, in other clothes.
_WRAPPERS = frozenset(
    {
        "torch.nn.DataParallel",
        "torch.nn.parallel.DistributedDataParallel",
        "torch.compile",
        "torch.jit.script",
        "copy.copy",
        "copy.deepcopy",
    }
)


class Resolver:
    """Answers for all modules of one project; remembers scopes."""

    def __init__(self, modules: Modules[str, ModuleSummary], finder: ModuleFinder) -> None:
        self._modules = modules
        self.finder = finder
        self._scopes: dict[str, ModuleScopes] = {}
        self._attributes: dict[tuple[str, str], dict[str, list[tuple[Scope, Value]]]] = {}
        # By scope, which live as long as this.
        self._returns: dict[int, list[Value]] = {}
        # What names are bound to, members of classes, and what functions give, by scope.
        self._followed: FollowedOnce[Target] = FollowedOnce()
        self._unbound_known: dict[tuple[str, str], Target] = {}

    def scopes(self, path: str) -> ModuleScopes:
        """The scopes of a module of the project."""
        found = self._scopes.get(path)
        if found is None:
            # What is looked into is read whole, and stays so.
            whole = self._modules[path] = self._modules[path].whole
            found = self._scopes[path] = ModuleScopes(whole)
        return found

    def resolve(self, scope: Scope, value: Value) -> Target:
        """What a value stands for; calls stand for what they return (an instance, or the canonical name with "()")."""
        return self._value(scope, value, 0)

    def resolve_assigned(self, scope: Scope, to: Value) -> Target:
        """What an assignment changes: a variable or attribute, never what it holds so far."""
        if isinstance(to, Name):
            owner, _, name = to.dotted.rpartition(".")
            if not owner:
                return Target(TargetKind.VALUE, path=scope.module.path, symbol=f"{scope.symbol}.{name}".lstrip("."))
            of = self._dotted(scope, owner, 0)
        elif isinstance(to, Attribute):
            of, name = self._value(scope, to.of, 0), to.name
        else:
            return _UNKNOWN
        if of.kind in {TargetKind.OUTSIDE, TargetKind.BUILTIN}:
            return Target(TargetKind.OUTSIDE, f"{of.name}.{name}", method=name)
        if of.kind in {TargetKind.MODULE, TargetKind.CLASS}:
            return Target(TargetKind.VALUE, f"{of.name}.{name}", of.path, f"{of.symbol}.{name}".lstrip("."), name)
        return Target(TargetKind.UNKNOWN, method=name)

    def absolute(self, importer: str, dotted: str, level: int = 0) -> Target:
        """What a dotted name means to an import statement of that module."""
        return self._absolute(importer, dotted, level, 0)

    def value_of(self, scope: Scope, value: Value, steps: int = 0) -> tuple[Scope, Value]:
        """Follow names to the value they are certainly bound to, and the scope it stands in."""
        if steps > _MOST_STEPS or not isinstance(value, Name):
            return scope, value
        found = self.bound_once(scope, value, steps)
        return (scope, value) if found is None else self.value_of(*found, steps + 1)

    def bound_once(self, scope: Scope, name: Name, steps: int = 0) -> tuple[Scope, Value] | None:
        """The value that a name is certainly bound to, and the scope it stands in; names in it are not followed."""
        head, _, rest = name.dotted.partition(".")
        if not rest:
            at_place = binding_at(scope, name)
            if at_place is not None:
                return (
                    None
                    if at_place.kind is not BindingKind.ASSIGNED or at_place.value is None
                    else (scope, at_place.value)
                )
            home = scope.home_of(head)
            return None if home is None else self._bound_value(home, head, steps)
        owner, _, last = name.dotted.rpartition(".")
        return self._member_value(self._dotted(scope, owner, steps + 1), last, steps + 1)

    def member(self, scope: Scope, value: Value, name: str) -> Target:
        """What an attribute of a value stands for."""
        return self._member(self._value(scope, value, 0), name, 0)

    def member_of(self, target: Target, name: str) -> Target:
        """What an attribute of something that is known stands for."""
        return self._member(target, name, 0)

    def returned_value(self, scope: Scope, call: Call) -> tuple[Scope, Value] | None:
        """What the function of the project that a call calls gives back, where it has a single `return` with a value."""
        target = self.resolve(scope, call.target)
        if target.kind is not TargetKind.FUNCTION or not isinstance(target.definition, Function):
            return None
        inner = self.scopes(target.path).by_symbol.get(target.symbol)
        if inner is None or target.definition.is_generator or target.definition.is_async:
            return None
        returned = [event.value for event in flat_events(inner.body) if isinstance(event, Return)]
        return (inner, returned[0]) if len(returned) == 1 and returned[0] is not None else None

    def _bound_value(self, home: Scope, name: str, steps: int) -> tuple[Scope, Value] | None:
        bindings = home.bindings[name]
        if len(bindings) != 1:
            return None
        binding = bindings[0]
        if binding.kind is BindingKind.ASSIGNED and binding.value is not None and not binding.is_conditional:
            return home, binding.value
        if binding.kind is BindingKind.IMPORT and isinstance(binding.record, Import) and binding.record.name:
            record = binding.record
            dotted = f"{record.module}.{record.name}" if record.module else record.name
            found = self.finder.find(dotted, home.module.path, record.level)
            if found is not None and found.path in self._modules and len(found.rest) == 1:
                top = self.scopes(found.path).top
                if found.rest[0] in top.bindings and steps < _MOST_STEPS:
                    return self._bound_value(top, found.rest[0], steps + 1)
        return None

    def _member_value(self, target: Target, name: str, steps: int) -> tuple[Scope, Value] | None:
        if target.kind is TargetKind.MODULE and target.path in self._modules:
            top = self.scopes(target.path).top
            return self._bound_value(top, name, steps) if name in top.bindings else None
        if target.kind is TargetKind.CLASS:
            scope = self.scopes(target.path).by_symbol.get(target.symbol)
            if scope is None:
                return None
            given = self._instance_attributes(scope).get(name, [])
            if name in scope.bindings:
                return None if given else self._bound_value(scope, name, steps)
            return given[0] if len(given) == 1 else None
        return None

    def _value(self, scope: Scope, value: Value, steps: int) -> Target:
        if steps > _MOST_STEPS:
            return self._cut_short()
        match value:
            case Name():
                earlier = binding_at(scope, value)
                if earlier is None:
                    return self._dotted(scope, value.dotted, steps)
                head, _, rest = value.dotted.partition(".")
                target = self._binding(scope, head, earlier, steps + 1)
                return self._members(target, rest, steps) if rest else target
            case Attribute():
                return self._member(self._value(scope, value.of, steps + 1), value.name, steps + 1)
            case Call():
                return self._result(scope, value, steps + 1)
            case Yield() if value.kind == "await" and value.value is not None:
                return self._value(scope, value.value, steps + 1)
            case Operation() if value.operator == "or":
                # `rng = rng or np.random.default_rng()`: the last one is what it is by default.
                return self._value(scope, value.operands[-1], steps + 1)
            case Subscript() if isinstance(value.index, Constant):
                return self._item(scope, value, value.index.value, steps + 1)
            case _:
                return _UNKNOWN

    def _item(self, scope: Scope, value: Subscript, key: object, steps: int) -> Target:
        """What stands under a literal key of a literal mapping."""
        where, table = self.value_of(scope, value.of, steps)
        if isinstance(table, Mapping) and steps <= _MOST_STEPS:
            for name, one in zip(table.keys, table.values, strict=True):
                if isinstance(name, Constant) and name.value == key and type(name.value) is type(key):
                    return self._value(where, one, steps + 1)
        return _UNKNOWN

    def _dotted(self, scope: Scope, dotted: str, steps: int) -> Target:
        if steps > _MOST_STEPS:
            return self._cut_short()
        head, _, rest = dotted.partition(".")
        home = scope.home_of(head)
        target = self._unbound(scope, head, steps) if home is None else self._bound(home, head, steps)
        if not rest:
            return target
        return self._members(target, rest, steps)

    def _members(self, target: Target, rest: str, steps: int) -> Target:
        for name in rest.split("."):
            target = self._member(target, name, steps + 1)
        return target

    def _unbound(self, scope: Scope, head: str, steps: int) -> Target:
        """What a name means that no scope binds: something of a star import, else a builtin."""
        key = (scope.module.path, head)
        found = self._unbound_known.get(key)
        if found is None:
            cuts = self._followed.cuts
            found = self._find_unbound(scope, head, steps)
            if self._followed.cuts == cuts:
                self._unbound_known[key] = found
        return found

    def _find_unbound(self, scope: Scope, head: str, steps: int) -> Target:
        outside = []
        for star in scope.module_scope.stars:
            found = self.finder.find(star.module, scope.module.path, star.level)
            if found is None:
                outside.append(star.module)
            elif found.path and not found.rest and found.path != scope.module.path:
                module = self._modules.get(found.path)
                if module is not None and _exports(module, head):
                    return self._of_module(found.path, head, steps + 1)
                if module is not None and any(one.what.name == "*" for one in module.imports):
                    target = self._of_module(found.path, head, steps + 1)
                    if target.kind not in {TargetKind.UNKNOWN, TargetKind.BUILTIN}:
                        return target
        if head in _BUILTINS:
            return Target(TargetKind.BUILTIN, f"builtins.{head}")
        if len(outside) == 1 and head not in {"__file__", "__name__", "__doc__", "__path__"}:
            return Target(TargetKind.OUTSIDE, f"{outside[0]}.{head}")
        return _UNKNOWN

    def _bound(self, home: Scope, name: str, steps: int) -> Target:
        """What a name is bound to; each name is followed once, however many ways lead to it."""
        return self._followed.find((id(home), name), self._bound_to, home, name, steps, in_circle=_UNKNOWN)

    def _cut_short(self, name: str = "") -> Target:
        return self._followed.cut_short(Target(TargetKind.UNKNOWN, method=name))

    def _bound_to(self, home: Scope, name: str, steps: int) -> Target:
        bindings = home.bindings[name]
        if len(bindings) == 1:
            return self._binding(home, name, bindings[0], steps)
        chosen = _main_binding(bindings)
        if chosen is not None:
            return self._binding(home, name, chosen, steps)
        # Several values: known only when all of them are the same thing.
        first, *others = (self._binding(home, name, binding, steps + 1) for binding in bindings)
        return first if first.name and all(other.name == first.name for other in others) else _UNKNOWN

    def _binding(self, home: Scope, name: str, binding: Binding, steps: int) -> Target:
        if steps > _MOST_STEPS:
            return self._cut_short()
        record = binding.record
        match binding.kind:
            case BindingKind.IMPORT:
                assert isinstance(record, Import)
                return self._imported(home.module.path, record, steps)
            case BindingKind.FUNCTION | BindingKind.CLASS:
                assert isinstance(record, Function | Class)
                return self._definition(home, record)
            case BindingKind.PARAMETER:
                assert isinstance(record, Parameter)
                return self._parameter(home, record, steps)
            case BindingKind.ASSIGNED | BindingKind.ENTERED:
                assert binding.value is not None
                target = self._value(home, binding.value, steps + 1)
                if target.kind is TargetKind.UNKNOWN and home.kind == "module" and not target.method:
                    dotted = self.finder.dotted_name(home.module.path)
                    return Target(TargetKind.VALUE, f"{dotted}.{name}", home.module.path, name)
                return target
            case _:
                return _UNKNOWN

    def _definition(self, home: Scope, record: Function | Class) -> Target:
        symbol = f"{home.symbol}.{record.name}" if home.symbol else record.name
        path = home.module.path
        kind = TargetKind.CLASS if isinstance(record, Class) else TargetKind.FUNCTION
        return Target(kind, f"{self.finder.dotted_name(path)}.{symbol}", path, symbol, definition=record)

    def _parameter(self, home: Scope, record: Parameter, steps: int) -> Target:
        owner = home.parent
        definition = home.definition
        if (
            owner is not None
            and owner.kind == "class"
            and isinstance(definition, Function)
            and definition.parameters
            and definition.parameters[0] is record
            and not is_static(definition)
            and owner.definition is not None
        ):
            assert isinstance(owner.definition, Class)
            assert owner.parent is not None
            target = self._definition(owner.parent, owner.definition)
            return target if is_for_class(definition) else _instance(target)
        annotation = plain_annotation(record.annotation)
        if annotation is None:
            return _UNKNOWN
        return _instance(self._value(home.parent or home, annotation, steps + 1))

    def _imported(self, importer: str, record: Import, steps: int) -> Target:
        if not record.name:
            # `import a.b` binds a, `import a.b as c` binds a.b.
            dotted = record.module if record.is_renamed else record.module.split(".", 1)[0]
            return self._absolute(importer, dotted, 0, steps + 1)
        dotted = f"{record.module}.{record.name}" if record.module else record.name
        return self._absolute(importer, dotted, record.level, steps + 1)

    def _absolute(self, importer: str, dotted: str, level: int, steps: int) -> Target:
        if steps > _MOST_STEPS:
            return self._cut_short()
        found = self.finder.find(dotted, importer, level)
        if found is None:
            return _UNKNOWN if level else Target(TargetKind.OUTSIDE, dotted)
        if found.is_unreadable:
            return _UNKNOWN
        # `from .train import train` in `__init__`: the name bound there wins over the module of that name.
        if found.path and not found.rest and found.packages and found.packages[-1] != importer:
            package = self._modules.get(found.packages[-1])
            last = posixpath.basename(found.path).removesuffix(".py")
            is_inner = posixpath.dirname(found.path) == posixpath.dirname(found.packages[-1])
            if is_inner and package is not None and last in package.binds and f".{last}" in f".{dotted}":
                bound = self._of_module(found.packages[-1], last, steps + 1)
                if bound.kind in {TargetKind.FUNCTION, TargetKind.CLASS}:
                    return bound
        if not found.rest:
            return Target(TargetKind.MODULE, found.dotted, found.path)
        if not found.path:
            return _UNKNOWN
        target = self._of_module(found.path, found.rest[0], steps + 1)
        for name in found.rest[1:]:
            target = self._member(target, name, steps + 1)
        return target

    def _of_module(self, path: str, name: str, steps: int) -> Target:
        """What a name at the top of a module of the project stands for."""
        if steps > _MOST_STEPS:
            return self._cut_short()
        if path not in self._modules:
            return _UNKNOWN
        top = self.scopes(path).top
        if name in top.bindings:
            return self._bound(top, name, steps + 1)
        inner = self.finder.find(name, path, 1) if path.endswith("__init__.py") else None
        if inner is not None and not inner.rest and inner.path:
            return Target(TargetKind.MODULE, inner.dotted, inner.path)
        return self._unbound(top, name, steps + 1) if top.stars else _UNKNOWN

    def _member(self, target: Target, name: str, steps: int) -> Target:
        if steps > _MOST_STEPS:
            return self._cut_short(name)
        match target.kind:
            case TargetKind.OUTSIDE | TargetKind.BUILTIN:
                return Target(TargetKind.OUTSIDE, f"{target.name}.{name}", method=name)
            case TargetKind.MODULE:
                if not target.path:
                    inner = self.finder.find(f"{target.name}.{name}", "")
                    if inner is not None and not inner.rest:
                        return Target(TargetKind.MODULE, inner.dotted, inner.path)
                    return Target(TargetKind.UNKNOWN, method=name)
                found = self._of_module(target.path, name, steps + 1)
                if found.kind in {TargetKind.BUILTIN, TargetKind.UNKNOWN}:
                    return Target(TargetKind.UNKNOWN, method=name)
                return found
            case TargetKind.CLASS:
                return self._class_member(target, name, steps + 1)
            case _:
                return Target(TargetKind.UNKNOWN, method=name)

    def _class_member(self, target: Target, name: str, steps: int) -> Target:
        """A method, class attribute or instance attribute of a project class, its bases included."""
        if steps > _MOST_STEPS:
            return self._cut_short(name)
        scope = self.scopes(target.path).by_symbol.get(target.symbol)
        if scope is None or not isinstance(scope.definition, Class):
            return Target(TargetKind.UNKNOWN, method=name)
        nothing = Target(TargetKind.UNKNOWN, method=name)
        key = (id(scope), f".{name}")
        return self._followed.find(key, self._member_of_scope, scope, scope.definition, name, steps, in_circle=nothing)

    def _member_of_scope(self, scope: Scope, definition: Class, name: str, steps: int) -> Target:
        if name in scope.bindings:
            binding = scope.bindings[name][-1]
            if isinstance(binding.record, Function) and is_property(binding.record):
                returned = self._returned(scope.child(binding.record), steps + 1)
                return returned if returned.name else Target(TargetKind.UNKNOWN, method=name)
            if isinstance(binding.record, Function | Class):
                return self._definition(scope, binding.record)
            if binding.value is not None:
                return self._value(scope, binding.value, steps + 1)
        given = self._instance_attributes(scope).get(name, [])
        if given:
            targets = [self._value(where, value, steps + 1) for where, value in given if not is_nothing(value)]
            if targets and all(one.name == targets[0].name for one in targets) and targets[0].name:
                return targets[0]
            return Target(TargetKind.UNKNOWN, method=name)
        for base in definition.bases:
            above = self._value(scope.parent or scope, base, steps + 1)
            if above.kind is TargetKind.OUTSIDE:
                # Which of its bases has it is not known when there are several: the first from outside speaks.
                return Target(TargetKind.OUTSIDE, f"{above.name}().{name}", method=name)
            if above.kind is TargetKind.CLASS and above.symbol != scope.symbol:
                found = self._class_member(above, name, steps + 1)
                if found.kind is not TargetKind.UNKNOWN:
                    return found
        return Target(TargetKind.UNKNOWN, method=name)

    def _instance_attributes(self, scope: Scope) -> dict[str, list[tuple[Scope, Value]]]:
        """What the methods of a class assign to attributes of `self`."""
        key = (scope.module.path, scope.symbol)
        if key not in self._attributes:
            found: dict[str, list[tuple[Scope, Value]]] = {}
            for bindings in scope.bindings.values():
                for binding in bindings:
                    method = binding.record
                    if not isinstance(method, Function) or not method.parameters:
                        continue
                    prefix = method.parameters[0].name + "."
                    inner = scope.child(method)
                    for event in flat_events(inner.body):
                        if not isinstance(event, Assign) or event.operator != "=" or event.value is None:
                            continue
                        for one in event.targets:
                            if isinstance(one, Name) and one.dotted.startswith(prefix) and one.dotted.count(".") == 1:
                                found.setdefault(one.dotted[len(prefix) :], []).append((inner, event.value))
            self._attributes[key] = found
        return self._attributes[key]

    def _result(self, scope: Scope, call: Call, steps: int) -> Target:
        """What a call gives: an instance of a project class, a partial's function, or the name with "()"."""
        target = self._value(scope, call.target, steps + 1)
        if target.name == "functools.partial" and call.positional:
            inner = self._value(scope, call.positional[0], steps + 1)
            return msgspec.structs.replace(inner, partial=call)
        if target.name in _WRAPPERS and call.positional:
            return self._value(scope, call.positional[0], steps + 1)
        if target.name in IMPORT_BY_NAME and (module := module_named(call)) is not None:
            return self._absolute(scope.module.path, *module, steps + 1)
        if target.name == "builtins.getattr" and len(call.positional) > 1:
            of, name = call.positional[0], call.positional[1]
            if isinstance(name, Constant) and isinstance(name.value, str):
                return self._member(self._value(scope, of, steps + 1), name.value, steps + 1)
        match target.kind:
            case TargetKind.CLASS:
                return _instance(target)
            case TargetKind.OUTSIDE | TargetKind.BUILTIN:
                if target.name == "builtins.super":
                    return self._super(scope, steps)
                if target.name in _GIVE_ANYTHING:
                    return _UNKNOWN
                return Target(TargetKind.OUTSIDE, f"{target.name}()", partial=target.partial)
            case TargetKind.FUNCTION if isinstance(target.definition, Function):
                inner_scope = self.scopes(target.path).by_symbol.get(target.symbol)
                if inner_scope is not None and not target.definition.is_generator:
                    return self._returned(inner_scope, steps + 1)
                return _UNKNOWN
            case _:
                return _UNKNOWN

    def _super(self, scope: Scope, steps: int) -> Target:
        while scope.kind != "class" and scope.parent is not None:
            scope = scope.parent
        if not isinstance(scope.definition, Class) or not scope.definition.bases:
            return _UNKNOWN
        base = self._value(scope.parent or scope, scope.definition.bases[0], steps + 1)
        return Target(TargetKind.OUTSIDE, f"{base.name}()") if base.kind is TargetKind.OUTSIDE else base

    def _returned(self, scope: Scope, steps: int) -> Target:
        """What a function gives back when all its returns are one known thing."""
        if steps > _MOST_STEPS:
            return self._cut_short()
        if not isinstance(scope.definition, Function):
            return _UNKNOWN
        key = (id(scope), "()")
        return self._followed.find(key, self._find_returned, scope, scope.definition, steps, in_circle=_UNKNOWN)

    def _find_returned(self, scope: Scope, definition: Function, steps: int) -> Target:
        first: Target | None = None
        for value in self._return_values(scope):
            target = self._value(scope, value, steps + 1)
            if not target.name or (first is not None and first.name != target.name):
                first = None
                break
            first = first or target
        if first is not None:
            return first
        annotation = plain_annotation(definition.annotation)
        if annotation is None:
            return _UNKNOWN
        found = self._value(scope.parent or scope, annotation, steps + 1)
        return _instance(found) if found.kind in {TargetKind.OUTSIDE, TargetKind.CLASS} else _UNKNOWN

    def _return_values(self, scope: Scope) -> list[Value]:
        found = self._returns.get(id(scope))
        if found is None:
            returned = [event.value for event in flat_events(scope.body) if isinstance(event, Return)]
            found = [value for value in returned if value is not None and not is_nothing(value)]
            self._returns[id(scope)] = found
        return found


def _instance(target: Target) -> Target:
    """An instance of a class; of a project's class its members are looked up in the class itself."""
    if target.kind is TargetKind.OUTSIDE:
        return Target(TargetKind.OUTSIDE, f"{target.name}()")
    return target if target.kind is TargetKind.CLASS else _UNKNOWN


def _main_binding(bindings: list[Binding]) -> Binding | None:
    """The binding that counts among several: an import or definition with fallbacks, or the only real value."""
    kinds = {binding.kind for binding in bindings}
    if kinds <= {BindingKind.IMPORT}:
        return bindings[0]
    if kinds <= {BindingKind.FUNCTION} or kinds <= {BindingKind.CLASS}:
        return bindings[-1]
    real = [binding for binding in bindings if binding.value is None or not is_nothing(binding.value)]
    if len(real) == 1 and real[0].kind is not BindingKind.CHANGED:
        return real[0]
    imports = [binding for binding in bindings if binding.kind is BindingKind.IMPORT]
    if imports and kinds <= {BindingKind.IMPORT, BindingKind.FUNCTION, BindingKind.CLASS}:
        return imports[0]
    return None


def _exports(module: ModuleSummary, name: str) -> bool:
    if module.exports is not None:
        return name in module.exports
    return name in module.binds and not name.startswith("_")
