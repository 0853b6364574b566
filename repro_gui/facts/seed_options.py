"""What decides whether a seed is set: the option, parameter or constant whose default is "none"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.default_values import Known
from repro_gui.facts.events import Constant, Name, Value
from repro_gui.facts.steps import CallSite
from repro_gui.facts.walk import evaluated
from repro_gui.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.random_use import RandomUse
    from repro_gui.facts.scopes import Scope


class SeedSwitch(msgspec.Struct, frozen=True):
    """Where a default lets the seed off.

    `kind` is "option" (a call of `add_argument`), "parameter" or "constant"; `name` is what people call it. `location`
    is the call of an option (its `default=` is to be set), else the expression to replace. `is_number`: a number there would seed.
    """

    kind: str
    name: str
    location: Location
    is_number: bool


def seed_switch(use: RandomUse, site: CallSite, given: Value | None) -> SeedSwitch | None:
    """What has to get a default so that a seeding call seeds; None when it is not seen."""
    for scope, value in _deciding_names(use, site, given):
        found = _switch_of(use, scope, value)
        if found is not None:
            return found
    return None


def _deciding_names(use: RandomUse, site: CallSite, given: Value | None) -> Iterator[tuple[Scope, Name]]:
    """Names in the seed's value and in the conditions round the call and round the calls that lead to it."""
    steps = [(site, given)]
    steps += [(one, None) for one in reversed(_callers(use, site))]
    for one, value in steps:
        scope = use.way.values.scope(one)
        values = [] if value is None else [value]
        values += [condition for condition, _ in one.under if condition is not None]
        for part in values:
            for inner in evaluated(part):
                if isinstance(inner, Name):
                    yield scope, inner


def _callers(use: RandomUse, site: CallSite) -> list[CallSite]:
    """The calls that lead to a seeding, those that do not happen by default among them."""
    found: list[CallSite] = []
    here = (site.module.path, site.symbol)
    for _ in range(8):
        callers = use.way.values.callers(*here) if here[1] else []
        if not callers or callers[0] in found:
            break
        found.insert(0, callers[0])
        here = (callers[0].module.path, callers[0].symbol)
    return found


def _switch_of(use: RandomUse, scope: Scope, name: Name) -> SeedSwitch | None:
    values = use.way.values
    settled = values.value(scope, name)
    if not isinstance(settled, Known) or settled.value not in (None, False, -1, 0):
        return None
    last = name.dotted.rpartition(".")[2]
    is_number = settled.value is None or (settled.value is not False and isinstance(settled.value, int))
    is_number = is_number and "seed" in last.lower()
    owner = name.dotted.rpartition(".")[0]
    if owner and len(values.option_sites(last)) == 1:
        return SeedSwitch("option", last, values.option_sites(last)[0].location, is_number)
    where, origin = values.origin(scope, name)
    if isinstance(origin, Name) and "." not in origin.dotted:
        parameter = values.parameter_of(where, origin.dotted)
        if parameter is not None and parameter[1].default is not None and isinstance(parameter[1].default, Constant):
            return SeedSwitch("parameter", last, where.module.location(parameter[1].default), is_number)
        return None
    if isinstance(origin, Name) and len(values.option_sites(origin.dotted.rpartition(".")[2])) == 1:
        option = values.option_sites(origin.dotted.rpartition(".")[2])[0]
        return SeedSwitch("option", origin.dotted.rpartition(".")[2], option.location, is_number)
    if isinstance(origin, Constant):
        return SeedSwitch("constant", last, where.module.location(origin), is_number)
    return None
