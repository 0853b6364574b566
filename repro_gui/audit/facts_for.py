"""Gives each function the facts that the types of its parameters name."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from repro_gui.checks.check import Finding
from repro_gui.facts.knowledge import Knowledge
from repro_gui.facts.lookup import Answers
from repro_gui.facts.program import Program, trace_program
from repro_gui.facts.snapshot import ProjectSnapshot
from repro_gui.facts.unavailable import Unavailable


class FactsFor:
    """The facts of one snapshot by type; the program model is made once, when the first check asks for it."""

    def __init__(self, snapshot: ProjectSnapshot, knowledge: Knowledge, answers: Answers | None = None) -> None:
        self.snapshot = snapshot
        self.knowledge = knowledge
        self._extra: dict[type, object] = {Answers: answers or Answers()}
        self._first: FactsFor | None = None

    def with_answers(self, answers: Answers) -> FactsFor:
        """The same facts with the answers to look-ups; the program is made once for both."""
        made = FactsFor(self.snapshot, self.knowledge, answers)
        made._first = self._first or self
        return made

    @functools.cached_property
    def program(self) -> Program | Unavailable:
        """The way the program runs, or why it cannot be known."""
        if self._first is not None:
            return self._first.program
        return trace_program(self.snapshot, self.knowledge)

    def arguments(self, function: Callable[..., Any], finding: Finding | None = None) -> dict[str, Any] | Unavailable:
        """Keyword arguments for a `find` or `plan`; the first missing fact's `Unavailable` instead."""
        found: dict[str, Any] = {}
        for name, wanted in _parameter_types(function).items():
            value = finding if wanted == (Finding,) else self._fact(wanted)
            if isinstance(value, Unavailable) and Unavailable not in wanted:
                return value
            found[name] = value
        return found

    def _fact(self, wanted: tuple[type, ...]) -> object:
        if Program in wanted:
            return self.program
        if Knowledge in wanted:
            return self.knowledge
        if ProjectSnapshot in wanted:
            return self.snapshot
        for kind in wanted:
            if kind in self._extra:
                return self._extra[kind]
        field = _snapshot_fields().get(wanted[0])
        if field is None:
            message = f"no fact has the type {wanted[0].__name__}"
            raise TypeError(message)
        return getattr(self.snapshot, field)


@functools.cache
def _snapshot_fields() -> Mapping[type, str]:
    """Which field of the snapshot holds facts of a type."""
    fields: dict[type, str] = {}
    for name, annotation in get_type_hints(ProjectSnapshot).items():
        for kind in _alternatives(annotation):
            if kind is not Unavailable:
                fields.setdefault(kind, name)
    return fields


@functools.cache
def _parameter_types(function: Callable[..., Any]) -> Mapping[str, tuple[type, ...]]:
    hints = get_type_hints(function)
    return {name: _alternatives(hints[name]) for name in inspect.signature(function).parameters}


def _alternatives(annotation: Any) -> tuple[type, ...]:
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return typing.get_args(annotation)
    return (annotation,)
