"""What one missing seed is called by each check that sees it, so that only one of them tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.call_arguments import argument_of
from repro_gui.facts.known_randomness import Role
from repro_gui.facts.literal_mappings import Given
from repro_gui.facts.loader_workers import share_of_workers
from repro_gui.facts.random_use import SeedKind
from repro_gui.facts.seed_arguments import place_of_value
from repro_gui.facts.seed_functions import SeedFunction, seed_functions
from repro_gui.facts.seed_imports import can_be_imported
from repro_gui.facts.seed_options import SeedSwitch, seed_switch
from repro_gui.facts.seeding import SeedState

if TYPE_CHECKING:
    from repro_gui.facts.events import Value
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.facts.random_use import Draw, RandomUse, Seeding
    from repro_gui.facts.seeding import LibrarySeeding
    from repro_gui.facts.steps import CallSite
    from repro_gui.location import Location

# Calls that can be given a seed of their own, and have a check of their own.
OWN_CHECKS = frozenset({Role.ESTIMATOR, Role.SPLIT})
_LOADERS = frozenset({Role.LOADER, Role.SAMPLER})


def cause_of_function(function: SeedFunction) -> str:
    """The cause under which `uncalled-seed` tells of a function that nobody calls."""
    return f"uncalled:{function.path}:{function.symbol}"


def cause_of_library(one: LibrarySeeding) -> str:
    """The cause under which `unseeded-library` tells of a library."""
    child = f":{name_of_child(one)}" if one.starts else ""
    return f"unseeded:{one.entry.path}:{one.entry.symbol}:{one.generator.id}{child}"


def name_of_child(one: LibrarySeeding) -> str:
    """The function that runs in a process of its own, with its module where that is not the started one; empty without one."""
    path, symbol = ("", "") if one.child is None else one.child.unit
    return symbol if path in {"", one.entry.path} else f"{path}:{symbol}"


def cause_of_loader(site: CallSite, name: str) -> str:
    """The cause under which `unseeded-loader` tells of a loader."""
    return f"loader:{site.module.path}:{site.symbol}:{name}"


def cause_of_switch(switch: SeedSwitch | None, site: CallSite, name: str) -> str:
    """The cause under which `optional-seed` tells of what leaves a call without a seed."""
    if switch is None:
        return f"optional:{site.module.path}:{site.symbol}:{name}"
    return f"optional:{switch.location.path}:{switch.name}"


def cause_of_moving_value(place: Location) -> str:
    """The cause under which `moving-seed` tells of the value that is made there."""
    return f"moving:{place}"


def split_told_by(use: RandomUse, split: Draw, one: LibrarySeeding) -> tuple[tuple[str, str], ...]:
    """Of a split that nothing pins: the option that would pin it, or the moving seed of its library."""
    found = []
    asked: list[tuple[CallSite, str, Value | None]] = []
    if split.seed is not None:
        asked.append((split.site, split.name, split.seed))
    if one.state in {SeedState.OFF_BY_DEFAULT, SeedState.MOVING}:
        asked += [(seeding.site, seeding.name, value_of(seeding)) for seeding in one.seedings]
    for site, name, value in asked:
        found.append(("optional-seed", cause_of_switch(seed_switch(use, site, value), site, name)))
    if one.state is SeedState.MOVING:
        found += [
            ("moving-seed", cause_of_moving_value(place_of_value(use, seeding.site, given_to(use, seeding))))
            for seeding in one.seedings
            if seeding.kind in {SeedKind.MOVING, SeedKind.NOTHING}
        ]
    return tuple(dict.fromkeys(found))


def value_of(seeding: Seeding) -> Value | None:
    """The seed as it is written in a seeding call."""
    return seeding.site.call.argument(seeding.what.parameter, seeding.what.position) if seeding.what.parameter else None


def given_to(use: RandomUse, seeding: Seeding) -> Given:
    """The seed that a seeding call gets, through mappings too."""
    what = seeding.what
    return argument_of(use.way, seeding.site, what.parameter, what.position) if what.parameter else Given()


def library_draws(one: LibrarySeeding) -> list[Draw]:
    """The draws of a library that have no check of their own."""
    return [draw for draw in one.draws if draw.what.role not in OWN_CHECKS]


def library_told_by(
    program: Program, knowledge: Knowledge, use: RandomUse, one: LibrarySeeding
) -> tuple[tuple[str, str], ...]:
    """Of an unseeded library: the function that would seed it and is not called, or the loaders where only these draw."""
    found = _functions(program, knowledge, one)
    drawn = library_draws(one)
    others = [draw for draw in drawn if draw.what.role not in _LOADERS]
    if not others:
        found += [("unseeded-loader", cause_of_loader(draw.site, draw.name)) for draw in drawn]
    elif one.generator.worker == "reseeded" and one.child is None and len(others) == len(drawn):
        share = share_of_workers(use, knowledge, others)
        if not share.outside:
            found += [("unseeded-loader", cause_of_loader(loader.site, loader.name)) for loader in share.loaders]
    return tuple(dict.fromkeys(found))


def loader_told_by(program: Program, knowledge: Knowledge, one: LibrarySeeding) -> tuple[tuple[str, str], ...]:
    """Of a loader that draws from an unseeded library: what tells of the library where more than loaders draw from it."""
    found = _functions(program, knowledge, one)
    if any(draw.what.role not in _LOADERS for draw in library_draws(one)):
        found.append(("unseeded-library", cause_of_library(one)))
    return tuple(found)


def _functions(program: Program, knowledge: Knowledge, one: LibrarySeeding) -> list[tuple[str, str]]:
    if one.child is not None:
        # A call where the program starts seeds nothing in a process that starts afresh.
        return []
    return [
        ("uncalled-seed", cause_of_function(function))
        for function in seed_functions(program, knowledge)
        if one.generator.id in function.generators and can_be_imported(program, one.entry.path, function.path)
    ]
