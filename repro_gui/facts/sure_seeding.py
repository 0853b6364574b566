"""Whether something seeds before each draw, whichever way the program takes: in every branch, by every class that it may choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.events import Function
from repro_gui.facts.scopes import TargetKind
from repro_gui.facts.ways import Happens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from repro_gui.facts.random_use import Draw, RandomUse, Seeding
    from repro_gui.facts.scopes import Target
    from repro_gui.facts.steps import CallSite, Exit, Unit
    from repro_gui.facts.ways import UnitName

# The branches round a call: the place of each condition and what it must be; a place of (0, 0) is one of which nothing is known.
_Branches = tuple[tuple[tuple[int, int], bool], ...]
_NOTHING_KNOWN = (0, 0)


def is_seeded_before_each(use: RandomUse, draws: Sequence[Draw], seedings: Iterable[Seeding]) -> bool:
    """Whether on all seen ways to each draw one of these seedings comes first, though of none it is known that it runs."""
    cover = _Cover(use, [one for one in seedings if one.happens is not Happens.NO and not one.in_workers])
    return bool(draws) and all(cover.comes_before(draw.site) for draw in draws)


class _Cover:
    def __init__(self, use: RandomUse, seedings: Iterable[Seeding]) -> None:
        self._way = use.way
        self._code = use.way.program.code
        self._seeds = {id(one.site) for one in seedings}
        self._units: dict[UnitName, Unit] = {(unit.path, unit.symbol): unit for unit in use.way.units}
        # What is asked about now counts as it is hoped for: a function that calls itself is called by others too.
        self._before: dict[int, bool] = {}
        self._seeding: dict[UnitName, bool] = {}

    def comes_before(self, step: CallSite) -> bool:
        """Whether a seeding certainly comes before a call, in its own function or before all calls that lead there."""
        if id(step) not in self._before:
            self._before[id(step)] = True
            self._before[id(step)] = self._find_before(step)
        return self._before[id(step)]

    def _find_before(self, step: CallSite) -> bool:
        name = (step.module.path, self._way.running(step.module.path, step.symbol))
        unit = self._units.get(name)
        here = self._branches(step)
        if unit is not None and here is not None:
            sure = self._sure_branches(unit, step)
            if any(here[: len(one)] == one for one in sure):
                return True
        if not name[1] or name == self._way.entry.start:
            return False
        makes_object = not self._way.values.callers(*name)
        callers = [site for site in self._way.callers(*name) if self._way.happens(site) is not Happens.NO]
        return bool(callers) and all(
            (makes_object and self._is_sure(site)) or self.comes_before(site) for site in callers
        )

    def _surely_seeds(self, name: UnitName) -> bool:
        """Whether a function seeds whenever it is called."""
        if name not in self._seeding:
            self._seeding[name] = False
            unit = self._units.get(name)
            definition = None if unit is None else self._code.scope(*name).definition
            runs = isinstance(definition, Function) and not definition.is_generator and not definition.is_async
            self._seeding[name] = unit is not None and runs and () in self._sure_branches(unit, None)
        return self._seeding[name]

    def _sure_branches(self, unit: Unit, before: CallSite | None) -> set[_Branches]:
        """The branches of a function in which a seeding certainly happens, before one of its calls or at all."""
        by_call: dict[int, list[CallSite]] = {}
        for site in unit.calls:
            if before is not None and site.call is before.call:
                break
            by_call.setdefault(id(site.call), []).append(site)
        past = () if before is None else before.past
        found: set[_Branches] = set()
        for sites in by_call.values():
            seeding = [site for site in sites if self._is_sure(site) and not self._may_be_skipped(site, past)]
            for site in seeding:
                branches = self._branches(site)
                if branches is not None and not any(place == _NOTHING_KNOWN for place, _ in branches):
                    found.add(branches)
            # One call that may run several functions or classes: each of them seeds, and there are no others.
            is_whole = all(site.choice != "open" or site.among for site in sites)
            if (
                is_whole
                and len(seeding) == len(sites) > 1
                and (branches := self._branches(sites[0], but_last=True)) is not None
            ):
                found.add(branches)
        return self._joined(found)

    def _joined(self, found: set[_Branches]) -> set[_Branches]:
        """With what lies round both arms of a condition, where both seed."""
        pending = list(found)
        while pending:
            one = pending.pop()
            if not one:
                continue
            *outer, (place, wanted) = one
            whole = tuple(outer)
            if whole not in found and (*outer, (place, not wanted)) in found:
                found.add(whole)
                pending.append(whole)
        return found

    def _is_sure(self, site: CallSite) -> bool:
        if id(site) in self._seeds:
            return True
        target = site.target
        if target.kind is TargetKind.FUNCTION:
            return self._surely_seeds((target.path, target.symbol))
        return target.kind is TargetKind.CLASS and self._makes_seeding(target)

    def _makes_seeding(self, target: Target) -> bool:
        """Whether making an object of a class seeds: by its `__init__`, or the one that it has from a base."""
        pending, seen = [(target.path, target.symbol)], set()
        while pending:
            path, symbol = here = pending.pop(0)
            if here in seen:
                continue
            seen.add(here)
            if "__init__" in self._code.scope(*here).bindings:
                return self._surely_seeds((path, f"{symbol}.__init__"))
            pending.extend(self._code.bases(*here))
        return False

    def _may_be_skipped(self, site: CallSite, past: tuple[Exit, ...]) -> bool:
        """Whether something may return before a call, and not before what comes after `past` too."""
        return any(one not in past and self._way.is_taken(site, one) is not False for one in site.past)

    def _branches(self, site: CallSite, *, but_last: bool = False) -> _Branches | None:
        """The branches round a call that are not known to be taken; None where one is known not to be."""
        if site.module.is_evidence_only:
            # Of a source that was only picked through no condition is known.
            return ((_NOTHING_KNOWN, True),)
        found: list[tuple[tuple[int, int], bool]] = []
        for condition, wanted in site.under[:-1] if but_last else site.under:
            held = None if condition is None else self._way.holds(site, condition)
            if held is None:
                found.append((_NOTHING_KNOWN if condition is None else (condition.line, condition.column), wanted))
            elif held != wanted:
                return None
        return tuple(found)
