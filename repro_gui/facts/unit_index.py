"""What functions tell by keys (who is called, what is changed), read once for all entry points that share the functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from repro_gui.facts.steps import Unit

_T = TypeVar("_T")


class UnitIndex(Generic[_T]):
    """Values by key over all units seen so far; each entry point asks for those of its own units."""

    def __init__(self, tell: Callable[..., Iterable[tuple[Hashable, _T]]], given: tuple[object, ...]) -> None:
        """`tell(unit, *given)` gives keys with values, and may look at nothing else."""
        self._tell = tell
        self._given = given
        self._seen: set[Unit] = set()
        # Groups of units that were read whole, kept so that no other has the id of one.
        self._read: dict[int, dict[Unit, int]] = {}
        self._found: dict[Hashable, dict[Unit, list[_T]]] = {}

    def add(self, units: dict[Unit, int]) -> None:
        """Read those units that were not read before."""
        if id(units) in self._read:
            return
        self._read[id(units)] = units
        for unit in units:
            if unit not in self._seen:
                self._seen.add(unit)
                for key, value in self._tell(unit, *self._given):
                    self._found.setdefault(key, {}).setdefault(unit, []).append(value)

    def of(self, key: Hashable, order: dict[Unit, int]) -> list[_T]:
        """The values under a key that these units tell, in their order."""
        by_unit = self._found.get(key)
        if by_unit is None:
            return []
        units = [unit for unit in by_unit if unit in order]
        if len(units) > 1:
            units.sort(key=order.__getitem__)
        return [value for unit in units for value in by_unit[unit]]
