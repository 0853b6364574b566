"""Whether the order in which parallel results come enters what is made of them."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from repro_gui.facts.events import (
    Assign,
    Attribute,
    Call,
    Cell,
    Comprehension,
    Constant,
    Event,
    Loop,
    Name,
    Starred,
    Subscript,
    Value,
    Yield,
)
from repro_gui.facts.steps import CallSite
from repro_gui.facts.value_paths import events_in, place_in
from repro_gui.facts.walk import evaluated, own_values

if TYPE_CHECKING:
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.scopes import Scope
    from repro_gui.facts.ways import Way


class Order(StrEnum):
    """What becomes of an order."""

    ENTERS = "enters"
    LOST = "lost"
    UNKNOWN = "unknown"


# What keeps the order of what it is given, besides progress bars.
_KEEPING = frozenset({"builtins.list", "builtins.tuple", "builtins.iter", "builtins.enumerate", "builtins.map"})
_KEYED = frozenset({"builtins.dict", "collections.Counter"})
_COLLECTING = frozenset({"builtins.list", "builtins.tuple"})
# Methods whose calls, one after the other, leave something in the order in which they are made.
_ORDERED = frozenset({"append", "extend", "appendleft", "insert", "put", "write", "writerow", "writelines"})
# Methods that take a result or tell people how far things are.
_HARMLESS = frozenset(
    {"result", "get", "exception", "done", "cancel", "update", "add", "discard", "set_description", "set_postfix"}
    | {"debug", "info", "warning", "error", "critical", "refresh", "set_postfix_str", "set_description_str", "items"}
)


def order_of_results(way: Way, site: CallSite, knowledge: Knowledge) -> Order:
    """What becomes of the order of the results that a call gives as they come."""
    scope = way.program.code.scope(site.module.path, site.symbol)
    return _order_of(way, scope, site.call, knowledge, steps=0)


def _order_of(way: Way, scope: Scope, given: Value, knowledge: Knowledge, steps: int) -> Order:
    place = place_in(scope.body, given)
    if place is None or steps > 2:
        return Order.UNKNOWN
    event, above = place
    is_collected = is_numbered = False
    # `Parallel(…)(…)` gives what `Parallel(…)` is made to give.
    inside = (*above, given)
    around = [one for one, inner in pairwise(inside) if not (isinstance(one, Call) and one.target is inner)]
    for value in reversed(around):
        if isinstance(value, Call):
            name = way.program.code.resolver.resolve(scope, value.target).name
            if name in knowledge.randomness.order_blind or name in _KEYED:
                return Order.LOST
            if name == "builtins.sum" or _is_join(value):
                return Order.ENTERS
            if name not in _KEEPING and not name.startswith(("tqdm.", "rich.progress.")):
                return Order.ENTERS if is_collected else Order.UNKNOWN
            is_collected = is_collected or name in _COLLECTING
            is_numbered = is_numbered or name == "builtins.enumerate"
        elif isinstance(value, Comprehension):
            if value.kind in {"set", "dict"}:
                return Order.LOST if not is_numbered else Order.ENTERS
            is_collected = is_collected or value.kind == "list"
        elif not isinstance(value, Starred | Yield):
            return Order.UNKNOWN
    if isinstance(event, Loop):
        return _order_in_loop(way, scope, event, is_numbered=is_numbered)
    if isinstance(event, Assign) and len(event.targets) == 1 and isinstance(event.targets[0], Name):
        name = event.targets[0].dotted
        if _is_sorted_after(way, scope, name, event):
            return Order.LOST
        return Order.ENTERS if is_collected else _order_of_name(way, scope, name, event, knowledge, steps)
    return Order.ENTERS if is_collected else Order.UNKNOWN


def _order_of_name(way: Way, scope: Scope, name: str, bound: Event, knowledge: Knowledge, steps: int) -> Order:
    """What becomes of results that a name stands for: asked of each place that reads the name."""
    uses = [
        value
        for event in events_in(scope.body)
        if event is not bound
        for whole in own_values(event)
        for value in evaluated(whole)
        if isinstance(value, Name) and value.dotted == name
    ]
    if len(uses) != 1:
        return Order.UNKNOWN
    return _order_of(way, scope, uses[0], knowledge, steps + 1)


def _order_in_loop(way: Way, scope: Scope, loop: Loop, *, is_numbered: bool) -> Order:
    order = Order.LOST
    for event in events_in(loop.body):
        if isinstance(event, Assign):
            if event.operator != "=" and not isinstance(event.value, Constant):
                # Floats added in another order have another sum.
                return Order.ENTERS
            if is_numbered and any(isinstance(target, Subscript) for target in event.targets):
                return Order.ENTERS
        for whole in own_values(event):
            for value in evaluated(whole):
                if isinstance(value, Yield) and value.kind != "await":
                    return Order.ENTERS
                if not isinstance(value, Call):
                    continue
                method, owner = _method_of(value)
                if method in _ORDERED:
                    if not owner:
                        order = Order.UNKNOWN
                    elif not _is_sorted_after(way, scope, owner, loop):
                        return Order.ENTERS
                elif method not in _HARMLESS and not _is_harmless(way, scope, value):
                    order = Order.UNKNOWN
    return order


def _method_of(call: Call) -> tuple[str, str]:
    """A called method and the name of what it belongs to, empty where that is no plain name."""
    if isinstance(call.target, Attribute):
        return call.target.name, ""
    if isinstance(call.target, Name):
        owner, _, method = call.target.dotted.rpartition(".")
        return (method, owner) if owner else ("", "")
    return "", ""


def _is_join(call: Call) -> bool:
    """`", ".join(…)`: a text that holds all of them, one after the other."""
    target = call.target
    return isinstance(target, Attribute) and target.name == "join" and isinstance(target.of, Constant)


def _is_harmless(way: Way, scope: Scope, call: Call) -> bool:
    name = way.program.code.resolver.resolve(scope, call.target).name
    return name.startswith(("builtins.", "tqdm.", "logging.", "time.", "traceback.", "warnings."))


def _is_sorted_after(way: Way, scope: Scope, name: str, after: Event) -> bool:
    """Whether the same code sorts what a name stands for below an event."""
    for event in _own_events(scope.body):
        for whole in own_values(event):
            for value in evaluated(whole):
                if not isinstance(value, Call) or (value.line, value.column) < (after.end_line, after.end_column):
                    continue
                if isinstance(value.target, Name) and value.target.dotted == f"{name}.sort":
                    return True
                first = value.positional[0] if value.positional else None
                if isinstance(first, Name) and first.dotted == name:
                    called = way.program.code.resolver.resolve(scope, value.target).name
                    if called in {"builtins.sorted", "natsort.natsorted", "numpy.sort"}:
                        return True
    return False


def _own_events(events: tuple[Event, ...]) -> list[Event]:
    return [event for event in events_in(events) if not isinstance(event, Cell)]
