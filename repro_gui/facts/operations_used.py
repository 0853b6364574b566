"""Which operations of the determinism battery a program uses, with the lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.default_values import Known
from repro_gui.facts.events import Sequence
from repro_gui.facts.known_determinism import OperationUse
from repro_gui.facts.steps import CallSite
from repro_gui.facts.ways import Happens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.events import Value
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.random_use import RandomUse
    from repro_gui.facts.steps import Unit


class UsedOperation(msgspec.Struct, frozen=True):
    """A call that runs a case of the battery; `is_certain` is false where its arguments are not known here.

    `is_chosen`: whether it runs is chosen by a parameter whose value is not known.
    """

    case: str
    site: CallSite
    is_certain: bool
    is_chosen: bool = False


def operations_used(use: RandomUse, knowledge: Knowledge) -> tuple[UsedOperation, ...]:
    """The operations on the way of one entry point, in order; calls that do not happen by default are left out.

    So are backward passes of a program that makes none: one that evaluates differentiates nothing.
    """
    if "torch" not in use.uses_packages:
        return ()
    return tuple(
        operation
        for site, found in use.way.told(_meant_in, knowledge)
        for operation in _of_call(use, site, found)
        if use.way.happens(site) is not Happens.NO
    )


def _meant_in(unit: Unit, knowledge: Knowledge) -> Iterator[tuple[CallSite, tuple[OperationUse, ...]]]:
    """The calls of a unit that may run cases of the battery, with these."""
    by_name = knowledge.determinism.uses_by_name
    for site in unit.calls:
        name = knowledge.randomness.canonical(site.name) if site.name else ""
        found = by_name.get(name, ())
        if not found and (not name or name.startswith("torch.")):
            # A method of something whose type is not known, or of what a call of torch gave.
            found = by_name.get(f".{site.target.method}", ())
        if found:
            yield site, tuple(found)


def _of_call(use: RandomUse, site: CallSite, found: tuple[OperationUse, ...]) -> Iterator[UsedOperation]:
    for one in found:
        is_meant = _is_meant(use, site, one)
        if is_meant is not False:
            for case in one.cases:
                if case.endswith(".backward") and not use.trains:
                    continue
                yield UsedOperation(case, site, is_meant is True, use.way.hangs_on_a_parameter(site))


def _is_meant(use: RandomUse, site: CallSite, one: OperationUse) -> bool | None:
    """Whether the argument has the value that runs the case; None where it is not known."""
    if not one.parameter:
        return True
    given = site.call.argument(one.parameter, one.position)
    if given is None:
        return None if site.call.has_star else bool(one.value) and one.default == one.value
    is_known, value = _known_value(use, site, given)
    if not is_known:
        return None
    if one.value:
        return repr(value) == one.value
    is_number = one.spares_numbers and isinstance(value, int | float)
    return not is_number and repr(value) not in one.spared


def _known_value(use: RandomUse, site: CallSite, given: Value) -> tuple[bool, object]:
    """Whether the value of an argument is known, and the value; a list is given as a tuple."""
    if isinstance(given, Sequence) and len(given.elements) == given.length:
        found = [_known_value(use, site, element) for element in given.elements]
        return all(is_known for is_known, _ in found), tuple(value for _, value in found)
    settled = use.way.values.value(use.way.values.scope(site), given)
    return (True, settled.value) if isinstance(settled, Known) else (False, None)
