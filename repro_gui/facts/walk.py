"""Python's order of evaluation over the records of `facts/events.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.events import (
    Assert,
    Assign,
    Attribute,
    Branch,
    Call,
    Cell,
    Class,
    Comprehension,
    Conditional,
    Constant,
    Delete,
    Evaluate,
    FormattedString,
    Function,
    Lambda,
    Loop,
    Mapping,
    Match,
    Name,
    Operation,
    Raise,
    Return,
    Sequence,
    Slice,
    Starred,
    Subscript,
    Try,
    Walrus,
    With,
    Yield,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.events import Event, Value


def parts(value: Value) -> tuple[Value, ...]:  # noqa: C901, PLR0912 -- a case for each kind of value
    """The values directly inside a value in order of evaluation; nothing of a lambda's body, which runs later."""
    match value:
        case Name() | Constant():  # most values: asked first
            return ()
        case Call():
            return (value.target, *value.positional, *[keyword.value for keyword in value.keywords])
        case Attribute():
            return (value.of,)
        case Operation():
            return value.operands
        case Subscript():
            return (value.of, value.index)
        case Sequence():
            return value.elements
        case Mapping():
            return tuple(
                part for pair in zip(value.keys, value.values, strict=True) for part in pair if part is not None
            )
        case FormattedString():
            return value.parts
        case Conditional():
            return (value.condition, value.then, value.otherwise)
        case Comprehension():
            inner = [part for clause in value.clauses for part in (clause.iterable, clause.target, *clause.conditions)]
            return (*inner, *value.elements)
        case Starred():
            return (value.value,)
        case Walrus():
            return (value.value, value.target)
        case Yield():
            return () if value.value is None else (value.value,)
        case Slice():
            return tuple(part for part in (value.start, value.stop, value.step) if part is not None)
        case Lambda():
            return tuple(parameter.default for parameter in value.parameters if parameter.default is not None)
        case _:
            return ()


def evaluated(value: Value) -> Iterator[Value]:
    """A value and all values in it, each after its parts: calls come in the order in which they happen."""
    # Outside in and last part first, read backwards.
    found: list[Value] = []
    pending = [value]
    while pending:
        one = pending.pop()
        found.append(one)
        pending += parts(one)
    return reversed(found)


def own_values(event: Event) -> tuple[Value, ...]:
    """The values that an event itself evaluates, in order; not those of the events inside it."""
    match event:
        case Evaluate():
            return (event.value,)
        case Assign():
            found = () if event.value is None else (event.value,)
            # `a[f()] = g()` evaluates g first, `a[f()] += g()` f.
            return (*found, *event.targets) if event.operator == "=" else (*event.targets, *found)
        case Branch() | Assert():
            message = event.message if isinstance(event, Assert) else None
            return (event.condition,) if message is None else (event.condition, message)
        case Loop():
            return (event.iterable,) if event.target is None else (event.iterable, event.target)
        case With():
            return tuple(value for item in event.items for value in (item.context, item.target) if value is not None)
        case Return() | Raise():
            cause = event.cause if isinstance(event, Raise) else None
            return tuple(value for value in (event.value, cause) if value is not None)
        case Function():
            defaults = tuple(p.default for p in event.parameters if p.default is not None)
            return (*event.decorators, *defaults)
        case Class():
            return (*event.decorators, *event.bases, *[keyword.value for keyword in event.keywords])
        case Delete():
            return event.targets
        case Match():
            return (event.subject,)
        case _:
            return ()


def inner_bodies(event: Event) -> tuple[tuple[Event, ...], ...]:
    """The bodies inside an event that run as part of it: not those of functions, which run when called."""
    match event:
        case Assign() | Evaluate() | Return() | Function():  # most events: asked first
            return ()
        case Branch():
            return (event.then, event.otherwise)
        case Loop():
            return (event.body, event.otherwise)
        case Try():
            return (event.body, *[handler.body for handler in event.handlers], event.otherwise, event.finally_)
        case With() | Class():
            return (event.body,)
        case Match():
            return tuple(case.body for case in event.cases)
        case Cell():
            return (event.events,)
        case _:
            return ()


def flat_events(events: tuple[Event, ...]) -> Iterator[Event]:
    """Events with those inside them, classes and functions as single events."""
    for event in events:
        yield event
        if not isinstance(event, Class):
            for body in inner_bodies(event):
                yield from flat_events(body)


def is_main_test(condition: Value) -> bool:
    """True for `__name__ == "__main__"`."""
    if not isinstance(condition, Operation) or condition.operator != "==":
        return False
    names = {one.dotted for one in condition.operands if isinstance(one, Name)}
    values = {one.value for one in condition.operands if isinstance(one, Constant)}
    return names == {"__name__"} and values == {"__main__"}


def conditions_of_bodies(event: Event) -> tuple[tuple[Value | None, bool] | None, ...]:
    """For each body inside an event: the condition of its branch and what that must be, (None, True) where nothing says.

    None where the body always runs: loops count as run.
    """
    match event:
        case Branch():
            return (event.condition, True), (event.condition, False)
        case Match():
            return ((None, True),) * len(event.cases)
        case Try():
            return (None, *[(None, True) for _ in event.handlers], None, None)
        case _:
            return (None,) * len(inner_bodies(event))


def is_conditional_body(event: Event) -> bool:
    """True when the bodies inside an event may not run, or not once."""
    return isinstance(event, Branch | Loop | Try | Match)
