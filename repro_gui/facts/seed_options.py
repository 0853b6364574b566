"""What decides whether a seed is set: the option, parameter or constant whose default is "none"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.default_values import Known
from repro_gui.facts.events import Constant, Name, Subscript, Value
from repro_gui.facts.setting_values import setting_read
from repro_gui.facts.steps import CallSite
from repro_gui.facts.walk import evaluated
from repro_gui.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.random_use import RandomUse
    from repro_gui.facts.scopes import Scope


class SeedSwitch(msgspec.Struct, frozen=True):
    """Where a default lets the seed off.

    `kind` is "option" (a call of `add_argument`), "parameter", "constant" or "setting" (of a configuration file); `name` is what
    people call it. `location` is the call of an option (its `default=` is to be set), the line of a setting, else the
    expression to replace. `is_number`: a number there would seed.
    """

    kind: str
    name: str
    location: Location
    is_number: bool


def seed_switch(use: RandomUse, site: CallSite, given: Value | None) -> SeedSwitch | None:
    """What has to get a default so that a seeding call seeds; None when it is not seen."""
    for scope, value, is_seed in _deciding_values(use, site, given):
        found = switch_of(use, scope, value, is_seed=is_seed)
        if found is not None:
            return found
    return None


def _deciding_values(
    use: RandomUse, site: CallSite, given: Value | None
) -> Iterator[tuple[Scope, Name | Subscript, bool]]:
    """Names and items in the seed's value (True) and in the conditions round the call and round the calls that lead to it."""
    steps = [(site, given)]
    steps += [(one, None) for one in reversed(_callers(use, site))]
    for one, value in steps:
        scope = use.way.values.scope(one)
        values = [] if value is None else [(value, True)]
        values += [(condition, False) for condition, _ in one.under if condition is not None]
        for part, is_seed in values:
            inside = list(evaluated(part))
            # An item says more than the name of what it is an item of.
            for inner in (*(one for one in reversed(inside) if isinstance(one, Subscript)), *inside):
                if isinstance(inner, Name | Subscript):
                    yield scope, inner, is_seed


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


def switch_of(use: RandomUse, scope: Scope, name: Name | Subscript, *, is_seed: bool = False) -> SeedSwitch | None:
    """What a name or item has its default from, where that default lets a seed off; `is_seed`: it is the seed itself."""
    values = use.way.values
    settled = values.value(scope, name)
    # A seed of 0 is one; a switch of 0 is off.
    if not isinstance(settled, Known) or settled.value not in ((None,) if is_seed else (None, False, -1, 0)):
        return None
    last = name.dotted.rpartition(".")[2] if isinstance(name, Name) else _key_of(name)
    is_number = settled.value is None or (settled.value is not False and isinstance(settled.value, int))
    is_number = is_number and (is_seed or "seed" in last.lower())
    read = setting_read(use.way.program, values, scope, name)
    if read is not None:
        if read.setting is None:
            return None
        return SeedSwitch("setting", read.setting.key, read.file.location(read.setting), is_number)
    if isinstance(name, Subscript):
        item = values.mappings.subscript(scope, name)
        if not isinstance(item.value, Constant) or item.scope is None:
            return None
        return SeedSwitch("constant", last, item.scope.module.location(item.value), is_number)
    owner = name.dotted.rpartition(".")[0]
    if owner and len(values.option_sites(last)) == 1:
        return SeedSwitch("option", last, values.option_sites(last)[0].location, is_number)
    field = values.field_default(scope, name)
    where, origin = values.origin(scope, name) if field is None else field
    if isinstance(origin, Name) and "." not in origin.dotted:
        parameter = values.parameter_of(where, origin)
        if parameter is not None and parameter[1].default is not None and isinstance(parameter[1].default, Constant):
            return SeedSwitch("parameter", last, where.module.location(parameter[1].default), is_number)
        return None
    if isinstance(origin, Name) and len(values.option_sites(origin.dotted.rpartition(".")[2])) == 1:
        option = values.option_sites(origin.dotted.rpartition(".")[2])[0]
        return SeedSwitch("option", origin.dotted.rpartition(".")[2], option.location, is_number)
    if isinstance(origin, Constant):
        return SeedSwitch("constant", last, where.module.location(origin), is_number)
    return None


def _key_of(item: Subscript) -> str:
    return str(item.index.value) if isinstance(item.index, Constant) else ""
