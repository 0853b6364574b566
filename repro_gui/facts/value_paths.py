"""Where a value stands: the event it belongs to and the values round it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.events import Function
from repro_gui.facts.walk import inner_bodies, own_values, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.events import Event, Node, Value


def events_in(events: tuple[Event, ...]) -> Iterator[Event]:
    """Events with those inside them, class bodies too; not those of functions."""
    for event in events:
        yield event
        for body in inner_bodies(event):
            yield from events_in(body)


def values_in(value: Value) -> Iterator[tuple[Value, tuple[Value, ...]]]:
    """A value and all values in it, each with those round it, outermost first."""
    pending: list[tuple[Value, tuple[Value, ...]]] = [(value, ())]
    while pending:
        one, above = pending.pop()
        yield one, above
        within = parts(one)
        if within:
            inside = (*above, one)
            pending += [(part, inside) for part in reversed(within)]


def place_in(events: tuple[Event, ...], record: Node) -> tuple[Event, tuple[Value, ...]] | None:
    """The event that evaluates a record and the values round it, outermost first; None where it is not found."""
    for event in events_in(events):
        if isinstance(event, Function) and not covers(event, record):
            continue
        for value in own_values(event):
            if covers(value, record):
                for inner, above in values_in(value):
                    if inner is record:
                        return event, above
    return None


def covers(outer: Node, inner: Node) -> bool:
    """Whether one record stands inside of another in the same source, or is it."""
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )
