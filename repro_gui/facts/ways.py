"""The way from an entry point to a call: whether it is taken by default, and through which calls it goes."""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING

from repro_gui.facts.default_values import DefaultValues
from repro_gui.facts.events import (
    Branch,
    Constant,
    Event,
    Function,
    Match,
    Name,
    Node,
    Operation,
    Try,
    Value,
)
from repro_gui.facts.scopes import Scope
from repro_gui.facts.steps import CallSite
from repro_gui.facts.walk import inner_bodies

if TYPE_CHECKING:
    from repro_gui.facts.entry_points import EntryPoint
    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import Step


class Happens(IntEnum):
    """Whether something happens when the entry point runs with its defaults."""

    NO = 0
    UNKNOWN = 1
    YES = 2


class Way:
    """What one entry point reaches, and how."""

    def __init__(self, program: Program, entry: EntryPoint) -> None:
        self.program = program
        self.entry = entry
        self.steps: tuple[Step, ...] = tuple(program.steps(entry))
        self.calls = tuple(step for step in self.steps if isinstance(step, CallSite))
        self.values = DefaultValues(program, self.calls)
        self._unit_happens: dict[tuple[str, str], Happens] = {}
        self._named_in: dict[tuple[str, str], list[tuple[str, str]]] | None = None

    def happens(self, step: Step) -> Happens:
        """Whether a call or assignment happens by default: every condition round it and round the calls that lead to it."""
        record = step.call if isinstance(step, CallSite) else step.assign
        unit = self.unit_happens(step.module.path, step.symbol)
        if unit is Happens.NO:
            return Happens.NO
        return min(unit, self._conditions_hold(step.module.path, step.symbol, record))

    def unit_happens(self, path: str, symbol: str) -> Happens:
        """Whether a module's top level or a function runs by default."""
        if not symbol or (path, symbol) == self.entry.start:
            return Happens.YES
        key = (path, symbol)
        if key not in self._unit_happens:
            self._unit_happens[key] = Happens.NO  # what a function that only calls itself finds
            self._unit_happens[key] = self._find_unit_happens(path, symbol)
        return self._unit_happens[key]

    def chain(self, path: str, symbol: str) -> tuple[CallSite, ...]:
        """The calls that lead from the entry point's own code to a function, outermost first; empty where none is seen."""
        target = (path, symbol)
        links: dict[tuple[str, str], tuple[CallSite, tuple[str, str]]] = {}
        pending = deque([target])
        while pending:
            here = pending.popleft()
            if not here[1] or here == self.entry.start:
                found: list[CallSite] = []
                while here != target:
                    site, here = links[here]
                    found.append(site)
                return tuple(found)
            for site in self.values.callers(*here):
                caller = (site.module.path, site.symbol)
                if caller in links or caller == target:
                    continue
                if self._conditions_hold(*caller, site.call) is not Happens.NO:
                    links[caller] = (site, here)
                    pending.append(caller)
        return ()

    def _find_unit_happens(self, path: str, symbol: str) -> Happens:
        callers = self.values.callers(path, symbol)
        # A function that is reached and that nobody is seen to call is handed to something outside.
        best = Happens.NO if callers else Happens.UNKNOWN
        for site in callers:
            best = max(best, self.happens(site))
            if best is Happens.YES:
                break
        if best is Happens.NO and self._is_referred_to(path, symbol):
            return Happens.UNKNOWN
        return best

    def _is_referred_to(self, path: str, symbol: str) -> bool:
        """True when reached code names the function without calling it there: a callback, a decorator, a registry."""
        if self._named_in is None:
            self._named_in = {}
            for module in self.program.reached_from(self.entry.path):
                for one in self.program.reached_functions(module, self.entry):
                    for reference in self.program.code.unit(module, one).refers:
                        self._named_in.setdefault(reference, []).append((module, one))
        names = len(self._named_in.get((path, symbol), ()))
        return names > len(self.values.callers(path, symbol))

    def _conditions_hold(self, path: str, symbol: str, record: Node) -> Happens:
        scope = self.program.code.scope(path, symbol)
        result = Happens.YES
        for condition, wanted in conditions_round(scope.body, record):
            held = None if condition is None else self._holds(scope, condition)
            if held is None:
                result = min(result, Happens.UNKNOWN)
            elif held != wanted:
                return Happens.NO
        return result

    def _holds(self, scope: Scope, condition: Value) -> bool | None:
        if is_main_test(condition):
            return scope.module.path == self.entry.path
        if isinstance(condition, Operation) and condition.operator == "not" and is_main_test(condition.operands[0]):
            return scope.module.path != self.entry.path
        name = self.program.code.resolver.resolve(scope, condition).name
        if name == "typing.TYPE_CHECKING":
            return False
        return self.values.truth(scope, condition)


def is_main_test(condition: Value) -> bool:
    """True for `__name__ == "__main__"`."""
    if not isinstance(condition, Operation) or condition.operator != "==":
        return False
    names = {one.dotted for one in condition.operands if isinstance(one, Name)}
    values = {one.value for one in condition.operands if isinstance(one, Constant)}
    return names == {"__name__"} and values == {"__main__"}


def conditions_round(events: tuple[Event, ...], record: Node) -> list[tuple[Value | None, bool]]:
    """The conditions of the branches round a record, outermost first, and what each must be; None for what is no condition.

    Loops count as run. An early `return` or `raise` in a branch before the record is not looked for.
    """
    found: list[tuple[Value | None, bool]] = []
    while True:
        event = next((one for one in events if _holds_record(one, record)), None)
        if event is None:
            return found
        if isinstance(event, Function):
            events = event.body
            continue
        inside = None
        for number, body in enumerate(inner_bodies(event)):
            if any(_holds_record(one, record) for one in body):
                inside = number, body
        if inside is None:
            return found
        number, events = inside
        if isinstance(event, Branch):
            found.append((event.condition, number == 0))
        elif isinstance(event, Match) or (isinstance(event, Try) and 0 < number <= len(event.handlers)):
            found.append((None, True))


def _holds_record(event: Node, record: Node) -> bool:
    return (event.line, event.column) <= (record.line, record.column) and (record.end_line, record.end_column) <= (
        event.end_line,
        event.end_column,
    )
