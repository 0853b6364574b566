"""What runs in processes that a program starts itself: there, generators start afresh, or as copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import Call, Comprehension, Constant, Function, Loop, Name, Operation, Sequence
from repro_gui.facts.known_randomness import ProcessStart
from repro_gui.facts.scopes import TargetKind
from repro_gui.facts.steps import CallSite
from repro_gui.facts.value_paths import events_in
from repro_gui.facts.walk import evaluated, is_main_test, own_values
from repro_gui.facts.ways import Happens, UnitName

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from repro_gui.facts.events import Event, Value
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.facts.random_use import Draw, RandomUse, Seeding
    from repro_gui.facts.steps import Unit


class Child(msgspec.Struct, frozen=True):
    """A function of the project that runs in a new process, and the call that starts it there.

    `is_fresh`: its generators certainly start anew.
    """

    unit: UnitName
    site: CallSite
    what: ProcessStart
    is_fresh: bool


class ChildDraws(msgspec.Struct, frozen=True):
    """Draws in a new process in which nothing seeds their generator; `is_certain`: the way to one of them is seen.

    `starts` are all calls that run the same function in processes of their own, the telling one, `child`, first.
    """

    starts: tuple[Child, ...]
    draws: tuple[Draw, ...]
    is_certain: bool

    @property
    def child(self) -> Child:
        """The start that tells most."""
        return self.starts[0]


def children(use: RandomUse, knowledge: Knowledge) -> tuple[Child, ...]:
    """The functions that the program runs in new processes, where that happens by default (or may)."""
    key = ("children", use.entry.start)
    remembered = use.way.program.remembered
    if key not in remembered:
        remembered[key] = tuple(_find(use, knowledge))
    found: tuple[Child, ...] = remembered[key]
    return found


def _find(use: RandomUse, knowledge: Knowledge) -> list[Child]:
    way = use.way
    method = _start_method(use)
    stays = _joblib_stays(use)
    found: list[Child] = []
    for name, what, site in way.told(_starts, knowledge):
        if way.happens(site) is Happens.NO or (stays and name == "joblib.delayed"):
            continue
        given = site.call.argument(what.function, what.position)
        if given is None:
            continue
        target = way.program.code.resolver.resolve(way.values.scope(site), given)
        if target.kind is TargetKind.FUNCTION and target.path in way.program.modules:
            own = _context_of(use, site) or method
            is_fresh = what.starts == "fresh" or own in {"spawn", "forkserver"}
            if name == "joblib.delayed":
                is_fresh = _joblib_is_fresh(use)
            found.append(Child((target.path, target.symbol), site, what, is_fresh))
    return found


def _starts(unit: Unit, knowledge: Knowledge) -> Iterator[tuple[str, ProcessStart, CallSite]]:
    for site in unit.calls:
        # `multiprocessing.get_context("spawn").Pool` is a pool.
        name = knowledge.randomness.canonical(site.name).replace(".get_context.", ".") if site.name else ""
        what = knowledge.randomness.process_start(name) if name else None
        if what is not None:
            yield name, what, site


def _joblib_stays(use: RandomUse) -> bool:
    """Whether everything that joblib runs stays in this process: one job, or threads."""
    return all(_is_one_job(site) or _says(site, "prefer") == "threads" for site in _parallels(use))


def _joblib_is_fresh(use: RandomUse) -> bool:
    """Whether all that joblib runs goes to processes of its default, loky, which start anew."""
    sites = _parallels(use)
    return (
        bool(sites)
        and not any(
            _is_one_job(site)
            or site.call.has_star
            or not isinstance(site.call.argument("n_jobs", 0), Constant | Operation)
            or any(site.call.keyword(name) is not None for name in ("backend", "prefer", "require"))
            for site in sites
        )
        and not any(use.way.calls_of("joblib.parallel_backend", "joblib.parallel_config"))
    )


def _parallels(use: RandomUse) -> list[CallSite]:
    return list(use.way.calls_of("joblib.Parallel"))


def _is_one_job(site: CallSite) -> bool:
    jobs = site.call.argument("n_jobs", 0)
    return jobs is None or (isinstance(jobs, Constant) and jobs.value in {None, 1})


def _says(site: CallSite, name: str) -> object:
    given = site.call.keyword(name)
    return given.value.value if given is not None and isinstance(given.value, Constant) else None


def _start_method(use: RandomUse) -> str:
    for site in use.way.calls_of("multiprocessing.set_start_method", "torch.multiprocessing.set_start_method"):
        given = site.call.argument("method", 0)
        if isinstance(given, Constant) and isinstance(given.value, str) and use.way.happens(site) is Happens.YES:
            return given.value
    return ""


def _context_of(use: RandomUse, site: CallSite) -> str:
    """The start method of the context on which a call is made, where it is written down."""
    if ".get_context()" not in site.name:
        return ""
    for one in use.way.calls_of("multiprocessing.get_context", "torch.multiprocessing.get_context"):
        given = one.call.argument("method", 0)
        if isinstance(given, Constant) and isinstance(given.value, str):
            return given.value
    return ""


def number_of_child(program: Program, child: Child) -> str:
    """The parameter by which each of several processes gets another number: its rank, or what a loop counts; empty without one."""
    scope = program.code.scope(*child.unit)
    definition = scope.definition
    if not isinstance(definition, Function):
        return ""
    names = [one.name for one in definition.parameters if one.kind in {"positional-only", "positional"}]
    if child.what.starts == "fresh" and child.what.function == "fn":
        # `spawn` hands the number of the process in first.
        return names[0] if names else ""
    given = child.site.call.argument("args")
    if not isinstance(given, Sequence) or not child.site.is_in_loop:
        return ""
    counted = set(_counted(program.code.scope(child.site.module.path, child.site.symbol).body))
    for name, value in zip(names, given.elements, strict=False):
        if isinstance(value, Name) and value.dotted in counted:
            return name
    return ""


def _counted(body: tuple[Event, ...]) -> Iterator[str]:
    """Names that loops over `range` count."""
    for event in events_in(body):
        if isinstance(event, Loop) and isinstance(event.target, Name) and _is_range(event.iterable):
            yield event.target.dotted
        for value in own_values(event):
            for part in evaluated(value):
                if isinstance(part, Comprehension):
                    for clause in part.clauses:
                        if isinstance(clause.target, Name) and _is_range(clause.iterable):
                            yield clause.target.dotted


def _is_range(value: Value) -> bool:
    return isinstance(value, Call) and value.written == "range"


def unseeded_in_children(
    use: RandomUse, knowledge: Knowledge, draws: Collection[Draw], steady: Collection[Seeding]
) -> tuple[list[Draw], list[ChildDraws]]:
    """The draws that the program makes itself, and those in new processes that nothing seeds there."""
    known = children(use, knowledge)
    if not known:
        return list(draws), []
    way = use.way
    own: list[Draw] = []
    found: dict[UnitName, list[Draw]] = {}
    by_unit: dict[UnitName, list[Child]] = {}
    for child in known:
        by_unit.setdefault(child.unit, []).append(child)
    for draw in draws:
        roots = way.roots(draw.site.module.path, draw.site.symbol)
        inside = roots & by_unit.keys()
        if not inside or use.entry.start in roots:
            own.append(draw)
        for unit in sorted(inside):
            found.setdefault(unit, []).append(draw)
    missing: list[ChildDraws] = []
    for unit, inner in found.items():
        unseeded = [child for child in by_unit[unit] if not any(_seeds_in(use, child, one) for one in steady)]
        if not unseeded:
            continue
        starts = sorted(unseeded, key=lambda child: not (child.is_fresh and way.happens(child.site) is Happens.YES))
        certain = [one for one in inner if one.is_certain and way.happens(one.site, unit) is Happens.YES]
        is_certain = bool(certain) and way.happens(starts[0].site) is Happens.YES and starts[0].is_fresh
        missing.append(ChildDraws(tuple(starts), tuple(certain or inner), is_certain))
    return own, sorted(missing, key=lambda one: not one.is_certain)


def _seeds_in(use: RandomUse, child: Child, seeding: Seeding) -> bool:
    """Whether a seeding happens in a new process too: on the way of its function, or while its modules are imported there."""
    way = use.way
    site = seeding.site
    if child.unit in way.roots(site.module.path, site.symbol):
        return way.happens(site, child.unit) is Happens.YES
    first = (*way.chain(site.module.path, site.symbol), site)[0]
    if way.running(first.module.path, first.symbol) or way.happens(site) is not Happens.YES:
        return False
    # A process that is spawned imports the started module again, but for what stands under its main guard; loky does not.
    is_guarded = any(condition is not None and wanted and is_main_test(condition) for condition, wanted in first.under)
    return not is_guarded and not (child.site.name == "joblib.delayed" and first.module.path == use.entry.path)
