"""What is known of random numbers: which calls draw, which seed, and what each default means.

The facts are in `resources/knowledge/randomness.toml`, each with its source and versions; these are their types. Names
are dotted and canonical (`numpy.random.rand`); `canonical` makes one of the ways a library can be spelled.
"""

from __future__ import annotations

import ast
import re
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable


class GlobalGenerator(msgspec.Struct, frozen=True):
    """A process-wide generator that is drawn from without being named.

    `seed_call` is what the snippet calls with the seed, `implied_by` the generators whose `seed_call` reaches this one too. `worker`
    says what a worker process of a torch `DataLoader` starts with: `reseeded` from the loader's base seed or `copied`. An older version
    of the package is seeded by `older_seed_call`; programs for it are told by `older_calls` (`*` at the end for whatever follows).
    """

    id: str
    title: str
    package: str
    seed_call: str
    worker: str = "copied"
    implied_by: tuple[str, ...] = ()
    older_seed_call: str = ""
    older_calls: tuple[str, ...] = ()
    source: str = ""
    versions: str = ""


class Role(StrEnum):
    """What random numbers are drawn for; says which check looks after a call."""

    DRAW = "draw"
    WEIGHTS = "weights"
    DROPOUT = "dropout"
    AUGMENTATION = "augmentation"
    SHUFFLE = "shuffle"
    SPLIT = "split"
    ESTIMATOR = "estimator"
    SAMPLER = "sampler"
    LOADER = "loader"
    GENERATOR = "generator"
    ENVIRONMENT = "environment"


class WithoutSeed(StrEnum):
    """Where the numbers come from when the call is given no seed of its own."""

    GLOBAL = "global"
    ENTROPY = "entropy"
    FIXED = "fixed"


class Condition(msgspec.Struct, frozen=True):
    """A call draws only if a parameter has one of some values; values and default are Python literals as text.

    `maybe` are values of which it depends on the data whether the call draws, `constants` names of the library's own constants with
    which it does. `others_may`: of a value that is not listed it is not known either.
    """

    parameter: str
    default: str
    position: int = -1
    among: tuple[str, ...] = ()
    except_: tuple[str, ...] = msgspec.field(default=(), name="except")
    maybe: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    others_may: bool = False

    def decide(self, value: object) -> bool | None:
        """Whether the value makes the call draw; None where that depends on the data."""
        given = repr(value)
        if given in self.maybe or (self.others_may and given not in self.among):
            return None
        return given in self.among if self.among else given not in self.except_

    @property
    def default_value(self) -> Any:
        """The parameter's default as a value."""
        return ast.literal_eval(self.default)


class RandomCall(msgspec.Struct, frozen=True):
    """Calls that draw random numbers, or make something that will (`later`).

    `names` are canonical; `*` stands for one part of a name, a leading `.` for a method of an object whose type need not be known.
    `generator` is the global generator used when no seed is given (empty: none). `seed_parameter` is the parameter that
    gives the call numbers of its own, `seed_position` its position or -1; `seed_is_generator` says that it takes a
    generator object, not a number. `seed_mapping` is a parameter for a mapping in which the seed may stand too. All of `when` must hold.
    `only_in_training`: what is drawn matters only where the program trains.
    """

    names: tuple[str, ...]
    role: Role
    generator: str = ""
    without_seed: WithoutSeed = WithoutSeed.GLOBAL
    seed_parameter: str = ""
    seed_aliases: tuple[str, ...] = ()
    seed_position: int = -1
    seed_is_generator: bool = False
    seed_mapping: str = ""
    seed_mapping_position: int = -1
    later: bool = False
    only_in_training: bool = False
    when: tuple[Condition, ...] = ()
    since: str = ""
    note: str = ""
    versions: str = ""
    source: str = ""


class MissingSeed(StrEnum):
    """What a seeding call does when it gets no value."""

    REQUIRED = "required"
    ENTROPY = "entropy"
    FIXED = "fixed"
    NOTHING = "nothing"


class SeedCall(msgspec.Struct, frozen=True):
    """Calls that seed global generators; `flags` are flags that they set too, by canonical name.

    `parameter` is where the value goes (`position` from 0); empty: the call seeds with `default` whatever it is given, or with
    something this knowledge does not see. `restores` marks calls that put a saved state back, `saved_by` names those that save it.
    """

    names: tuple[str, ...]
    seeds: tuple[str, ...]
    parameter: str = ""
    position: int = 0
    missing: MissingSeed = MissingSeed.REQUIRED
    default: int | None = None
    restores: bool = False
    saved_by: tuple[str, ...] = ()
    flags: dict[str, bool] = {}
    note: str = ""
    versions: str = ""
    source: str = ""


class ProcessStart(msgspec.Struct, frozen=True):
    """Calls that run a function in a new process; the function is given as `function`, at `position`.

    `starts` is "fresh" where the generators of the new process start anew, "depends" where that is so on some systems and they are
    copied on others. `is_pool`: which of several processes runs which call is decided by timing.
    """

    names: tuple[str, ...]
    function: str
    position: int
    starts: str
    is_pool: bool = False
    source: str = ""


class StateKeeper(msgspec.Struct, frozen=True):
    """Context managers that put the state of generators back when they are left: seeds inside them hold only there."""

    names: tuple[str, ...]
    keeps: tuple[str, ...]
    versions: str = ""
    source: str = ""


class Flag(msgspec.Struct, frozen=True):
    """A switch that decides whether results repeat; `steady` is the value under which they do.

    `idle_names` are attributes that look like it and do nothing.
    """

    name: str
    default: str
    steady: str
    package: str
    title: str = ""
    idle_names: tuple[str, ...] = ()
    versions: str = ""
    source: str = ""


class FlagCall(msgspec.Struct, frozen=True):
    """Calls that set a flag by an argument; without the argument the flag gets `default`."""

    names: tuple[str, ...]
    flag: str
    default: str
    parameter: str = ""
    position: int = -1
    versions: str = ""
    source: str = ""


class MovingSource(msgspec.Struct, frozen=True):
    """Calls whose value is another one in each run; `what` is the English noun for it ("the clock").

    `follows` is the global generator whose seed the value comes from: where that is seeded, the value is the same in each run.
    """

    names: tuple[str, ...]
    what: str
    follows: str = ""
    source: str = ""


class UnorderedCall(msgspec.Struct, frozen=True):
    """Calls that give items in an order that Python does not promise; `gives` is what comes out.

    `kind` is "files", "results" or "elements" (of a data pipeline, which feeds the run whatever is done with it); names with a leading
    `.` are methods. All of `when` must hold. `steadied_by` is the flag that brings them in order all the same.
    """

    names: tuple[str, ...]
    kind: str
    gives: str
    when: tuple[Condition, ...] = ()
    steadied_by: str = ""
    versions: str = ""
    source: str = ""


class ParallelCall(msgspec.Struct, frozen=True):
    """Calls that run a function, given as `function` at `position`, in several threads at once.

    Global generators in `shared` are drawn from in the order in which the threads come, seeded or not, until the flag `steadied_by` is
    on. All of `when` must hold.
    """

    names: tuple[str, ...]
    function: str
    position: int
    shared: tuple[str, ...]
    steadied_by: str
    when: tuple[Condition, ...] = ()
    versions: str = ""
    source: str = ""


class Returns(msgspec.Struct, frozen=True):
    """Calls whose result has a type that draws or orders by its methods."""

    names: tuple[str, ...]
    type: str


class Alias(msgspec.Struct, frozen=True):
    """Other spellings of a dotted prefix."""

    of: str
    names: tuple[str, ...]


class NameTable:
    """Entries by the names they list, exact names first, then patterns with `*` for one part."""

    def __init__(self, entries: Iterable[Any]) -> None:
        self._exact: dict[str, Any] = {}
        patterns: list[tuple[str, Any]] = []
        for entry in entries:
            for name in entry.names:
                if "*" in name:
                    patterns.append((name, entry))
                else:
                    self._exact.setdefault(name, entry)
        self._patterns = [(re.compile(re.escape(name).replace(r"\*", r"[^.]+")), entry) for name, entry in patterns]
        self._prefixes = {name.split(".", 1)[0] for name, _ in patterns}
        # Every check asks for every call of a program; the names are few.
        self._found: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        """The entry for a canonical name, or None."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> Any:
        found = self._exact.get(name)
        if found is None and name.split(".", 1)[0] in self._prefixes:
            found = next((entry for pattern, entry in self._patterns if pattern.fullmatch(name)), None)
        return found

    def names(self) -> Iterable[str]:
        """All exact names."""
        return self._exact


class Randomness(msgspec.Struct, frozen=True, dict=True, eq=False):
    """Everything known of random numbers; compared and hashed by identity, so that answers can be remembered by it."""

    generators: tuple[GlobalGenerator, ...] = ()
    seed_calls: tuple[SeedCall, ...] = ()
    random_calls: tuple[RandomCall, ...] = ()
    process_starts: tuple[ProcessStart, ...] = ()
    state_keepers: tuple[StateKeeper, ...] = ()
    flags: tuple[Flag, ...] = ()
    flag_calls: tuple[FlagCall, ...] = ()
    moving_sources: tuple[MovingSource, ...] = ()
    unordered_calls: tuple[UnorderedCall, ...] = ()
    parallel_calls: tuple[ParallelCall, ...] = ()
    order_blind: tuple[str, ...] = ()
    returns: tuple[Returns, ...] = ()
    weight_loaders: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()

    def canonical(self, name: str) -> str:
        """The name under which this knowledge lists a dotted name; itself when it has no other spelling.

        `a.b().c` is a method of what `a.b` gives: of the type that is known for it, else of the class `a.b`.
        """
        known = self._canonical_names.get(name)
        if known is None:
            maker, call, rest = name.rpartition("()")
            if call:
                maker = self.canonical(maker)
                known = self.canonical((self.type_returned(maker) or maker) + (rest or ".__call__"))
            else:
                known = self._find_canonical(name)
            self._canonical_names[name] = known
        return known

    def seed_call(self, name: str) -> SeedCall | None:
        """What a canonical name seeds when called."""
        found: SeedCall | None = self._seed_calls.get(name)
        return found

    def process_start(self, name: str) -> ProcessStart | None:
        """The new process that calling a canonical name starts."""
        found: ProcessStart | None = self._process_starts.get(name)
        return found

    def keeps_state(self, name: str) -> tuple[str, ...]:
        """The generators whose state the context manager of that canonical name puts back."""
        found: StateKeeper | None = self._state_keepers.get(name)
        return found.keeps if found is not None else ()

    def random_call(self, name: str) -> RandomCall | None:
        """What a canonical name (or `.method`) draws when called."""
        found: RandomCall | None = self._random_calls.get(name)
        return found

    def flag_call(self, name: str) -> FlagCall | None:
        """The flag that calling a canonical name sets."""
        found: FlagCall | None = self._flag_calls.get(name)
        return found

    def moving_source(self, name: str) -> MovingSource | None:
        """The moving source that a canonical name is."""
        found: MovingSource | None = self._moving_sources.get(name)
        return found

    def unordered_call(self, name: str) -> UnorderedCall | None:
        """What a canonical name (or `.method`) gives in no promised order."""
        found: UnorderedCall | None = self._unordered_calls.get(name)
        return found

    def parallel_call(self, name: str) -> ParallelCall | None:
        """What a canonical name runs in several threads at once."""
        found: ParallelCall | None = self._parallel_calls.get(name)
        return found

    def type_returned(self, name: str) -> str:
        """The canonical type that calling a name gives, empty when not known."""
        found: Returns | None = self._returns.get(name)
        return found.type if found else ""

    @cached_property
    def methods_of_types(self) -> frozenset[str]:
        """The last names of methods that draw, of types that are known as such."""
        return self._methods_among(self.random_calls)

    @cached_property
    def unordered_methods_of_types(self) -> frozenset[str]:
        """The last names of methods that give up an order or run in threads, of types that are known as such."""
        return self._methods_among((*self.unordered_calls, *self.parallel_calls))

    def _methods_among(self, calls: Iterable[RandomCall | UnorderedCall | ParallelCall]) -> frozenset[str]:
        types = {one.type for one in self.returns}
        split = (name.rpartition(".") for call in calls for name in call.names)
        return frozenset(last for of, _, last in split if of in types)

    def generator(self, generator_id: str) -> GlobalGenerator:
        """The generator of that id; raises KeyError for an unknown one."""
        return self._generators[generator_id]

    def flag(self, name: str) -> Flag | None:
        """The flag of that canonical name."""
        return self._flags.get(name)

    def idle_flag(self, name: str) -> Flag | None:
        """The flag that an attribute without effect was probably meant to be."""
        return self._idle_flags.get(name)

    @cached_property
    def _seed_calls(self) -> NameTable:
        return NameTable(self.seed_calls)

    @cached_property
    def _process_starts(self) -> NameTable:
        return NameTable(self.process_starts)

    @cached_property
    def _state_keepers(self) -> NameTable:
        return NameTable(self.state_keepers)

    @cached_property
    def _random_calls(self) -> NameTable:
        return NameTable(self.random_calls)

    @cached_property
    def _flag_calls(self) -> NameTable:
        return NameTable(self.flag_calls)

    @cached_property
    def _moving_sources(self) -> NameTable:
        return NameTable(self.moving_sources)

    @cached_property
    def _unordered_calls(self) -> NameTable:
        return NameTable(self.unordered_calls)

    @cached_property
    def _parallel_calls(self) -> NameTable:
        return NameTable(self.parallel_calls)

    @cached_property
    def _returns(self) -> NameTable:
        return NameTable(self.returns)

    @cached_property
    def _generators(self) -> dict[str, GlobalGenerator]:
        return {generator.id: generator for generator in self.generators}

    @cached_property
    def _flags(self) -> dict[str, Flag]:
        return {flag.name: flag for flag in self.flags}

    @cached_property
    def _idle_flags(self) -> dict[str, Flag]:
        return {name: flag for flag in self.flags for name in flag.idle_names}

    @cached_property
    def _canonical_names(self) -> dict[str, str]:
        return {}

    @cached_property
    def _alias_prefixes(self) -> dict[str, str]:
        return {name: alias.of for alias in self.aliases for name in alias.names}

    def _find_canonical(self, name: str) -> str:
        prefixes = self._alias_prefixes
        # An alias may lead to another one (tensorflow.compat.v2.keras -> tensorflow.keras -> keras), never in a circle.
        for _ in range(4):
            end = len(name)
            while end > 0:
                target = prefixes.get(name[:end])
                if target is not None:
                    name = target + name[end:]
                    break
                end = name.rfind(".", 0, end)
            else:
                return name
        return name
