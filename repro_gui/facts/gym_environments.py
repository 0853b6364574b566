"""The Gym environments that a program makes, where they are reset, and where they get a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.default_values import Known
from repro_gui.facts.events import (
    Assign,
    Attribute,
    Call,
    Class,
    Constant,
    Function,
    Name,
    Sequence,
    Subscript,
    Value,
)
from repro_gui.facts.known_randomness import Role
from repro_gui.facts.scopes import BindingKind, Scope, TargetKind
from repro_gui.facts.steps import CallSite
from repro_gui.facts.value_paths import place_in
from repro_gui.facts.ways import Happens, Way
from repro_gui.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    makers = {site.location for site in (*vectors, *[site for site, _ in made])}
    resets: dict[Location, list[CallSite]] = {}
    seedings: dict[Location, list[tuple[CallSite, Value | None]]] = {}
    bound: dict[Location, BoundEnvironment] = {}
    unplaced: list[CallSite] = []
    samples = _unseeded_samples(way, knowledge, makers)
    for site in way.calls_that(_calls_method, "reset", "seed"):
        method, receiver = _method_of(site.call)
        if receiver is None or _is_space(receiver):
            continue
        given = _seed_given(way, site, method)
        if (method == "seed" and given is _NOTHING) or way.happens(site) is Happens.NO:
            continue
        found = _made_by(way, knowledge, way.values.scope(site), receiver)
        if found is not None and found[0] in makers:
            place, name = found
            if name is not None:
                bound.setdefault(place, name)
            if method == "reset":
                resets.setdefault(place, []).append(site)
            if given is not _NOTHING:
                seedings.setdefault(place, []).append((site, given))
        elif given is not _NOTHING and not site.name and not _is_in_environment(way, site):
            unplaced.append(site)
    unplaced += list(_handed_over(way, knowledge, makers))
    found_sites = [(site, site.name) for site in vectors]
    found_sites += [
        (site, name)
        for site, name in made
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


def _unseeded_samples(way: Way, knowledge: Knowledge, makers: set[Location]) -> dict[Location, list[CallSite]]:
    """The draws from the spaces of each environment; none where any space is seeded, since a vector shares those of its environments."""
    samples: dict[Location, list[CallSite]] = {}
    for site in way.calls_that(_calls_method, "sample", "seed"):
        method, receiver = _method_of(site.call)
        if receiver is None or not _is_space(receiver):
            continue
        if way.happens(site) is Happens.NO:
            continue
        if method == "seed":
            return {}
        of = _owner_of(receiver)
        found = None if of is None else _made_by(way, knowledge, way.values.scope(site), of)
        if found is not None and found[0] in makers:
            samples.setdefault(found[0], []).append(site)
    return samples


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


def _made_by(
    way: Way, knowledge: Knowledge, scope: Scope, value: Value, steps: int = 0
) -> tuple[Location, BoundEnvironment | None] | None:
    """The call that makes the environment a value is, and the name it is bound to; None where that is not seen."""
    if steps > _MOST_STEPS:
        return None
    scope, value = way.values.origin(scope, value) if not _is_bound_again(scope, value) else (scope, value)
    if isinstance(value, Name) and "." not in value.dotted:
        return _made_by_bindings(way, knowledge, scope, value.dotted, steps)
    if not isinstance(value, Call):
        return None
    if _is_maker(way, knowledge, scope, value):
        return scope.module.location(value), _name_of(scope, value)
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


def _made_by_bindings(
    way: Way, knowledge: Knowledge, scope: Scope, name: str, steps: int
) -> tuple[Location, BoundEnvironment | None] | None:
    """`env = gym.make(…)` and then `env = Wrapper(env)`, any number of times."""
    home = scope.home_of(name)
    if home is None:
        return None
    made: set[Location] = set()
    last: Value | None = None
    for binding in home.bindings[name]:
        call = binding.value
        if binding.kind is not BindingKind.ASSIGNED or not isinstance(call, Call):
            return None
        last = call
        first = call.positional[0] if call.positional else None
        if isinstance(first, Name) and first.dotted == name:
            continue
        found = _made_by(way, knowledge, home, call, steps + 1)
        if found is None:
            return None
        made.add(found[0])
    if len(made) != 1 or last is None:
        return None
    return made.pop(), BoundEnvironment(name, home.module.location(last))


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
            if found is not None and found[0] in makers:
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
