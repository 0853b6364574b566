"""Which of two calls comes first when an entry point runs, as far as the calls that lead to them show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.seed_places import import_of

if TYPE_CHECKING:
    from repro_gui.facts.program import Program
    from repro_gui.facts.random_use import RandomUse
    from repro_gui.facts.steps import CallSite
    from repro_gui.location import Location

# Where a call happens: units (module and function) from the entry point inwards, and the place in each.
Trail = tuple[tuple[tuple[str, str], "Location"], ...]


def trail(program: Program, use: RandomUse, site: CallSite) -> Trail | None:
    """The places that lead to a call, the entry point's own first; None where the way is not seen."""
    unit = (site.module.path, use.way.running(site.module.path, site.symbol))
    links = use.way.links(*unit)
    if unit[1] and unit != use.entry.start and not links:
        return None
    steps = [*[(link.caller, link.location) for link in links], (unit, site.location)]
    first = steps[0][0][0]
    if first == use.entry.path:
        return tuple(steps)
    # The code runs while the module is imported, by the entry point or by what it imports.
    imported = import_of(program, use.entry.path, first)
    if imported is None:
        return None
    return (((use.entry.path, ""), imported), *steps)


def comes_before(first: Trail, second: Trail) -> bool | None:
    """Whether one call comes before another; None when their ways part in code whose order is not seen."""
    for (unit, place), (other_unit, other_place) in zip(first, second, strict=False):
        if unit != other_unit:
            # Different modules under one import: which runs first is not followed.
            return None
        if place != other_place:
            # What a call is given, and what it is called on, is evaluated before it.
            if _is_inside(place, other_place):
                return True
            if _is_inside(other_place, place):
                return False
            return (place.cell, place.line, place.column) < (other_place.cell, other_place.line, other_place.column)
    return None


def _is_inside(inner: Location, outer: Location) -> bool:
    start, end = (inner.line, inner.column), (inner.end_line, inner.end_column)
    first, last = (outer.line, outer.column), (outer.end_line, outer.end_column)
    return inner.cell == outer.cell and first <= start and end <= last
