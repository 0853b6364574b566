"""The way from an entry point to a call: whether it is taken by default, and through which calls it goes."""

from __future__ import annotations

from enum import IntEnum
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, TypeVar

import msgspec

from repro_gui.facts.chosen_calls import with_chosen_calls
from repro_gui.facts.components import components
from repro_gui.facts.default_values import DefaultValues
from repro_gui.facts.events import Name, Operation, Value
from repro_gui.facts.overriding_calls import with_overriding_calls
from repro_gui.facts.scopes import Scope
from repro_gui.facts.steps import CallSite
from repro_gui.facts.walk import evaluated, is_main_test
from repro_gui.location import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from repro_gui.facts.entry_points import EntryPoint
    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import Exit, Step, Unit


_T = TypeVar("_T")
# A module's top level or one of its functions: path and symbol.
UnitName = tuple[str, str]


class Happens(IntEnum):
    """Whether something happens when the entry point runs with its defaults."""

    NO = 0
    UNKNOWN = 1
    YES = 2


class Link(msgspec.Struct, frozen=True):
    """One call on the way to a function, the module or function that calls there, and the place."""

    site: CallSite
    caller: UnitName
    location: Location


def way_of(program: Program, entry: EntryPoint) -> Way:
    """The way from an entry point; remembered, since several checks and answers ask for it."""
    key = ("way", entry.start)
    if key not in program.remembered:
        program.remembered[key] = Way(program, entry)
    found = program.remembered[key]
    assert isinstance(found, Way)
    return found


class Way:
    """What one entry point reaches, and how."""

    def __init__(self, program: Program, entry: EntryPoint) -> None:
        self.program = program
        self.entry = entry
        self.units: dict[Unit, int] = program.units(entry)
        self.values = DefaultValues(program, self.units)
        units = with_chosen_calls(program, self.values, self.units)
        units, self._overridden = with_overriding_calls(program, units)
        if units is not self.units:
            # What is chosen is called by somebody now, and gets arguments.
            self.units, self.values = units, DefaultValues(program, units)
        self._named = program.index_of(_names_in)
        self._named.add(self.units)
        self._unit_happens: dict[tuple[str, str, UnitName | None], Happens] = {}
        self._running: dict[UnitName, str] = {}
        self._distances: dict[UnitName, int] = {}
        self._measured: set[UnitName] = set()
        self._nearest: dict[UnitName, Link] = {}
        self._roots: dict[UnitName, frozenset[UnitName]] = {}
        self._leading: dict[UnitName, Collection[UnitName]] = {}
        self._held: dict[tuple[str, str, int, int], bool | None] = {}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All calls and assignments on the way. Who looks for some of them asks `told` or `calls_that`: these share the looking."""
        return tuple(step for unit in self.units for step in unit.steps)

    @cached_property
    def calls(self) -> tuple[CallSite, ...]:
        """The calls among `steps`."""
        return tuple(site for unit in self.units for site in unit.calls)

    def told(self, tell: Callable[..., Iterable[_T]], *given: object) -> Iterator[_T]:
        """What a function tells of each unit on the way, in order (see `Program.told_of`)."""
        return self.program.told_of(self.units, tell, *given)

    def calls_that(self, holds: Callable[..., bool], *given: object) -> Iterator[CallSite]:
        """The calls for which `holds(site, *given)`; it may look at nothing but these, since it is asked once for all entry points."""
        return self.told(_calls_that, holds, *given)

    def calls_of(self, *names: str) -> Iterator[CallSite]:
        """The calls of what has one of these canonical names."""
        return self.told(_calls_of, *names)

    def happens(self, step: Step, given: UnitName | None = None) -> Happens:
        """Whether a call or assignment happens by default: every condition round it and round the calls that lead to it.

        `given` is a function that is taken to run: one that something outside calls.
        """
        unit = self.unit_happens(step.module.path, step.symbol, given)
        return Happens.NO if unit is Happens.NO else min(unit, self._happens_where_it_stands(step))

    def _happens_where_it_stands(self, step: Step) -> Happens:
        # Of a source that only gave evidence no condition is known, not even a main guard.
        seen = Happens.UNKNOWN if step.module.is_evidence_only else Happens.YES
        return min(seen, self._conditions_hold(step))

    def is_overridden(self, site: CallSite) -> bool:
        """Whether only methods lead to a call in whose place others run here: no option makes it happen."""
        if not self._overridden or self.happens(site) is not Happens.NO:
            return False
        seen: set[UnitName] = set()
        pending = [(site.module.path, site.symbol)]
        while pending:
            path, symbol = pending.pop()
            here = (path, self.running(path, symbol))
            if here in seen:
                continue
            seen.add(here)
            # Whatever the conditions of the calls are: an option may decide these.
            callers = self.callers(*here)
            if not here[1] or here == self.entry.start or (not callers and here not in self._overridden):
                return False
            pending.extend((one.module.path, one.symbol) for one in callers)
        return True

    def hangs_on_a_parameter(self, step: Step) -> bool:
        """Whether a condition round a call is about nothing but parameters whose values are not known.

        What is computed or counted while the program runs takes many values; a parameter has one, and perhaps never this one.
        """
        scope = self.program.code.scope(step.module.path, step.symbol)
        for condition, _ in step.under:
            if condition is None or self.holds(step, condition) is not None:
                continue
            names = [one for one in evaluated(condition) if isinstance(one, Name)]
            heads = [
                Name(one.line, one.column, one.end_line, one.end_column, one.dotted.partition(".")[0]) for one in names
            ]
            if heads and all(self.values.parameter_of(scope, name) is not None for name in heads):
                return True
        return False

    def unit_happens(self, path: str, symbol: str, given: UnitName | None = None) -> Happens:
        """Whether a module's top level or a function runs by default."""
        symbol = self.running(path, symbol)
        if not symbol or (path, symbol) in {self.entry.start, given}:
            return Happens.YES
        key = (path, symbol, given)
        if key not in self._unit_happens:
            self._settle((path, symbol), given)
        return self._unit_happens[key]

    def callers(self, path: str, symbol: str) -> list[CallSite]:
        """The calls that lead to a function: its own, else, for a method that only others call, those that make its object."""
        found = self.values.callers(path, symbol)
        owner = symbol.rpartition(".")[0]
        if not found and owner and self.program.code.scope(path, owner).kind == "class":
            return self.values.callers(path, owner)
        return found

    def roots(self, path: str, symbol: str) -> frozenset[UnitName]:
        """The functions, the entry point itself among them, in which all seen ways to a function start."""
        unit = (path, self.running(path, symbol))
        for component in components(unit, self._callers_that_call, self._roots):
            # What calls one of a circle leads to all of it.
            found = {
                root
                for one in component
                for caller in self._callers_that_call(one)
                for root in self._roots.get(caller, ())
            }
            found.update(self._as_root(one) for one in component if not self._callers_that_call(one))
            self._roots.update(dict.fromkeys(component, frozenset(found)))
        return self._roots[unit]

    def _as_root(self, unit: UnitName) -> UnitName:
        return unit if unit[1] else self.entry.start

    def _callers_that_call(self, unit: UnitName) -> Collection[UnitName]:
        """The functions that may call one, where it is not the entry point or a module, with which a way starts."""
        if unit not in self._leading:
            is_start = not unit[1] or unit == self.entry.start
            sites = [] if is_start else self.callers(*unit)
            self._leading[unit] = {
                (site.module.path, self.running(site.module.path, site.symbol)): None
                for site in sites
                if self._conditions_hold(site) is not Happens.NO
            }
        return self._leading[unit]

    def chain(self, path: str, symbol: str) -> tuple[CallSite, ...]:
        """The calls that lead from the entry point's own code to a function, outermost first; empty where none is seen."""
        return tuple(link.site for link in self.links(path, symbol))

    def links(self, path: str, symbol: str) -> list[Link]:
        """The calls of `chain`, each with what calls there and its place."""
        here = (path, self.running(path, symbol))
        found: list[Link] = []
        self._measure(here)
        while self._distances.get(here, -1) > 0:
            if here not in self._nearest:
                self._nearest[here] = self._find_nearest(here)
            found.append(self._nearest[here])
            here = self._nearest[here].caller
        found.reverse()
        return found

    def _find_nearest(self, unit: UnitName) -> Link:
        """The first of the nearest calls that lead to a function."""
        left = self._distances[unit]
        for site in self.callers(*unit):
            caller = (site.module.path, self.running(site.module.path, site.symbol))
            if self._distances.get(caller, left) < left and self._conditions_hold(site) is not Happens.NO:
                return Link(site, caller, site.location)
        message = f"{unit} is {left} calls away, and none of them is seen"
        raise AssertionError(message)

    def _measure(self, unit: UnitName) -> None:
        """Find out how many calls a function, and all through which it is reached, is away from the entry point's or a module's own code.

        Nothing is noted for those to which no way is seen.
        """
        leads_to: dict[UnitName, list[UnitName]] = {}
        starts: list[UnitName] = []
        pending = [unit]
        while pending:
            here = pending.pop()
            if here in self._measured:
                # What is known already starts ways too, each from its own distance.
                if here in self._distances:
                    starts.append(here)
                continue
            self._measured.add(here)
            if not here[1] or here == self.entry.start:
                self._distances[here] = 0
                starts.append(here)
                continue
            for caller in self._callers_that_call(here):
                leads_to.setdefault(caller, []).append(here)
                pending.append(caller)
        waiting = [(self._distances[one], one) for one in starts]
        heapify(waiting)
        while waiting:
            distance, here = heappop(waiting)
            for called in leads_to.get(here, ()):
                if called not in self._distances:
                    self._distances[called] = distance + 1
                    heappush(waiting, (distance + 1, called))

    def running(self, path: str, symbol: str) -> str:
        """The function, or "" for the module, whose code a symbol's is: the body of a class runs where the class stands."""
        found = self._running.get((path, symbol))
        if found is None:
            found = symbol
            while found and self.program.code.scope(path, found).kind == "class":
                found = found.rpartition(".")[0]
            self._running[path, symbol] = found
        return found

    def _settle(self, unit: UnitName, given: UnitName | None) -> None:
        """Find out for a function, and for all through which it is reached, whether they run: no recursion, chains may be long."""
        levels: dict[UnitName, Happens] = {}
        leads_to: dict[UnitName, list[tuple[UnitName, Happens]]] = {}
        pending = [unit]
        while pending:
            here = pending.pop()
            if here in levels:
                continue
            if not here[1] or here in {self.entry.start, given}:
                levels[here] = Happens.YES
                continue
            known = self._unit_happens.get((*here, given))
            if known is not None:
                levels[here] = known
                continue
            levels[here], links = self._links(here)
            for caller, through in links:
                leads_to.setdefault(caller, []).append((here, through))
                pending.append(caller)
        waiting = [here for here, level in levels.items() if level is not Happens.NO]
        while waiting:
            caller = waiting.pop()
            for here, through in leads_to.get(caller, ()):
                level = min(levels[caller], through)
                if level > levels[here]:
                    levels[here] = level
                    waiting.append(here)
        self._unit_happens.update({(*here, given): level for here, level in levels.items()})

    def _links(self, unit: UnitName) -> tuple[Happens, list[tuple[UnitName, Happens]]]:
        """What is known of a function by itself, and the functions that call it, each with what the call's own place allows."""
        callers = self.values.callers(*unit)
        most = Happens.YES
        base = Happens.UNKNOWN if not callers or self._is_referred_to(*unit) else Happens.NO
        if not callers:
            # A function that is reached and that nobody is seen to call is handed to something outside; a method only where an
            # object of its class is made.
            owner = unit[1].rpartition(".")[0]
            is_method = bool(owner) and self.program.code.scope(unit[0], owner).kind == "class"
            makers = self.values.callers(unit[0], owner) if is_method else []
            if makers and not self._is_referred_to(unit[0], owner):
                base, callers, most = Happens.NO, makers, Happens.UNKNOWN
            elif not makers and unit in self._overridden and not self._is_referred_to(*unit):
                # Who seems to call it calls what others have in its place. A class that is named may be made by whom it is given.
                is_named = is_method and unit[1].endswith(".__init__") and self._is_referred_to(unit[0], owner)
                base = Happens.UNKNOWN if is_named else Happens.NO
        links: list[tuple[UnitName, Happens]] = []
        for site in callers:
            through: Happens = min(most, self._happens_where_it_stands(site))
            if through is not Happens.NO:
                links.append(((site.module.path, self.running(site.module.path, site.symbol)), through))
        return base, links

    def _is_referred_to(self, path: str, symbol: str) -> bool:
        """True when reached code names the function without calling it there: a callback, a decorator, a registry."""
        return len(self._named.of((path, symbol), self.values.order)) > len(self.values.callers(path, symbol))

    def certainly_before(self, first: CallSite, second: CallSite) -> bool:
        """Whether no `return` or the like on the way to a call can skip it and still lead to the other call."""
        for step, exits in self._exits_before(first):
            unit = (step.module.path, step.symbol)
            followed = (*self.chain(second.module.path, second.symbol), second)
            others = [one for one in followed if (one.module.path, one.symbol) == unit]
            # What both come after cannot come between them.
            if not any(all(any(one is past for past in other.past) for one in exits) for other in others):
                return False
        return True

    def _exits_before(self, site: CallSite) -> list[tuple[CallSite, list[Exit]]]:
        """The calls that lead to a call, and itself, where something of which it is not known whether may return before."""
        found = []
        for step in (*self.chain(site.module.path, site.symbol), site):
            exits = [one for one in step.past if self.is_taken(step, one) is None]
            if exits:
                found.append((step, exits))
        return found

    def _conditions_hold(self, step: Step) -> Happens:
        """Whether every branch round it in its function is taken, and no `return` or the like before it.

        What may return before it counts as not taken where nothing decides it: `certainly_before` asks for these.
        """
        if not step.under and not step.past:
            return Happens.YES
        result = Happens.YES
        for condition, wanted in step.under:
            held = None if condition is None else self.holds(step, condition)
            if held is None:
                result = min(result, Happens.UNKNOWN)
            elif held != wanted:
                return Happens.NO
        for one in step.past:
            is_complaint = one.is_bare and one.kind == "return" and self._is_main_line(step)
            if not is_complaint and self.is_taken(step, one):
                return Happens.NO
        return result

    def is_taken(self, step: Step, one: Exit) -> bool | None:
        """Whether an exit before a step is taken by default; None where that is not known."""
        result: bool | None = True
        for condition, wanted in one.under:
            held = None if condition is None else self.holds(step, condition)
            if held is not None and held != wanted:
                return False
            if held is None:
                result = None
        return result

    def _is_main_line(self, step: Step) -> bool:
        """Whether a function is the one that a person starts: where it only complains and returns, nobody meant to run it so."""
        unit = (step.module.path, step.symbol)
        return unit == self.entry.start or step.symbol == "main" or unit in self._reads_options

    @cached_property
    def _reads_options(self) -> frozenset[UnitName]:
        return frozenset((site.module.path, site.symbol) for site in self.calls_that(_reads_options))

    def holds(self, step: Step, condition: Value) -> bool | None:
        """Whether a condition round a step holds by default; None where that is not known."""
        key = (step.module.path, step.symbol, condition.line, condition.column)
        if key not in self._held:
            self._held[key] = self._find_holds(self.program.code.scope(step.module.path, step.symbol), condition)
        return self._held[key]

    def _find_holds(self, scope: Scope, condition: Value) -> bool | None:
        is_main = scope.module.path in self.program.mains(self.entry)
        if is_main_test(condition):
            return is_main
        if isinstance(condition, Operation) and condition.operator == "not" and is_main_test(condition.operands[0]):
            return not is_main
        name = self.program.code.resolver.resolve(scope, condition).name
        if name == "typing.TYPE_CHECKING":
            return False
        return self.values.truth(scope, condition)


def _names_in(unit: Unit) -> Iterator[tuple[UnitName, None]]:
    return ((name, None) for name in unit.refers)


def _calls_that(unit: Unit, holds: Callable[..., bool], *given: object) -> Iterator[CallSite]:
    return (site for site in unit.calls if holds(site, *given))


def _calls_of(unit: Unit, *names: str) -> Iterator[CallSite]:
    return (site for site in unit.calls if site.name in names)


def _reads_options(site: CallSite) -> bool:
    return site.target.method in {"parse_args", "parse_known_args"}
