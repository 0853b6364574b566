"""The Gym environments that a program makes, where they are reset, and where they get a seed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.default_values import Known
from repro_gui.facts.events import (
    Assign,
    Attribute,
    Branch,
    Call,
    Class,
    Constant,
    Function,
    Lambda,
    Name,
    Sequence,
    Subscript,
    Value,
)
from repro_gui.facts.known_randomness import Role
from repro_gui.facts.scopes import BindingKind, Scope, TargetKind
from repro_gui.facts.steps import CallSite
from repro_gui.facts.value_paths import covers, events_in, place_in, values_in
from repro_gui.facts.walk import evaluated, inner_bodies, own_values
from repro_gui.facts.ways import Happens, Way
from repro_gui.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from repro_gui.facts.events import Event
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.facts.random_use import RandomUse

_WRAPPERS = ("gym.wrappers.", "gymnasium.wrappers.", "stable_baselines3.common.")
# Many environments behind one reset; what makes them is handed over as functions.
_VECTORS = frozenset(
    f"{package}.vector.{name}" for package in ("gym", "gymnasium") for name in ("SyncVectorEnv", "AsyncVectorEnv")
)
# Generators of their own, which `seed` of these reaches and that of the environment does not.
_SPACES = ("action_space", "observation_space", "single_action_space", "single_observation_space")
# Of these the project's own environments are; wrappers of others are no environments of their own.
_ENVIRONMENTS = ("gym.Env", "gymnasium.Env", "gym.core.Env", "gymnasium.core.Env")
_MOST_STEPS = 8


class BoundEnvironment(msgspec.Struct, frozen=True):
    """The name under which an environment is used, and the call that the name is bound to last."""

    name: str
    location: Location


class GymEnvironment(msgspec.Struct, frozen=True):
    """One environment: `made` by a call of `maker`, with the resets of it that are seen.

    `samples` are draws from its spaces, which nothing seeds.

    `seedings` are calls that seed it, with the value given (None: the value is None by default). `maybe_seeded` is a call that
    seeds something which may be this environment. `takes_seed_in_reset` is None where the version of Gym does not show.
    """

    made: CallSite
    maker: str
    resets: tuple[CallSite, ...]
    seedings: tuple[tuple[CallSite, Value | None], ...]
    maybe_seeded: CallSite | None
    takes_seed_in_reset: bool | None
    bound: BoundEnvironment | None
    samples: tuple[CallSite, ...] = ()


def gym_environments(use: RandomUse, knowledge: Knowledge) -> tuple[GymEnvironment, ...]:
    """The environments that one entry point makes by default, in order."""
    key = ("gym environments", use.entry.start, id(knowledge.randomness))
    remembered = use.way.program.remembered
    if key not in remembered:
        remembered[key] = _find(use, knowledge)
    found: tuple[GymEnvironment, ...] = remembered[key]
    return found


def _find(use: RandomUse, knowledge: Knowledge) -> tuple[GymEnvironment, ...]:
    way = use.way
    made = [
        (draw.site, draw.name)
        for draw in use.draws
        if draw.what.role is Role.ENVIRONMENT and draw.happens is not Happens.NO
    ]
    made += [
        (site, _own_maker(way, site))
        for site in way.calls_that(_calls_environment, way.program)
        if _makes_own(way, site)
    ]
    if not made:
        return ()
    vectors = [site for site in way.calls_of(*_VECTORS) if way.happens(site) is not Happens.NO]
    sites = {site.location: site for site in (*vectors, *[site for site, _ in made])}
    makers = set(sites)
    resets: dict[Location, list[CallSite]] = {}
    seedings: dict[Location, list[tuple[CallSite, Value | None]]] = {}
    bound: dict[Location, BoundEnvironment] = {}
    unplaced: list[CallSite] = []
    samples = _unseeded_samples(way, knowledge, sites)
    for site in way.calls_that(_calls_method, "reset", "seed"):
        method, receiver = _method_of(site.call)
        if receiver is None or _is_space(receiver):
            continue
        given = _seed_given(way, site, method)
        if (method == "seed" and given is _NOTHING) or way.happens(site) is Happens.NO:
            continue
        found = _made_by(way, knowledge, way.values.scope(site), receiver)
        places, name = found or ((), None)
        for place in makers.intersection(places):
            if name is not None:
                bound.setdefault(place, name)
            if method == "reset":
                resets.setdefault(place, []).append(site)
            if given is not _NOTHING:
                seedings.setdefault(place, []).append((site, given))
        if makers.intersection(places):
            continue
        if given is not _NOTHING and not site.name and not _is_in_environment(way, site):
            unplaced.append(site)
    unplaced += list(_handed_over(way, knowledge, makers))
    found_sites = [(site, site.name) for site in vectors]
    found_sites += [
        (site, name)
        for site, name in made
        if site.location in resets or not _is_only_looked_at(way, site)
        # Those in a vector are reset through it.
        if not vectors or site.location in resets or site.location in seedings
    ]
    return tuple(
        GymEnvironment(
            site,
            name,
            tuple(resets.get(site.location, ())),
            tuple(sorted(seedings.get(site.location, ()), key=lambda one: one[1] is None)),
            unplaced[0] if unplaced else None,
            _takes_seed(way, name, resets.get(site.location, ())),
            bound.get(site.location),
            tuple(samples.get(site.location, ())),
        )
        for site, name in found_sites
    )


def _is_only_looked_at(way: Way, made: CallSite) -> bool:
    """Whether a function makes an environment only to read what it says of itself: its limit of steps, the shapes of its spaces."""
    scope = way.values.scope(made)
    name = _name_of(scope, made.call)
    if name is None or scope.kind != "function" or len(scope.bindings.get(name.name, ())) != 1:
        return False
    for event in events_in(scope.body):
        # What a function inside does with it is not looked into.
        if isinstance(event, Function | Class):
            return False
        for value in own_values(event):
            for inner, above in values_in(value):
                if isinstance(inner, Lambda):
                    return False
                if isinstance(inner, Name) and inner.dotted.partition(".")[0] == name.name:
                    is_bound = isinstance(event, Assign) and inner in event.targets
                    is_called = bool(above) and isinstance(above[-1], Call) and above[-1].target is inner
                    last = inner.dotted.rpartition(".")[2]
                    if not is_bound and (is_called or last in {name.name, "unwrapped", *_SPACES}):
                        return False
    return True


def _calls_environment(site: CallSite, program: Program) -> bool:
    target = site.target
    return (
        target.kind is TargetKind.CLASS
        and bool(target.path)
        and _is_environment_class(program, target.path, target.symbol, _ENVIRONMENTS)
    )


def _calls_method(site: CallSite, *names: str) -> bool:
    return _method_of(site.call)[0] in names


def _draws_from_own_generator(site: CallSite) -> bool:
    return ".np_random" in site.name


def _unseeded_samples(
    way: Way, knowledge: Knowledge, sites: dict[Location, CallSite]
) -> dict[Location, list[CallSite]]:
    """The draws from the spaces of each environment; none where a space is seeded that may be one of its own or, in a vector, of theirs."""
    samples: dict[Location, list[CallSite]] = {}
    seeds: list[tuple[CallSite, AbstractSet[Location]]] = []
    for site in way.calls_that(_calls_method, "sample", "seed"):
        method, receiver = _method_of(site.call)
        if receiver is None or not _is_space(receiver):
            continue
        if way.happens(site) is Happens.NO:
            continue
        of = _owner_of(receiver)
        found = None if of is None else _made_by(way, knowledge, way.values.scope(site), of)
        places = sites.keys() & (found[0] if found is not None else ())
        if method == "seed":
            seeds.append((site, places))
            continue
        for place in places:
            samples.setdefault(place, []).append(site)
    return {
        place: drawn
        for place, drawn in samples.items()
        if not any(
            place in owners
            if owners and all(sites[owner].name in _VECTORS for owner in owners)
            else _may_be_for(way, sites[place], seed)
            for seed, owners in seeds
        )
    }


def _may_be_for(way: Way, made: CallSite, seed: CallSite) -> bool:
    """Whether a seeding may reach an environment: it is on the way, or where the environment is made or given what makes it."""
    unit = (seed.module.path, way.running(seed.module.path, seed.symbol))
    if way.happens(seed) is Happens.YES or way.chain(*unit) or seed.module.path == made.module.path:
        return True
    scope = way.values.scope(made)
    for argument in (*made.call.positional, *[one.value for one in made.call.keywords]):
        for part in evaluated(argument):
            if not isinstance(part, Call):
                continue
            target = way.program.code.resolver.resolve(scope, part.target)
            # What a caller hands over may make any of them.
            if target.path == seed.module.path or target.kind is TargetKind.UNKNOWN or target.name.endswith("()"):
                return True
    return False


def _owner_of(receiver: Value) -> Value | None:
    if isinstance(receiver, Attribute):
        return receiver.of
    if isinstance(receiver, Name) and "." in receiver.dotted:
        owner = receiver.dotted.rpartition(".")[0]
        return Name(receiver.line, receiver.column, receiver.end_line, receiver.end_column, owner)
    return None


def _makes_own(way: Way, site: CallSite) -> bool:
    """Whether a call makes an environment of the project's own class that draws from its generator and can be seeded."""
    target = site.target
    if way.happens(site) is Happens.NO:
        return False
    reset = way.program.code.scope(target.path, target.symbol).bindings.get("reset", ())
    takes_seed = any(
        isinstance(one.record, Function) and any(p.name == "seed" or p.kind == "**" for p in one.record.parameters)
        for one in reset
    )
    return takes_seed and any(
        one.module.path == target.path and one.symbol.startswith(f"{target.symbol}.")
        for one in way.calls_that(_draws_from_own_generator)
    )


def _own_maker(way: Way, site: CallSite) -> str:
    """The name of an own environment's class, under the package that it is of."""
    scope = way.program.code.scope(site.target.path, site.target.symbol)
    names = [way.program.code.resolver.resolve(scope.parent or scope, base).name for base in _bases(scope)]
    package = "gym" if any(name.startswith("gym.") for name in names) else "gymnasium"
    return f"{package}.Env: {site.target.symbol}"


def _bases(scope: Scope) -> list[Value]:
    """The bases of a class; `gym.Wrapper[np.ndarray, int]` is a `gym.Wrapper`."""
    bases = scope.definition.bases if isinstance(scope.definition, Class) else ()
    return [base.of if isinstance(base, Subscript) else base for base in bases]


def _is_space(receiver: Value) -> bool:
    last = receiver.name if isinstance(receiver, Attribute) else receiver.dotted if isinstance(receiver, Name) else ""
    return last.rpartition(".")[2] in _SPACES


def is_in_loop(use: RandomUse, site: CallSite) -> bool:
    """Whether a call may run more than once: a loop stands round it or round a call that leads to it."""
    if site.is_in_loop:
        return True
    unit = (site.module.path, use.way.running(site.module.path, site.symbol))
    if not unit[1] or unit == use.entry.start:
        return False
    chain = use.way.chain(*unit)
    return not chain or any(one.is_in_loop for one in chain) or len(use.way.values.callers(*unit)) > 1


# What a call gives as its seed when it gives none.
_NOTHING = Constant(0, 0, 0, 0, "nothing")


def _method_of(call: Call) -> tuple[str, Value | None]:
    target = call.target
    if isinstance(target, Attribute):
        return target.name, target.of
    if isinstance(target, Name):
        owner, dot, last = target.dotted.rpartition(".")
        if dot:
            return last, Name(target.line, target.column, target.end_line, target.end_column, owner)
    return "", None


def _seed_given(way: Way, site: CallSite, method: str) -> Value | None:
    """The value with which a call seeds: `_NOTHING` when it does not, None when the value is None by default."""
    given = site.call.argument("seed", 0 if method == "seed" else -1)
    if given is None:
        # What a mapping or a sequence holds is not known; a seed may be in it.
        return site.call if site.call.has_star else _NOTHING
    settled = way.values.value(way.values.scope(site), given)
    return None if isinstance(settled, Known) and settled.value is None else given


# The calls of which one makes an environment, and the name that it is bound to.
_Made = tuple[tuple[Location, ...], BoundEnvironment | None]


def _made_by(way: Way, knowledge: Knowledge, scope: Scope, value: Value, steps: int = 0) -> _Made | None:
    """The calls of which one makes the environment that a value is, and its name; None where that is not seen."""
    if steps > _MOST_STEPS:
        return None
    scope, value = way.values.origin(scope, value) if not _is_bound_again(scope, value) else (scope, value)
    if isinstance(value, Name) and "." not in value.dotted:
        return _made_by_bindings(way, knowledge, scope, value.dotted, steps)
    if not isinstance(value, Call):
        return None
    if _is_maker(way, knowledge, scope, value):
        return (scope.module.location(value),), _name_of(scope, value)
    if value.positional and _is_wrapper(way, scope, value):
        found = _made_by(way, knowledge, scope, value.positional[0], steps + 1)
        return None if found is None else (found[0], _name_of(scope, value) or found[1])
    returned = way.program.code.resolver.returned_value(scope, value)
    if returned is not None:
        found = _made_by(way, knowledge, *returned, steps + 1)
        return None if found is None else (found[0], _name_of(scope, value))
    return None


def _is_bound_again(scope: Scope, value: Value) -> bool:
    if not isinstance(value, Name) or "." in value.dotted:
        return False
    home = scope.home_of(value.dotted)
    return home is not None and len(home.bindings[value.dotted]) > 1


def _made_by_bindings(way: Way, knowledge: Knowledge, scope: Scope, name: str, steps: int) -> _Made | None:
    """`env = gym.make(…)`, or one of several in the arms of an `if`, and then `env = Wrapper(env)`, any number of times."""
    home = scope.home_of(name)
    if home is None:
        return None
    starts: list[Call] = []
    last: Call | None = None
    for binding in home.bindings[name]:
        call = binding.value
        if binding.kind is not BindingKind.ASSIGNED or not isinstance(call, Call):
            return None
        last = call
        first = call.positional[0] if call.positional else None
        if not (isinstance(first, Name) and first.dotted == name):
            starts.append(call)
    made = [_made_by(way, knowledge, home, call, steps + 1) for call in starts]
    places = {place for one in made if one is not None for place in one[0]}
    # Whatever another arm makes, in this one it is the environment.
    one_of_them = len(starts) > 1 and _exclude_one_another(home.body, starts)
    if last is None or not places or not (one_of_them or (len(places) == 1 and None not in made)):
        return None
    bound = None if one_of_them and last in starts else BoundEnvironment(name, home.module.location(last))
    return tuple(sorted(places, key=lambda place: (place.path, place.line, place.column))), bound


def _exclude_one_another(body: tuple[Event, ...], calls: list[Call]) -> bool:
    """Whether of several calls at most one runs: they stand in different arms of conditions."""
    arms = [dict(_arms(body, call)) for call in calls]
    return all(
        any(other.get(branch, arm) != arm for branch, arm in one.items())
        for one, other in itertools.combinations(arms, 2)
    )


def _arms(body: tuple[Event, ...], call: Call) -> Iterator[tuple[tuple[int, int], int]]:
    """The conditions round a call, by their places, and in which arm of each it stands."""
    for event in body:
        for arm, inner in enumerate(inner_bodies(event)):
            if any(covers(one, call) for one in inner):
                if isinstance(event, Branch):
                    yield (event.line, event.column), arm
                yield from _arms(inner, call)


def _name_of(scope: Scope, call: Call) -> BoundEnvironment | None:
    """The plain name that a call is assigned to."""
    place = place_in(scope.body, call)
    if place is None or place[1] or not isinstance(place[0], Assign):
        return None
    targets = place[0].targets
    if len(targets) == 1 and isinstance(targets[0], Name):
        return BoundEnvironment(targets[0].dotted, scope.module.location(call))
    return None


def _is_maker(way: Way, knowledge: Knowledge, scope: Scope, call: Call) -> bool:
    target = way.program.code.resolver.resolve(scope, call.target)
    name = target.name
    if name in _VECTORS:
        return True
    if target.kind is TargetKind.CLASS and target.path:
        return _is_environment_class(way.program, target.path, target.symbol, _ENVIRONMENTS)
    what = knowledge.randomness.random_call(knowledge.randomness.canonical(name)) if name else None
    return what is not None and what.role is Role.ENVIRONMENT


def _is_wrapper(way: Way, scope: Scope, call: Call) -> bool:
    target = way.program.code.resolver.resolve(scope, call.target)
    if target.name.startswith(_WRAPPERS):
        return True
    return bool(target.path) and _is_environment_class(way.program, target.path, target.symbol)


def _is_environment_class(
    program: Program, path: str, symbol: str, of: tuple[str, ...] = ("gym.", "gymnasium.")
) -> bool:
    # A source may have classes go in a circle.
    seen: set[tuple[str, str]] = set()
    pending = [(path, symbol)]
    while pending:
        here = pending.pop()
        if here in seen:
            continue
        seen.add(here)
        scope = program.code.scope(*here)
        for base in _bases(scope):
            target = program.code.resolver.resolve(scope.parent or scope, base)
            if target.name.startswith(of):
                return True
            if target.path and target.symbol:
                pending.append((target.path, target.symbol))
    return False


def _is_in_environment(way: Way, site: CallSite) -> bool:
    """Whether a call stands in a class of environments, which hands its own seed on."""
    owner = site.symbol.rpartition(".")[0]
    return bool(owner) and _is_environment_class(way.program, site.module.path, owner)


def _handed_over(way: Way, knowledge: Knowledge, makers: set[Location]) -> Iterator[CallSite]:
    """Calls from outside the project that get an environment and a seed, as trainers do."""
    for site in way.calls_that(_takes_seed_outside):
        scope = way.values.scope(site)
        for argument in (*site.call.positional, *[one.value for one in site.call.keywords]):
            found = _made_by(way, knowledge, scope, argument)
            if found is not None and makers.intersection(found[0]):
                yield site
                break


def _takes_seed_outside(site: CallSite) -> bool:
    return (
        not site.target.path
        and site.call.keyword("seed") is not None
        and _method_of(site.call)[0] not in {"reset", "seed"}
    )


def _takes_seed(way: Way, maker: str, resets: list[CallSite] | tuple[CallSite, ...]) -> bool | None:
    if maker.startswith("gymnasium."):
        return True
    for site in resets:
        place = place_in(way.values.scope(site).body, site.call)
        if place is None or place[1] or not isinstance(place[0], Assign):
            continue
        target = place[0].targets[0]
        # Since Gym 0.26 reset gives an observation and a dictionary.
        if isinstance(target, Sequence):
            return len(target.elements) == 2
        if isinstance(target, Name):
            return False
    return None
