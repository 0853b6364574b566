"""What a call gets for a parameter that decides about its random numbers, through mappings and partials too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.default_values import Computed, Known
from repro_gui.facts.events import Call, Constant
from repro_gui.facts.literal_mappings import Given

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro_gui.facts.known_randomness import ParallelCall, RandomCall, UnorderedCall
    from repro_gui.facts.steps import CallSite
    from repro_gui.facts.ways import Way


def draws_when(way: Way, site: CallSite, what: RandomCall | UnorderedCall | ParallelCall) -> bool | None:
    """Whether the arguments of a call make it draw, or give up an order; None when that depends on what is not known here."""
    result: bool | None = True
    for condition in what.when:
        given = argument_of(way, site, condition.parameter, condition.position)
        held: bool | None = None
        if given.value is not None and given.scope is not None:
            settled = way.values.value(given.scope, given.value)
            if isinstance(settled, Known):
                held = condition.decide(settled.value)
            elif isinstance(settled, Computed) and settled.name and condition.among == ("None",):
                # What a library makes is something.
                held = False
            elif condition.constants:
                name = way.program.code.resolver.resolve(given.scope, given.value).name
                held = True if name in condition.constants else None
        elif given.is_known:
            held = condition.decide(condition.default_value)
        if held is False:
            return False
        if held is None:
            result = None
    return result


def argument_of(way: Way, site: CallSite, name: str, position: int = -1) -> Given:
    """What a call gives for a parameter, through literal mappings too."""
    partial = site.target.partial
    if isinstance(partial, Call):
        if len(partial.positional) > 1:
            # Positions are others than those written here.
            position = -1
        if site.call.argument(name, position) is None and not site.call.has_star:
            return _given_by_partial(way, site, partial, name)
    direct = site.call.argument(name, position)
    if direct is None and not site.call.has_star:
        return Given()
    return way.values.mappings.argument(way.values.scope(site), site.call, name, position)


def _given_by_partial(way: Way, site: CallSite, partial: Call, name: str) -> Given:
    """What `functools.partial` has given for a parameter; its own place is not known, so that only what is written there counts."""
    given = partial.keyword(name)
    if given is not None:
        if not isinstance(given.value, Constant):
            return Given(is_known=False)
        # What the call itself gives wins over what the partial has.
        return Given() if given.value.value is None else Given(given.value, way.values.scope(site))
    return Given(is_known=not partial.has_star and len(partial.positional) <= 1)


def own_seed(way: Way, site: CallSite, what: RandomCall) -> Given:
    """What a call gets for its own seed, `None` where that stands there; absent where it certainly gets none."""
    found = Given()
    for name, position in seed_parameters(what):
        given = argument_of(way, site, name, position)
        if given.value is not None and not is_literally_none(given):
            return given
        # Whatever is known least, or says most about where a seed would go.
        if found.is_known and (not given.is_known or given.value is not None or found == Given()):
            found = given
    return _seed_in_mapping(way, site, what) or found


def _seed_in_mapping(way: Way, site: CallSite, what: RandomCall) -> Given | None:
    """The seed in the mapping of parameters that a call gets, where one is seen there."""
    mapping = argument_of(way, site, what.seed_mapping, what.seed_mapping_position) if what.seed_mapping else Given()
    if mapping.value is None or mapping.scope is None:
        return None
    items = (way.values.mappings.item(mapping.scope, mapping.value, key) for key, _ in seed_parameters(what))
    return next((one for one in items if one.value is not None and not is_literally_none(one)), None)


def is_literally_none(given: Given) -> bool:
    """Whether `None` is written where a value is given."""
    return isinstance(given.value, Constant) and given.value.value is None


def seed_parameters(what: RandomCall) -> Iterable[tuple[str, int]]:
    """The names, with their positions, under which a call takes its own seed."""
    if what.seed_parameter:
        yield what.seed_parameter, what.seed_position
        yield from ((name, -1) for name in what.seed_aliases)
