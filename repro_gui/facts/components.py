"""Strongly connected components: what leads to one another in circles."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable, Iterable, Iterator

_T = TypeVar("_T", bound="Hashable")


def components(start: _T, leads_to: Callable[[_T], Iterable[_T]], known: Container[_T]) -> Iterator[list[_T]]:
    """The components that a node leads to, each after those that it leads to, its own last; what is known is left out.

    Tarjan's algorithm without recursion: each node and each edge is gone through once, however long the ways are. `known` may grow
    by what was given.
    """
    numbers: dict[_T, int] = {}
    lowest: dict[_T, int] = {}
    # Those of which the component is not complete yet, in the order in which they were met.
    unplaced: dict[_T, None] = {}
    pending: list[tuple[_T, Iterator[_T]]] = []

    def meet(node: _T) -> None:
        numbers[node] = lowest[node] = len(numbers)
        unplaced[node] = None
        pending.append((node, iter(leads_to(node))))

    if start not in known:
        meet(start)
    while pending:
        here, following = pending[-1]
        for node in following:
            if node in known:
                continue
            if node not in numbers:
                meet(node)
                break
            if node in unplaced:
                lowest[here] = min(lowest[here], numbers[node])
        else:
            pending.pop()
            if pending:
                above = pending[-1][0]
                lowest[above] = min(lowest[above], lowest[here])
            if lowest[here] == numbers[here]:
                component = []
                while here in unplaced:
                    component.append(unplaced.popitem()[0])
                yield component
