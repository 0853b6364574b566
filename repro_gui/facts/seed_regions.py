"""Seeds that hold only inside a `with`: the context puts back, when it is left, the state from before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.events import Call, Function
from repro_gui.facts.scopes import TargetKind
from repro_gui.facts.steps import CallSite

if TYPE_CHECKING:
    from collections.abc import Collection

    from repro_gui.facts.events import Value
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.facts.ways import Way

# A `with` block: path and symbol of the code that it stands in, line and column of its context.
Region = tuple[str, str, int, int]


class SeedRegions:
    """Finds the `with` blocks to which the seeds on one way are limited."""

    def __init__(self, program: Program, knowledge: Knowledge, way: Way) -> None:
        self._program = program
        self._randomness = knowledge.randomness
        self._way = way

    def of(self, site: CallSite, generators: Collection[str]) -> tuple[Region, ...]:
        """The blocks outside of which a seeding call has no effect; none where its seed stays."""
        for step in (site, *reversed(self._way.chain(site.module.path, site.symbol))):
            for context in reversed(step.inside):
                if self._keeps(step, context, generators):
                    return (region_of(step, context),)
        if not self._puts_back_itself(site, generators):
            return ()
        path, symbol = site.module.path, self._way.running(site.module.path, site.symbol)
        found = [
            region_of(step, context)
            for step in self._way.calls
            for context in step.inside
            if isinstance(context, Call) and self._calls(step, context, path, symbol)
        ]
        return tuple(dict.fromkeys(found)) or ((path, symbol, 0, 0),)

    def _keeps(self, step: CallSite, context: Value, generators: Collection[str]) -> bool:
        """Whether a context of a library puts the state of all these generators back."""
        if not isinstance(context, Call):
            return False
        target = self._program.code.resolver.resolve(self._way.values.scope(step), context.target)
        keeps = self._randomness.keeps_state(self._randomness.canonical(target.name)) if target.name else ()
        return bool(keeps) and set(generators) <= set(keeps)

    def _puts_back_itself(self, site: CallSite, generators: Collection[str]) -> bool:
        """Whether a seeding stands in a context manager of the project that puts a saved state back at its end."""
        scope = self._program.code.scope(site.module.path, self._way.running(site.module.path, site.symbol))
        definition = scope.definition
        if not isinstance(definition, Function) or not definition.is_generator:
            return False
        outer = scope.parent or scope
        names = [self._program.code.resolver.resolve(outer, one).name for one in definition.decorators]
        if not any(name in {"contextlib.contextmanager", "contextlib.asynccontextmanager"} for name in names):
            return False
        restored: set[str] = set()
        for step in self._program.code.unit(site.module.path, scope.symbol).steps:
            known = (
                self._randomness.seed_call(self._randomness.canonical(step.name))
                if isinstance(step, CallSite)
                else None
            )
            if known is not None and known.restores and step.location.line > site.location.line:
                restored.update(known.seeds)
        # Restoring PyTorch on the CPU is what people write for both.
        return (set(generators) - {"cuda"} if "torch" in generators else set(generators)) <= restored

    def _calls(self, step: CallSite, context: Call, path: str, symbol: str) -> bool:
        target = self._program.code.resolver.resolve(self._way.values.scope(step), context.target)
        return target.kind is TargetKind.FUNCTION and (target.path, target.symbol) == (path, symbol)


def region_of(step: CallSite, context: Value) -> Region:
    """The block of a context that stands round a step."""
    return (step.module.path, step.symbol, context.line, context.column)
