"""Calls of methods and classes that classes have their own of: what `self.setup()` runs depends on the class of the object."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import Class, Function, Name, Raise
from repro_gui.facts.scopes import BindingKind, Target, TargetKind
from repro_gui.facts.steps import CallSite

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import Step, Unit

# A class or function of the project: path and symbol.
_Named = tuple[str, str]
# Of a class with more than these made of it, and of one made of more, it is not known what runs.
_MOST_CLASSES = 256
_MOST_BASES = 40
# What one call may run, and whether it runs whichever class the object has.
_Candidates = tuple[tuple[Target, bool], ...]


def with_overriding_calls(program: Program, units: dict[Unit, int]) -> tuple[dict[Unit, int], frozenset[_Named]]:
    """The units, with calls of the methods that objects made on the way have in the place of those of the class that they stand in.

    Where objects of several classes are made there is one call for each method, under a condition of which nothing is known, but
    for a method that all others call themselves. With the functions that are not called where they seem to be. The same object
    comes back where nothing is overridden; entry points with the same calls share the units made for them.
    """
    overriding: _Overriding | None = None
    found: dict[Unit, dict[int, _Candidates]] = {}
    for one in program.told_of(units, _calls_of_methods, program):
        overriding = overriding or _Overriding(program, units)
        candidates = overriding.candidates(one)
        if candidates:
            found.setdefault(one.unit, {})[one.number] = candidates
    if not found:
        return units, frozenset()
    left = {
        name
        for unit, by_number in found.items()
        for number, candidates in by_number.items()
        if all(_name(target) != _name(unit.steps[number].target) for target, _ in candidates)
        for name in _run_by(unit.steps[number].target)
    }
    made = {_with_candidates(program, unit, found[unit]) if unit in found else unit: units[unit] for unit in units}
    return made, frozenset(left)


def _with_candidates(program: Program, unit: Unit, found: dict[int, _Candidates]) -> Unit:
    told = [(number, *[(_name(one), is_certain) for one, is_certain in each]) for number, each in found.items()]
    key: Hashable = ("overriding", unit, *told)
    if key in program.remembered:
        known: Unit = program.remembered[key]
        return known
    steps: list[Step] = []
    for number, step in enumerate(unit.steps):
        if number not in found:
            steps.append(step)
            continue
        for target, is_certain in found[number]:
            under = step.under if is_certain else (*step.under, (None, True))
            is_conditional = step.is_conditional or not is_certain
            steps.append(msgspec.structs.replace(step, target=target, under=under, is_conditional=is_conditional))
    before = {_name(unit.steps[number].target) for number in found}
    called = {_name(step.target): None for step in steps if isinstance(step, CallSite)}
    named = {_name(target): None for each in found.values() for target, _ in each if target.path}
    refers = {one: None for one in unit.refers if one not in before or one in called} | named
    made = program.remembered[key] = msgspec.structs.replace(unit, steps=tuple(steps), refers=tuple(refers))
    return made


class _CallOfMethod(msgspec.Struct, frozen=True):
    """The step of this number calls a method of a parameter (`self` or one with an annotation) that is an object of a class.

    Or a class that stands in, or is named by, that class.
    """

    unit: Unit
    number: int
    target: Target
    of: _Named
    name: str


def _calls_of_methods(unit: Unit, program: Program) -> Iterator[_CallOfMethod]:
    for number, site in enumerate(unit.steps):
        if not isinstance(site, CallSite) or site.target.kind not in _CALLED:
            continue
        written = site.call.target
        head, _, name = written.dotted.partition(".") if isinstance(written, Name) else ("", "", "")
        if not name or "." in name or not isinstance(written, Name):
            continue
        scope = program.code.scope(site.module.path, site.symbol)
        home = scope.home_of(head)
        if home is None or any(one.kind is not BindingKind.PARAMETER for one in home.bindings[head]):
            continue
        of = program.code.resolver.resolve(scope, _named(written, head))
        # What a method assigns (`self.model = Model()`) belongs to one object.
        is_own = site.target.kind is not TargetKind.CLASS or program.code.has_in_class(*_name(of), name)
        if of.kind is TargetKind.CLASS and is_own:
            yield _CallOfMethod(unit, number, site.target, _name(of), name)


def _bases_in(unit: Unit, program: Program) -> Iterator[tuple[_Named, _Named]]:
    """The classes of a module, each by its bases in the project."""
    if unit.symbol:
        return
    for symbol, scope in program.code.resolver.scopes(unit.path).by_symbol.items():
        if scope.kind == "class":
            for base in program.code.bases(unit.path, symbol):
                yield base, (unit.path, symbol)


class _Overriding:
    """The classes that one entry point reaches, of which it makes objects, and their methods."""

    def __init__(self, program: Program, units: dict[Unit, int]) -> None:
        self._code = program.code
        self._units = units
        self._below = program.index_of(_bases_in, program)
        self._below.add(units)
        self._by_name = {(unit.path, unit.symbol): unit for unit in units}
        self._made = {one for unit in units for one in unit.makes}
        if any(unit.makes_by_hydra for unit in units):
            self._made.update(self._code.configured)
        if any(unit.imports_by_name for unit in units):
            self._made.update(self._code.named_in_configs)
        opened = {path for unit in units for path in unit.opens}
        self._opened = opened | {posixpath.dirname(path) for path in opened if path.endswith("/__init__.py")}
        self._makes_any = any("__subclasses__" in unit.attributes for unit in units)
        self._families: dict[_Named, list[_Named]] = {}
        self._orders: dict[_Named, tuple[_Named, ...]] = {}
        self._methods: dict[tuple[_Named, str], dict[_Named, Target] | None] = {}
        self._always: dict[tuple[tuple[_Named, ...], str], set[_Named]] = {}

    def candidates(self, one: _CallOfMethod) -> _Candidates:
        """What a call may run; nothing where that is what it seems to call."""
        if (one.of, one.name) not in self._methods:
            self._methods[one.of, one.name] = self._methods_of(one.of, one.name)
        found = self._methods[one.of, one.name]
        if found is None or set(found) == {_name(one.target)}:
            return ()
        if not found:
            return ((one.target, False),)
        # Of what no class in the project has, the call says all that is known.
        targets = [target if target.path else one.target for target in found.values()]
        if one.target.method:
            targets = [msgspec.structs.replace(target, method=one.target.method) for target in targets]
        if len(targets) == 1:
            return ((targets[0], True),)
        key = (tuple(_name(target) for target in targets), one.name)
        if key not in self._always:
            self._always[key] = set.intersection(*[self._always_runs(target, one.name) for target in targets])
        return tuple((target, _name(self._started(target)) in self._always[key]) for target in targets)

    def _methods_of(self, of: _Named, name: str) -> dict[_Named, Target] | None:
        """The methods of that name that objects of a class and of those made of it have, without those that only fail.

        None where no class is made of it, nothing where too many are.
        """
        family = self._family(of)
        if len(family) == 1:
            return None
        if len(family) > _MOST_CLASSES:
            return {}
        found: dict[_Named, Target] = {}
        for one in self._likely(family):
            target = self._method(one, name)
            found.setdefault(_name(target), target)
        working = {key: target for key, target in found.items() if not self._only_fails(target)}
        return working or found

    def _family(self, of: _Named) -> list[_Named]:
        """A class and all that are made of it in modules that are reached."""
        if of not in self._families:
            seen = {of: None}
            pending = [of]
            while pending and len(seen) <= _MOST_CLASSES:
                for one in self._below.of(pending.pop(), self._units):
                    if one not in seen:
                        seen[one] = None
                        pending.append(one)
            self._families[of] = list(seen)
        return self._families[of]

    def _likely(self, family: Sequence[_Named]) -> Sequence[_Named]:
        """Those of which objects may be made; all where none is seen."""
        if self._makes_any or any("__init_subclass__" in self._code.scope(*one).bindings for one in family):
            return family
        return [one for one in family if one in self._made or self._is_opened(one[0])] or family

    def _is_opened(self, path: str) -> bool:
        """Whether what is in a module may be used by names that are not written."""
        while path:
            if path in self._opened:
                return True
            path = path.rpartition("/")[0]
        return False

    def _method(self, of: _Named, name: str) -> Target:
        for one in self._order(of):
            scope = self._code.scope(*one)
            if name in scope.bindings and isinstance(scope.definition, Class):
                target = self._code.resolver.resolve(scope, _named(scope.definition, name))
                return target if target.kind in _DEFINED else Target(TargetKind.UNKNOWN)
        return Target(TargetKind.UNKNOWN)

    def _order(self, of: _Named, depth: int = 0) -> tuple[_Named, ...]:
        """The classes in which Python looks for a method: what is below comes before what is above, as in C3."""
        if of not in self._orders:
            self._orders[of] = (of,)  # what a class made of itself finds
            bases = self._code.bases(*of) if depth < _MOST_BASES else ()
            above = [one for base in bases for one in self._order(base, depth + 1)]
            # Of what is there twice, the last counts.
            self._orders[of] = (of, *reversed(dict.fromkeys(one for one in reversed(above) if one != of)))
        return self._orders[of]

    def _only_fails(self, target: Target) -> bool:
        """Whether nobody can call a method and go on: it is abstract, or raises something whatever happens."""
        if not isinstance(target.definition, Function):
            return False
        written = (one.dotted for one in target.definition.decorators if isinstance(one, Name))
        if any(one.rpartition(".")[2] == "abstractmethod" for one in written):
            return True
        return any(isinstance(event, Raise) for event in self._code.scope(target.path, target.symbol).body)

    def _started(self, target: Target) -> Target:
        """What runs where something is called: of a class its `__init__`."""
        if target.kind is not TargetKind.CLASS:
            return target
        found = self._method(_name(target), "__init__")
        return found if found.path else target

    def _always_runs(self, target: Target, name: str) -> set[_Named]:
        """A method and those of the same name that it calls under no condition, as `super().setup()` does."""
        if target.kind is TargetKind.CLASS:
            target, name = self._started(target), "__init__"
        found: set[_Named] = set()
        pending = [_name(target)]
        while pending:
            here = pending.pop()
            unit = self._by_name.get(here)
            if here in found or not here[1]:
                continue
            found.add(here)
            for site in () if unit is None else unit.calls:
                is_same = site.target.kind is TargetKind.FUNCTION and site.target.symbol.endswith(f".{name}")
                if is_same and not site.is_conditional and not site.past:
                    pending.append(_name(site.target))
        return found


_DEFINED = frozenset({TargetKind.FUNCTION, TargetKind.CLASS})
_CALLED = _DEFINED | {TargetKind.UNKNOWN}


def _name(target: Target) -> _Named:
    return target.path, target.symbol


def _run_by(target: Target) -> tuple[_Named, ...]:
    """What a call of something runs: of a class its `__init__` too."""
    if target.kind is not TargetKind.CLASS:
        return (_name(target),)
    return _name(target), (target.path, f"{target.symbol}.__init__")


def _named(node: Name | Class, dotted: str) -> Name:
    return Name(node.line, node.column, node.end_line, node.end_column, dotted)
