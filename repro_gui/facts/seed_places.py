"""Where a seed must stand so that it comes before the first draw, and which value of the project it can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.default_values import Known
from repro_gui.facts.events import Call, Constant, Name, Node
from repro_gui.facts.scopes import BindingKind
from repro_gui.facts.steps import AssignSite
from repro_gui.location import Location

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from repro_gui.facts.program import Program
    from repro_gui.facts.random_use import Draw, RandomUse
    from repro_gui.facts.scopes import Scope

_DEEPEST = 4  # functions that hand the options on
SEED_NAMES = ("seed", "random_seed", "manual_seed", "random_state", "rng_seed", "global_seed", "seed_value")


class SeedValue(msgspec.Struct, frozen=True):
    """A seed that the project has: `text` is how it is written in the entry point's file, where it is known from `location` on.

    `symbol` is the function in which it is known, empty for the whole file. `option` is the `add_argument` that has to get a default
    first: without one there is no number when nobody asks.
    """

    text: str
    location: Location
    symbol: str = ""
    option: Location | None = None


class FirstDraw(msgspec.Struct, frozen=True):
    """The earliest place in an entry point's own code that may lead to a draw.

    `location` None: nothing in its code is seen to. `is_import`: importing a module draws. `is_certain`: the way to every draw is
    seen. `symbol` is the function of the entry point's file where its code starts.
    """

    location: Location | None
    is_import: bool
    is_certain: bool


def first_draw(program: Program, use: RandomUse) -> FirstDraw:
    """Where the code of an entry point first leads to a draw from a global generator, in the order of the source."""
    places: list[tuple[Location, bool]] = []
    is_certain = True
    for draw in use.draws:
        if not draw.generator or not use.counts(draw):
            continue
        found = place_of_draw(program, use, draw)
        if found is None:
            is_certain = False
        else:
            places.append(found)
    if not places:
        return FirstDraw(None, is_import=False, is_certain=is_certain)
    location, is_import = min(places, key=lambda place: _position(place[0]))
    return FirstDraw(location, is_import, is_certain)


def place_of_draw(program: Program, use: RandomUse, draw: Draw) -> tuple[Location, bool] | None:
    """The place in the entry point's code that leads to a draw, and whether it is an import; None when none is seen."""
    entry = use.entry
    site = draw.site
    unit = (site.module.path, use.way.running(site.module.path, site.symbol))
    if unit[1] and unit != entry.start:
        chain = use.way.chain(site.module.path, site.symbol)
        if not chain:
            return None
        site = chain[0]
    if site.module.path == entry.path:
        return site.location, False
    imported = import_of(program, entry.path, site.module.path)
    return None if imported is None else (imported, True)


def import_of(program: Program, importer: str, path: str) -> Location | None:
    """The first import at the top of a module that runs another module; in notebooks also the first `%run`."""
    module = program.modules[importer]
    for run, magic in program.code.run_by_magics(importer):
        if path == run or path in program.code.import_order(run):
            return module.location(magic)
    for one in module.imports:
        if one.is_for_typing:
            continue
        for run in program.code.paths_of(one, importer):
            if path == run or path in program.code.import_order(run):
                return module.location(one.what)
    return None


def _position(location: Location) -> tuple[int, int, int]:
    return location.cell, location.line, location.column


def project_seeds(program: Program, use: RandomUse, *, with_optional: bool = False) -> Iterator[SeedValue]:
    """Seeds that the entry point's file knows: constants first, then the command line option.

    `with_optional` takes an option without a default too.
    """
    entry = use.entry
    module = program.modules[entry.path]
    top = program.code.scope(entry.path)
    for name, bindings in top.bindings.items():
        if name.lower() not in SEED_NAMES or len(bindings) != 1 or bindings[0].is_conditional:
            continue
        binding = bindings[0]
        place: Node
        if binding.kind is BindingKind.IMPORT and binding.record is not None:
            place = binding.record
        elif binding.kind is BindingKind.ASSIGNED and isinstance(binding.value, Constant):
            place = binding.value
        else:
            continue
        located = module.location(place)
        reference = Name(place.line, place.column, place.end_line, place.end_column, name)
        settled = use.way.values.value(top, reference)
        if isinstance(settled, Known) and isinstance(settled.value, int) and not isinstance(settled.value, bool):
            yield SeedValue(name, located)
    yield from _option_seeds(program, use, with_optional=with_optional)


def _option_seeds(program: Program, use: RandomUse, *, with_optional: bool) -> Iterator[SeedValue]:
    for step in use.way.steps:
        if not isinstance(step, AssignSite) or step.module.path != use.entry.path or not isinstance(step.to, Name):
            continue
        if "." in step.to.dotted or step.is_conditional or not isinstance(step.value, Call):
            continue
        scope = program.code.scope(step.module.path, step.symbol)
        if not _parses(program, scope, step.value):
            continue
        for name in SEED_NAMES:
            place = step.assign
            reference = Name(place.line, place.column, place.end_line, place.end_column, f"{step.to.dotted}.{name}")
            settled = use.way.values.value(scope, reference)
            if isinstance(settled, Known) and isinstance(settled.value, int) and not isinstance(settled.value, bool):
                yield SeedValue(f"{step.to.dotted}.{name}", step.location, step.symbol)
            elif with_optional and isinstance(settled, Known) and settled.value is None:
                option = _option_without_default(use, name)
                if option is not None:
                    yield SeedValue(f"{step.to.dotted}.{name}", step.location, step.symbol, option)


def _option_without_default(use: RandomUse, name: str) -> Location | None:
    """The only option of that name, in the entry point's own file, that gives a number where somebody asks."""
    sites = use.way.values.option_sites(name)
    if len(sites) != 1 or sites[0].module.path != use.entry.path or sites[0].call.has_star:
        return None
    kind = sites[0].call.argument("type")
    return sites[0].location if isinstance(kind, Name) and kind.dotted == "int" else None


def _parses(program: Program, scope: Scope, call: Call) -> bool:
    """Whether a call gives the parsed options, itself or as what a function of the project gives back."""
    resolver = program.code.resolver
    for _ in range(_DEEPEST):
        target = resolver.resolve(scope, call.target)
        if target.name.endswith(".parse_args") or target.method == "parse_args":
            return True
        returned = resolver.returned_value(scope, call)
        if returned is None:
            return False
        scope, value = resolver.value_of(*returned)
        if not isinstance(value, Call):
            return False
        call = value
    return False


def precedes_all_draws(
    program: Program, use: RandomUse, location: Location, symbol: str, generators: Collection[str] = ()
) -> bool:
    """Whether everything that is drawn comes after a statement of the entry point's file, as far as the ways are seen.

    With `generators` only what is drawn from these counts.
    """
    entry = use.entry
    outer = _position(location)
    if symbol and (entry.path, symbol) != entry.start:
        chain = use.way.chain(entry.path, symbol)
        if not chain or chain[0].module.path != entry.path:
            return False
        outer = _position(chain[0].location)
    for draw in use.draws:
        if not draw.generator or not use.counts(draw) or (generators and draw.generator not in generators):
            continue
        site = draw.site
        chain = use.way.chain(site.module.path, site.symbol)
        steps = (*chain, site)
        inside = [
            one
            for one in steps
            if (one.module.path, use.way.running(one.module.path, one.symbol)) == (entry.path, symbol)
        ]
        if inside:
            if any(_position(one.location) < _position(location) for one in inside):
                return False
            continue
        found = place_of_draw(program, use, draw)
        if found is None or _position(found[0]) < outer:
            return False
    return True
