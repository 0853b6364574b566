"""What the datasets of torch loaders draw in worker processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.call_arguments import argument_of, is_literally_none
from repro_gui.facts.default_values import Known
from repro_gui.facts.events import Call, Value
from repro_gui.facts.literal_mappings import Given
from repro_gui.facts.random_use import Draw
from repro_gui.facts.steps import CallSite
from repro_gui.facts.ways import Happens, UnitName, Way

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.random_use import RandomUse
    from repro_gui.location import Location

_LOADERS = frozenset({"torch.utils.data.DataLoader", "torch_geometric.loader.DataLoader"})
# Methods of a dataset that a loader calls in its workers.
_IN_WORKERS = frozenset({"__getitem__", "__getitems__", "__iter__"})


class Loader(msgspec.Struct, frozen=True):
    """A call that makes a loader; `workers` is None where the number is not known here.

    `hands_seed_on`: what it starts its workers with only hands on what PyTorch was seeded with there.
    """

    site: CallSite
    name: str
    workers: int | None
    dataset: Value | None
    has_generator: bool
    has_worker_init: bool
    hands_seed_on: bool


class WorkerDraws(msgspec.Struct, frozen=True):
    """Draws from global generators in code that workers run; uncertain where the loader's dataset is not seen."""

    draws: tuple[Draw, ...]
    is_certain: bool


def loaders(use: RandomUse, knowledge: Knowledge) -> tuple[Loader, ...]:
    """The loaders on the way of one entry point that are made by default, in order."""
    key = ("loaders", use.entry.start, id(knowledge.randomness))
    remembered = use.way.program.remembered
    if key not in remembered:
        remembered[key] = tuple(_find(use, knowledge))
    found: tuple[Loader, ...] = remembered[key]
    return found


def _find(use: RandomUse, knowledge: Knowledge) -> Iterator[Loader]:
    for site in use.way.calls_that(_is_loader, knowledge):
        if use.way.happens(site) is not Happens.NO:
            yield Loader(
                site,
                knowledge.randomness.canonical(site.name),
                _workers(use.way, site),
                site.call.argument("dataset", 0),
                _is_given(argument_of(use.way, site, "generator", 12)),
                _is_given(argument_of(use.way, site, "worker_init_fn", 10)),
                _hands_seed_on(use, argument_of(use.way, site, "worker_init_fn", 10)),
            )


def _is_loader(site: CallSite, knowledge: Knowledge) -> bool:
    return bool(site.name) and knowledge.randomness.canonical(site.name) in _LOADERS


def draws_in_workers(use: RandomUse, loader: Loader, knowledge: Knowledge) -> WorkerDraws:
    """What the dataset of a loader draws when an item is asked for, in generators that workers seed anew."""
    reseeded = {generator.id for generator in knowledge.randomness.generators if generator.worker == "reseeded"}
    owner = _class_of(use.way, loader)
    found: list[Draw] = []
    for draw in use.draws:
        # What is only made (a transform, a layer) draws from PyTorch; its seeding is asked about as such.
        if draw.generator not in reseeded or draw.what.later or draw.happens is Happens.NO:
            continue
        methods = _asked_by_workers(use.way, (draw.site.module.path, draw.site.symbol))
        if methods and (owner is None or owner in {(path, symbol.rpartition(".")[0]) for path, symbol in methods}):
            found.append(draw)
    return WorkerDraws(tuple(found), owner is not None)


class WorkerShare(msgspec.Struct, frozen=True):
    """Draws that only workers of loaders make, the loaders, and the other draws."""

    inside: tuple[Draw, ...]
    loaders: tuple[Loader, ...]
    outside: tuple[Draw, ...]


def share_of_workers(use: RandomUse, knowledge: Knowledge, draws: Sequence[Draw]) -> WorkerShare:
    """Tells the draws apart that certainly happen in workers of loaders only: all loaders of such a dataset start some."""
    found = loaders(use, knowledge)
    if not found:
        return WorkerShare((), (), tuple(draws))
    classes = [_class_of(use.way, loader) for loader in found]
    inside: list[Draw] = []
    used: set[Location] = set()
    for draw in draws:
        unit = (draw.site.module.path, draw.site.symbol)
        owners = None if None in classes else _only_asked_by_workers(use, unit, {one for one in classes if one})
        theirs = [loader for loader, owner in zip(found, classes, strict=True) if owners and owner in owners]
        if owners and owners <= set(classes) and all(loader.workers for loader in theirs):
            inside.append(draw)
            used.update(loader.site.location for loader in theirs)
    return WorkerShare(
        tuple(inside),
        tuple(loader for loader in found if loader.site.location in used),
        tuple(draw for draw in draws if draw not in inside),
    )


def _only_asked_by_workers(use: RandomUse, unit: UnitName, classes: Collection[UnitName]) -> set[UnitName] | None:
    """The classes of datasets (the loaders have those in `classes`) through whose methods alone a function is reached.

    None where there is another way.
    """
    found: set[UnitName] = set()
    seen: set[UnitName] = set()
    pending = [unit]
    while pending:
        path, symbol = pending.pop()
        here = (path, use.way.running(path, symbol))
        if here in seen:
            continue
        seen.add(here)
        owner, _, last = here[1].rpartition(".")
        callers = use.way.values.callers(*here)
        is_asked = bool(owner) and last in _IN_WORKERS
        if is_asked and (not callers or (path, owner) in classes):
            found.add((path, owner))
        # Who else asks for an item, as `rows[0]` does, does so where it stands.
        if is_asked and not callers:
            continue
        if not here[1] or here == use.entry.start or not callers:
            return None
        pending.extend((site.module.path, site.symbol) for site in callers)
    return found


def _is_given(given: Given) -> bool:
    return not given.is_absent and not is_literally_none(given)


def _hands_seed_on(use: RandomUse, given: Given) -> bool:
    if given.value is None or given.scope is None:
        return False
    target = use.way.program.code.resolver.resolve(given.scope, given.value)
    seedings = [one for one in use.seedings if (one.site.module.path, one.site.symbol) == (target.path, target.symbol)]
    return bool(seedings) and all(one.follows for one in seedings)


def _workers(way: Way, site: CallSite) -> int | None:
    given = argument_of(way, site, "num_workers", 5)
    if given.value is None or given.scope is None:
        return 0 if given.is_known else None
    settled = way.values.value(given.scope, given.value)
    known = settled.value if isinstance(settled, Known) else None
    return known if isinstance(known, int) else None


def _class_of(way: Way, loader: Loader) -> UnitName | None:
    """The project's class of which a loader's dataset is an instance; None where it is not seen."""
    if loader.dataset is None:
        return None
    scope, value = way.values.origin(way.values.scope(loader.site), loader.dataset)
    if not isinstance(value, Call):
        return None
    target = way.program.code.resolver.resolve(scope, value.target)
    if not target.path:
        return None
    is_class = way.program.code.scope(target.path, target.symbol).kind == "class"
    return (target.path, target.symbol) if is_class else None


def _asked_by_workers(way: Way, unit: UnitName) -> set[UnitName]:
    """The methods of datasets through which a function is reached."""
    found: set[UnitName] = set()
    seen: set[UnitName] = set()
    pending = [unit]
    while pending:
        path, symbol = pending.pop()
        here = (path, way.running(path, symbol))
        if here in seen or not here[1]:
            continue
        seen.add(here)
        owner, _, last = here[1].rpartition(".")
        if owner and last in _IN_WORKERS:
            found.add(here)
        pending.extend((site.module.path, site.symbol) for site in way.values.callers(*here))
    return found
