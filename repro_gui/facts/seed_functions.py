"""Functions of the project that seed random number generators, called or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import Function, Name, Parameter
from repro_gui.facts.steps import CallSite

if TYPE_CHECKING:
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.known_randomness import Randomness
    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import Step
    from repro_gui.location import Location


class SeedFunction(msgspec.Struct, frozen=True):
    """A top-level function that calls seeding functions itself; `generators` are the ids of what it seeds.

    `parameter` is the one that the seed comes in by (None: it has a seed of its own), `sites` its seeding calls in order.
    """

    path: str
    symbol: str
    definition: Function
    generators: frozenset[str]
    sites: tuple[CallSite, ...]
    location: Location
    parameter: Parameter | None = None

    @property
    def takes_only_a_seed(self) -> bool:
        """True when it can be called with a seed, or with nothing."""
        needed = [one for one in self.definition.parameters if one.default is None and one.kind not in {"*", "**"}]
        return not needed or (len(needed) == 1 and self.parameter is not None and needed[0].name == self.parameter.name)


def seed_functions(program: Program, knowledge: Knowledge) -> tuple[SeedFunction, ...]:
    """All seed functions outside of tests, in path order."""
    return program.once(_find, knowledge.randomness)


def _find(program: Program, randomness: Randomness) -> tuple[SeedFunction, ...]:
    apart = {entry.path for entry in program.entry_points if entry.role in {"tests", "setup", "docs"}}
    last_names = {name.rpartition(".")[2] for call in randomness.seed_calls for name in call.names}
    found: list[SeedFunction] = []
    for path in sorted(program.modules):
        module = program.modules[path]
        if path in apart or module.not_parsed is not None or not module.may_call(last_names):
            continue
        for symbol in program.code.symbols(path):
            definition = program.code.scope(path, symbol).definition
            if symbol and "." not in symbol and isinstance(definition, Function):
                one = _as_seed_function(program, randomness, path, symbol, definition)
                if one is not None:
                    found.append(one)
    return tuple(found)


def _draws(randomness: Randomness, step: Step) -> bool:
    known = (
        randomness.random_call(randomness.canonical(step.name)) if isinstance(step, CallSite) and step.name else None
    )
    return known is not None and bool(known.generator)


def _as_seed_function(
    program: Program, randomness: Randomness, path: str, symbol: str, definition: Function
) -> SeedFunction | None:
    if definition.is_generator:
        # A context manager that seeds for a while.
        return None
    sites: list[CallSite] = []
    generators: set[str] = set()
    parameters = {one.name: one for one in definition.parameters}
    seeded_by: list[Parameter] = []
    steps = program.code.unit(path, symbol).steps
    for step in steps:
        if not isinstance(step, CallSite) or not step.name:
            continue
        known = randomness.seed_call(randomness.canonical(step.name))
        if known is None or known.restores:
            continue
        value = step.call.argument(known.parameter, known.position) if known.parameter else None
        if value is None:
            continue
        sites.append(step)
        generators.update(known.seeds)
        if isinstance(value, Name) and value.dotted in parameters:
            seeded_by.append(parameters[value.dotted])
    if not sites or any(_draws(randomness, step) for step in steps):
        # What draws as well (`shuffle_together(seed, a, b)`) seeds for itself.
        return None
    # A training function that begins with a seed is no seed function: that one does little else.
    others = [step for step in steps if isinstance(step, CallSite) and step not in sites]
    if len(others) > 3 * len(sites) + 3:
        return None
    module = program.modules[path]
    return SeedFunction(
        path,
        symbol,
        definition,
        frozenset(generators),
        tuple(sites),
        module.location(definition),
        seeded_by[0] if seeded_by else None,
    )
