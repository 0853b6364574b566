"""What a data pipeline leaves to chance beside its seeds: the order of its elements, and random numbers drawn in several threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.call_arguments import argument_of, draws_when
from repro_gui.facts.events import Lambda, Node
from repro_gui.facts.known_randomness import ParallelCall, Role, UnorderedCall
from repro_gui.facts.owner_types import typed_method
from repro_gui.facts.random_use import Draw, RandomUse
from repro_gui.facts.scopes import TargetKind
from repro_gui.facts.steps import CallSite
from repro_gui.facts.tensorflow_determinism import is_on
from repro_gui.facts.ways import Happens, UnitName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.steps import Unit

# What is made now and draws later has numbers of its own order.
_MADE = frozenset({Role.WEIGHTS, Role.LOADER, Role.SAMPLER, Role.GENERATOR})


class Unordered(msgspec.Struct, frozen=True):
    """A call that may give elements as they come; `is_steadied` where a flag brings them in order all the same."""

    site: CallSite
    name: str
    what: UnorderedCall
    is_certain: bool
    is_steadied: bool


class DrawnInThreads(msgspec.Struct, frozen=True):
    """A call that runs a function in several threads, and what the function draws from a generator that all of them share."""

    site: CallSite
    name: str
    what: ParallelCall
    draw: Draw
    is_certain: bool
    is_steadied: bool


def unordered_elements(use: RandomUse, knowledge: Knowledge) -> Iterator[Unordered]:
    """The calls on the way of an entry point after which elements of a pipeline may come in any order."""
    for site, name in _calls(use, knowledge):
        found = knowledge.randomness.unordered_call(name)
        if found is None or found.kind != "elements" or use.way.happens(site) is Happens.NO:
            continue
        held = draws_when(use.way, site, found)
        if held is not False:
            yield Unordered(site, name, found, held is True, is_on(use, found.steadied_by))


def ordered_elements(use: RandomUse, knowledge: Knowledge) -> Iterator[CallSite]:
    """The calls on the way of an entry point that work in parallel and keep the order of the elements."""
    for site, name in _calls(use, knowledge):
        found = knowledge.randomness.unordered_call(name)
        if found is None or found.kind != "elements" or use.way.happens(site) is Happens.NO:
            continue
        is_parallel = site.call.keyword("num_parallel_calls") is not None or site.call.keyword("sloppy") is not None
        if is_parallel and draws_when(use.way, site, found) is False:
            yield site


def draws_in_threads(use: RandomUse, knowledge: Knowledge) -> Iterator[DrawnInThreads]:
    """The calls on the way of an entry point that draw from one generator in several threads at once, each with its first draw."""
    for site, name in _calls(use, knowledge):
        found = knowledge.randomness.parallel_call(name)
        if found is None or use.way.happens(site) is Happens.NO:
            continue
        held = draws_when(use.way, site, found)
        draw = _first_draw(use, site, found) if held is not False else None
        if draw is not None:
            yield DrawnInThreads(site, name, found, draw, held is True, is_on(use, found.steadied_by))


def runs_in_pipeline(use: RandomUse, knowledge: Knowledge, site: CallSite) -> bool:
    """Whether a call stands in a function that a pipeline applies to its elements, or in one that such a function calls."""
    for call, name in _calls(use, knowledge):
        found = knowledge.randomness.parallel_call(name)
        if found is not None and use.way.happens(call) is not Happens.NO and _Mapped.of(use, call, found).reaches(site):
            return True
    return False


def _calls(use: RandomUse, knowledge: Knowledge) -> Iterator[tuple[CallSite, str]]:
    for site, name in use.way.told(_named, knowledge):
        found = name or typed_method(use.way, knowledge.randomness, site)
        if found:
            yield site, found


def _named(unit: Unit, knowledge: Knowledge) -> Iterator[tuple[CallSite, str]]:
    """The calls of a unit that may be of a pipeline, with their canonical names; those of which only the way shows it without."""
    randomness = knowledge.randomness
    for site in unit.calls:
        name = randomness.canonical(site.name) if site.name else ""
        if name:
            known = randomness.unordered_call(name)
            if randomness.parallel_call(name) is not None or (known is not None and known.kind == "elements"):
                yield site, name
        elif site.target.kind is TargetKind.UNKNOWN and site.target.method in randomness.unordered_methods_of_types:
            yield site, ""


class _Mapped(msgspec.Struct, frozen=True):
    """The function that a pipeline applies: a lambda that is written at the call, and functions of the project."""

    use: RandomUse
    path: str
    written: Lambda | None
    starts: frozenset[UnitName]

    @classmethod
    def of(cls, use: RandomUse, site: CallSite, what: ParallelCall) -> _Mapped:
        """What is given to a call; nothing where that is not seen."""
        given = argument_of(use.way, site, what.function, what.position)
        if given.value is None or given.scope is None:
            return cls(use, "", None, frozenset())
        scope, value = use.way.values.origin(given.scope, given.value)
        path = scope.module.path
        if isinstance(value, Lambda):
            within = (one for one in use.way.calls if one.module.path == path and _is_in(one.call, value))
            called = frozenset((one.target.path, one.target.symbol) for one in within if one.target.path)
            return cls(use, path, value, called)
        target = use.way.program.code.resolver.resolve(given.scope, given.value)
        is_function = target.kind is TargetKind.FUNCTION
        return cls(use, path, None, frozenset({(target.path, target.symbol)}) if is_function else frozenset())

    def reaches(self, site: CallSite) -> bool:
        """Whether a call is made when the function runs."""
        if self.written is not None and site.module.path == self.path and _is_in(site.call, self.written):
            return True
        return bool(self.starts) and _is_reached(self.use, (site.module.path, site.symbol), self.starts)


def _first_draw(use: RandomUse, site: CallSite, what: ParallelCall) -> Draw | None:
    mapped = _Mapped.of(use, site, what)
    for draw in use.draws:
        if draw.what.generator not in what.shared or draw.what.role in _MADE or draw.happens is Happens.NO:
            continue
        if mapped.reaches(draw.site):
            return draw
    return None


def _is_in(inner: Node, outer: Node) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )


def _is_reached(use: RandomUse, unit: UnitName, starts: frozenset[UnitName]) -> bool:
    """Whether a function runs when one of some others does."""
    seen: set[UnitName] = set()
    pending = [unit]
    while pending:
        path, symbol = pending.pop()
        here = (path, use.way.running(path, symbol))
        if here in starts:
            return True
        if here in seen or not here[1]:
            continue
        seen.add(here)
        pending.extend((one.module.path, one.symbol) for one in use.way.values.callers(*here))
    return False
