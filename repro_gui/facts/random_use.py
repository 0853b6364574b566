"""What an entry point draws, seeds and switches: the knowledge of random numbers over the way that the program runs."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import msgspec

from repro_gui.facts.call_arguments import argument_of, draws_when, is_literally_none, own_seed, seed_parameters
from repro_gui.facts.default_values import Computed, Known, Settled, Unsettled
from repro_gui.facts.events import Call, Constant, Value
from repro_gui.facts.known_effects import Effect
from repro_gui.facts.known_randomness import (
    FlagCall,
    MissingSeed,
    MovingSource,
    RandomCall,
    Role,
    SeedCall,
    WithoutSeed,
)
from repro_gui.facts.literal_mappings import Given
from repro_gui.facts.owner_types import typed_method
from repro_gui.facts.scopes import TargetKind
from repro_gui.facts.seed_regions import Region, SeedRegions
from repro_gui.facts.steps import AssignSite, CallSite
from repro_gui.facts.walk import evaluated
from repro_gui.facts.ways import Happens, Way, way_of

if TYPE_CHECKING:
    from repro_gui.facts.entry_points import EntryPoint
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.facts.scopes import Target
    from repro_gui.facts.steps import Step, Unit
    from repro_gui.location import Location


class Source(StrEnum):
    """Where the numbers of a draw come from."""

    GLOBAL = "global"
    OWN_SEED = "own-seed"
    ENTROPY = "entropy"
    FIXED = "fixed"


class Draw(msgspec.Struct, frozen=True):
    """A call that draws, or makes something that will.

    `is_certain` is false where it depends on arguments or data that are not known here. `seed` is the value given for the
    call's own seed (None: none is given), `given` also says through what it came. `happens` is whether it happens by default.
    """

    site: CallSite
    name: str
    what: RandomCall
    source: Source
    is_certain: bool
    happens: Happens
    seed: Value | None = None
    given: Given = Given()

    @property
    def generator(self) -> str:
        """The global generator that is drawn from; empty where the call has numbers of its own."""
        return self.what.generator if self.source is Source.GLOBAL else ""


class SeedKind(StrEnum):
    """What the value of a seeding call is."""

    CONSTANT = "constant"
    DEFAULT = "default"
    VARIABLE = "variable"
    NOTHING = "nothing"
    MOVING = "moving"
    RESTORED = "restored"


class Seeding(msgspec.Struct, frozen=True):
    """A call that seeds global generators; `value` is what is known of its value, `moving` names a moving source.

    `follows` is the generator whose seed the value comes from, `in_workers` whether the call stands in a function with which loaders
    start their workers. `only_inside`: the `with` blocks outside of which the state from before is put back; none where the seed stays.
    """

    site: CallSite
    name: str
    what: SeedCall
    kind: SeedKind
    value: Settled
    happens: Happens
    moving: str = ""
    follows: str = ""
    in_workers: bool = False
    only_inside: tuple[Region, ...] = ()

    @property
    def generators(self) -> tuple[str, ...]:
        """The ids of the generators that it seeds."""
        return self.what.seeds


class FlagSetting(msgspec.Struct, frozen=True):
    """An assignment or call that sets a flag; `value` as its Python literal, empty when not known.

    `is_idle`: it sets an attribute that does nothing.
    """

    site: AssignSite | CallSite
    flag: str
    value: str
    happens: Happens
    is_idle: bool = False


_OTHER_FRAMEWORKS = frozenset({"jax", "flax", "haiku", "equinox", "tensorflow", "keras", "paddle", "mxnet"})
# Calls by which TensorFlow computes results; summaries, protocol buffers and settings do not.
_OF_TENSORFLOW = (
    "tensorflow.keras.", "keras.", "autokeras.", "tensorflow.nn.", "tensorflow.GradientTape", "tensorflow.function", "tensorflow.Variable",
    "tensorflow.layers.", "tensorflow.estimator.", "tensorflow.Session", "tensorflow.math.",
    "tensorflow.matmul", "tensorflow.saved_model.", "tensorflow.contrib.",
    "tensorflow_hub.",
)  # fmt: skip


class RandomUse(msgspec.Struct, frozen=True):
    """Draws, seedings and flags on the way of one entry point, in the order of its modules.

    `gpu_site` is the first call that names a CUDA device, or that hands the choice of the device to a framework.
    `uses_packages` are the top-level names of what the modules on the way import.
    """

    entry: EntryPoint
    way: Way
    draws: tuple[Draw, ...]
    seedings: tuple[Seeding, ...]
    flags: tuple[FlagSetting, ...]
    trains: bool
    loads_weights: bool
    gpu_site: CallSite | None
    uses_packages: frozenset[str]

    @property
    def uses_gpu(self) -> bool:
        """Whether the program runs on a GPU where there is one."""
        return self.gpu_site is not None

    @property
    def computes_with_torch(self) -> bool:
        """Whether PyTorch does the work: programs of JAX or TensorFlow import it for TensorBoard or a buffer of tensors."""
        if "torch" not in self.uses_packages or not self.uses_packages & _OTHER_FRAMEWORKS:
            return "torch" in self.uses_packages
        own = self.way.program.modules[self.entry.path]
        if any(
            one.top_level == "torch" and not one.what.module.startswith("torch.utils.tensorboard")
            for one in own.imports
        ):
            return any(self.way.calls_that(_is_of_torch_nn))
        # What only a function of another program uses, or one that nobody calls, is not the work of this one.
        return any(self.way.happens(site) is Happens.YES for site in self.way.calls_that(_is_of_torch_nn))

    @property
    def computes_with_tensorflow(self) -> bool:
        """Whether TensorFlow does the work: programs of PyTorch import it to write summaries."""
        if not self.uses_packages & {"tensorflow", "keras", "autokeras"}:
            return False
        sites = list(self.way.calls_that(_is_of_tensorflow))
        if not self.uses_packages & {"torch", "jax"}:
            return bool(sites)
        # A package that offers everything for both frameworks imports both; its programs call one.
        return any(self.way.happens(site) is Happens.YES for site in sites)

    def counts(self, draw: Draw) -> bool:
        """Whether a draw can reach a result: weights that are loaded over and dropout do not without training."""
        if draw.happens is Happens.NO:
            return False
        if draw.what.only_in_training and not self.trains:
            return False
        if draw.what.role in {Role.WEIGHTS, Role.DROPOUT}:
            return self.trains or not self.loads_weights
        return True

    def draws_from(self, generator: str) -> list[Draw]:
        """The draws from a global generator that count, certain ones first."""
        found = [draw for draw in self.draws if draw.generator == generator and self.counts(draw)]
        return sorted(
            found, key=lambda draw: (not (draw.is_certain and self.is_seen(draw)), not draw.is_certain, -draw.happens)
        )

    def is_seen(self, draw: Draw) -> bool:
        """Whether the way from the entry point to a draw is seen, though something outside may make the last call."""
        site = draw.site
        return draw.happens is Happens.YES or self.entry.start in self.way.roots(site.module.path, site.symbol)

    def seedings_of(self, generator: str) -> list[Seeding]:
        """The seedings of a global generator, those that happen for certain first."""
        found = [seeding for seeding in self.seedings if generator in seeding.generators]
        return sorted(found, key=lambda seeding: -seeding.happens)


def random_uses(program: Program, knowledge: Knowledge) -> tuple[RandomUse, ...]:
    """The use of random numbers by each result entry point."""
    return tuple(random_use(program, entry, knowledge) for entry in program.result_entry_points)


def random_use(program: Program, entry: EntryPoint, knowledge: Knowledge) -> RandomUse:
    """The use of random numbers by one entry point; remembered, since several checks and answers ask for it.

    With the program and as long as it, however many entry points there are: what forgets the first before the last is
    asked for begins anew with every check.
    """
    key = ("random use", entry.start, id(knowledge.randomness))
    if key not in program.remembered:
        program.remembered[key] = (knowledge.randomness, _Reader(program, entry, knowledge).read())
    _, found = program.remembered[key]
    assert isinstance(found, RandomUse)
    return found


def draws_at(program: Program, knowledge: Knowledge, location: Location | None) -> Sequence[tuple[RandomUse, Draw]]:
    """The draws at a place, those of the first entry point first; indexed once, since fixes ask for each finding anew."""
    key = ("draws by place", id(knowledge.randomness))
    if key not in program.remembered:
        found: dict[Location, list[tuple[RandomUse, Draw]]] = {}
        for use in random_uses(program, knowledge):
            for draw in use.draws:
                found.setdefault(draw.site.location, []).append((use, draw))
        program.remembered[key] = (knowledge.randomness, found)
    by_place = cast("dict[Location | None, list[tuple[RandomUse, Draw]]]", program.remembered[key][1])
    return by_place.get(location, [])


# Frameworks that take a GPU when there is one.
_DEVICE_CHOOSERS = frozenset(
    {
        "lightning.Trainer",
        "lightning.Fabric",
        "accelerate.Accelerator",
        "transformers.Trainer",
        "transformers.Seq2SeqTrainer",
        "ultralytics.YOLO",
    }
)


def _is_of_torch_nn(site: CallSite) -> bool:
    return site.name.startswith("torch.nn.")


def _is_of_tensorflow(site: CallSite) -> bool:
    name = site.name
    if name.startswith("tensorflow.compat."):
        # `tensorflow.compat.v1` and `.v2` have the same below them.
        name = f"tensorflow.{name[len('tensorflow.compat.v1.') :]}"
    return name.startswith(_OF_TENSORFLOW)


def _argument_values(call: Call) -> Iterable[Value]:
    for argument in (*call.positional, *[keyword.value for keyword in call.keywords]):
        yield from evaluated(argument)


class _Telling(msgspec.Struct, frozen=True):
    """What the knowledge says of one step, whoever reaches it; `draws_from_argument` asks for what a caller hands in."""

    step: Step
    canonical: str = ""
    seeding: SeedCall | None = None
    draw: tuple[str, RandomCall] | None = None
    draws_from_argument: bool = False
    flag: tuple[str, bool] | None = None
    flag_call: FlagCall | None = None
    trains: bool = False
    loads: bool = False


def _tellings(unit: Unit, knowledge: Knowledge) -> Iterator[_Telling]:
    """The steps of a unit of which the knowledge says something, in order."""
    randomness = knowledge.randomness
    for step in unit.steps:
        canonical = randomness.canonical(step.name) if step.name else ""
        if isinstance(step, AssignSite):
            flag = _flag_of(step, canonical, knowledge)
            if flag is not None:
                yield _Telling(step, canonical, flag=flag)
            continue
        draw = known_random_call(knowledge, step.target)
        told = _Telling(
            step,
            canonical,
            randomness.seed_call(canonical) if canonical else None,
            draw,
            draw is None and _may_draw_from_argument(step, knowledge),
            None,
            randomness.flag_call(canonical) if canonical else None,
            knowledge.effects.effect_of(step.name, step.target.method) is Effect.TRAINS,
            f".{step.target.method}" in randomness.weight_loaders,
        )
        if told.seeding or told.draw or told.draws_from_argument or told.flag_call or told.trains or told.loads:
            yield told


def _flag_of(site: AssignSite, canonical: str, knowledge: Knowledge) -> tuple[str, bool] | None:
    """The flag that an assignment sets, and whether that does nothing."""
    if not canonical or site.value is None:
        return None
    flag = knowledge.randomness.flag(canonical)
    if flag is not None:
        return flag.name, False
    idle = knowledge.randomness.idle_flag(canonical)
    return (idle.name, True) if idle is not None else None


def _may_draw_from_argument(site: CallSite, knowledge: Knowledge) -> bool:
    return site.target.kind is TargetKind.UNKNOWN and site.target.method in knowledge.randomness.methods_of_types


def _names_gpu(site: CallSite, knowledge: Knowledge) -> bool:
    return (
        site.target.method == "cuda"
        or site.name.startswith(("torch.cuda.", "torch.accelerator.", "tensorflow.config.experimental.", "jax.devices"))
        or knowledge.randomness.canonical(site.name) in _DEVICE_CHOOSERS
        or (site.name.startswith("trl.") and site.name.endswith("Trainer"))
        or any(
            isinstance(value, Constant) and isinstance(value.value, str) and value.value.startswith("cuda")
            for value in _argument_values(site.call)
        )
    )


def _starts_with_function(site: CallSite) -> bool:
    return site.call.keyword("worker_init_fn") is not None


class _Reader:
    def __init__(self, program: Program, entry: EntryPoint, knowledge: Knowledge) -> None:
        self._program = program
        self._knowledge = knowledge
        self._randomness = knowledge.randomness
        self._way = way_of(program, entry)

    def read(self) -> RandomUse:
        draws: list[Draw] = []
        seedings: list[Seeding] = []
        flags: list[FlagSetting] = []
        trains = loads = False
        for told in self._way.told(_tellings, self._knowledge):
            step, seeding = told.step, told.seeding
            if isinstance(step, AssignSite):
                flags.extend(self._assigned_flag(step, told.flag))
                continue
            trains = trains or told.trains
            loads = loads or told.loads
            if seeding is not None and (found_seeding := self._seeding(step, told.canonical, seeding)) is not None:
                seedings.append(found_seeding)
            draw = self._drawn_from_argument(step) if told.draws_from_argument else told.draw
            if draw is not None and (found := self._draw(step, *draw)) is not None:
                draws.append(found)
            if told.flag_call is not None:
                flags.append(self._called_flag(step, told.flag_call))
            if seeding is not None:
                flags.extend(
                    FlagSetting(step, flag, repr(value), self._way.happens(step))
                    for flag, value in seeding.flags.items()
                )
        return RandomUse(
            self._way.entry,
            self._way,
            tuple(draws),
            tuple(self._within_regions(self._without_circles(seedings))),
            tuple(flags),
            trains,
            loads,
            self._gpu_site(trains=trains),
            self._packages(),
        )

    def _gpu_site(self, *, trains: bool) -> CallSite | None:
        """The call that says so most clearly: in the entry point's own file, in a function that runs, in one that may run.

        What an imported module only names at its top level (`DEVICE = torch.device("cuda")`, a default) is taken for the
        device of a program that trains; of one that rewrites a checkpoint it says nothing.
        """
        own: list[CallSite] = []
        running: list[CallSite] = []
        named: list[CallSite] = []
        maybe: list[CallSite] = []
        for site in self._way.calls_that(_names_gpu, self._knowledge):
            path, happens = site.module.path, self._way.happens(site)
            if happens is Happens.YES and path == self._way.entry.path:
                own.append(site)
                break
            if happens is Happens.YES and self._way.running(path, site.symbol):
                running.append(site)
            elif happens is Happens.YES and trains:
                named.append(site)
            elif happens is Happens.UNKNOWN and (
                not self._way.running(path, site.symbol) or self._way.chain(path, site.symbol)
            ):
                # What only something unseen calls, in code that many programs import, is not this program's.
                maybe.append(site)
        return next(iter((*own, *running, *maybe, *named)), None)

    def _packages(self) -> frozenset[str]:
        paths = self._program.reached_from(self._way.entry.path)
        modules = (self._program.modules[path] for path in paths)
        return frozenset(one.top_level for module in modules for one in module.imports if not one.is_for_typing)

    # -------------------------------------------------------------------------------------------------------- draws

    def _drawn_from_argument(self, site: CallSite) -> tuple[str, RandomCall] | None:
        """What is known of a method of something whose type only the way shows: handed in, or bound anew from itself."""
        name = typed_method(self._way, self._randomness, site)
        found = self._randomness.random_call(name) if name else None
        return (name, found) if found is not None else None

    def _draw(self, site: CallSite, name: str, what: RandomCall) -> Draw | None:
        certain = draws_when(self._way, site, what)
        if certain is False:
            return None
        given = own_seed(self._way, site, what)
        source = {
            WithoutSeed.GLOBAL: Source.GLOBAL,
            WithoutSeed.ENTROPY: Source.ENTROPY,
            WithoutSeed.FIXED: Source.FIXED,
        }[what.without_seed]
        if given.value is not None and given.scope is not None:
            settled = self._way.values.value(given.scope, given.value)
            if not (isinstance(settled, Known) and settled.value is None):
                source = Source.OWN_SEED
        elif what.seed_parameter and not given.is_known:
            certain = None
        if site.choice == "open":
            certain = None
        seed = None if is_literally_none(given) else given.value
        return Draw(site, name, what, source, certain is True, self._way.happens(site), seed, given)

    # -------------------------------------------------------------------------------------------------------- seeds

    def _seeding(self, site: CallSite, name: str, what: SeedCall) -> Seeding | None:
        if self._way.is_overridden(site):
            return None
        happens = self._way.happens(site)
        given = argument_of(self._way, site, what.parameter, what.position) if what.parameter else Given()
        if what.restores:
            if self._puts_back(given, what):
                return None
            return Seeding(site, name, what, SeedKind.RESTORED, Unsettled(), happens)
        if not given.is_known:
            return Seeding(site, name, what, SeedKind.VARIABLE, Unsettled(), happens)
        if given.value is None or given.scope is None:
            if what.missing is MissingSeed.FIXED:
                return Seeding(site, name, what, SeedKind.DEFAULT, Known(what.default, is_default=True), happens)
            return Seeding(site, name, what, SeedKind.NOTHING, Known(None), happens)
        settled = self._way.values.value(given.scope, given.value)
        kind, moving, follows = SeedKind.VARIABLE, "", ""
        match settled:
            case Known(value=None):
                kind = SeedKind.DEFAULT if what.missing is MissingSeed.FIXED else SeedKind.NOTHING
            case Known():
                kind = SeedKind.DEFAULT if settled.is_default else SeedKind.CONSTANT
            case Computed():
                source = moving_source(self._way, self._knowledge, settled)
                if source is not None:
                    kind, moving, follows = SeedKind.MOVING, source.what, source.follows
            case _:
                pass
        return Seeding(site, name, what, kind, settled, happens, moving, follows, self._starts_workers(site))

    def _puts_back(self, given: Given, what: SeedCall) -> bool:
        """Whether a state is put back that was taken a moment before: that seeds nothing."""
        if given.value is None or given.scope is None:
            return False
        settled = self._way.values.value(given.scope, given.value)
        return isinstance(settled, Computed) and self._randomness.canonical(settled.name) in what.saved_by

    def _without_circles(self, seedings: list[Seeding]) -> Iterable[Seeding]:
        """A seed drawn from a generator that nothing else seeds is another one in each run; one that follows a seed is not."""
        kinds = {SeedKind.CONSTANT, SeedKind.DEFAULT, SeedKind.RESTORED}
        seeded = {
            one
            for seeding in seedings
            # A value that is not known may well be a steady one; one that is drawn is what is asked about.
            if seeding.kind in kinds or (seeding.kind is SeedKind.VARIABLE and self._drawn_from(seeding.value) is None)
            for one in seeding.generators
        }
        for seeding in seedings:
            if seeding.follows and (seeding.follows in seeded or seeding.in_workers):
                yield msgspec.structs.replace(seeding, kind=SeedKind.VARIABLE, moving="")
                continue
            drawn = self._drawn_from(seeding.value) if seeding.kind is SeedKind.VARIABLE else None
            if drawn is not None and drawn not in seeded:
                yield msgspec.structs.replace(seeding, kind=SeedKind.MOVING, moving="a number drawn without a seed")
            else:
                yield seeding

    def _starts_workers(self, site: CallSite) -> bool:
        """Whether a call stands in a function with which a loader starts its workers: there, PyTorch has the loader's seed."""
        return (site.module.path, site.symbol) in self._starters

    @functools.cached_property
    def _starters(self) -> frozenset[tuple[str, str]]:
        given = [(call, call.call.keyword("worker_init_fn")) for call in self._way.calls_that(_starts_with_function)]
        targets = [
            self._program.code.resolver.resolve(self._way.values.scope(call), one.value)
            for call, one in given
            if one is not None
        ]
        return frozenset((target.path, target.symbol) for target in targets)

    def _drawn_from(self, value: Settled) -> str | None:
        """The global generator from which a computed value is drawn; empty for fresh entropy, None when it is not drawn."""
        if not isinstance(value, Computed):
            return None
        known = self._randomness.random_call(self._randomness.canonical(value.name)) if value.name else None
        if known is None or known.without_seed is WithoutSeed.FIXED:
            return None
        if any(value.call.argument(*one) is not None for one in seed_parameters(known)):
            return None
        return known.generator

    def _within_regions(self, seedings: Iterable[Seeding]) -> Iterable[Seeding]:
        regions = SeedRegions(self._program, self._knowledge, self._way)
        for seeding in seedings:
            inside = regions.of(seeding.site, seeding.generators)
            yield msgspec.structs.replace(seeding, only_inside=inside) if inside else seeding

    # -------------------------------------------------------------------------------------------------------- flags

    def _assigned_flag(self, site: AssignSite, flag: tuple[str, bool] | None) -> Iterable[FlagSetting]:
        if flag is None or site.value is None:
            return
        scope = self._program.code.scope(site.module.path, site.symbol)
        settled = self._way.values.value(scope, site.value)
        value = repr(settled.value) if isinstance(settled, Known) else ""
        yield FlagSetting(site, flag[0], value, self._way.happens(site), is_idle=flag[1])

    def _called_flag(self, site: CallSite, what: FlagCall) -> FlagSetting:
        given = argument_of(self._way, site, what.parameter, what.position) if what.parameter else Given()
        value = what.default
        if given.value is not None and given.scope is not None:
            settled = self._way.values.value(given.scope, given.value)
            value = repr(settled.value) if isinstance(settled, Known) else ""
        elif not given.is_known:
            value = ""
        return FlagSetting(site, what.flag, value, self._way.happens(site))


def known_random_call(knowledge: Knowledge, target: Target) -> tuple[str, RandomCall] | None:
    """The canonical name and what is known of it, for a call target that draws."""
    randomness = knowledge.randomness
    if target.name:
        canonical = randomness.canonical(target.name)
        if target.path:
            return None
        found = randomness.random_call(canonical)
        if found is not None:
            return canonical, found
    if target.method and target.kind in {TargetKind.UNKNOWN, TargetKind.OUTSIDE}:
        found = randomness.random_call(f".{target.method}")
        if found is not None:
            return f".{target.method}", found
    return None


def moving_source(way: Way, knowledge: Knowledge, computed: Computed, steps: int = 0) -> MovingSource | None:
    """What makes a computed value another one in each run; None when nothing known does."""
    randomness = knowledge.randomness
    resolver = way.program.code.resolver
    # Methods too: `datetime.now().microsecond`, `time.time().hex()`.
    target = resolver.resolve(computed.scope, computed.call.target)
    names = [target.name]
    while "()" in names[-1]:
        names.append(names[-1].rpartition("()")[0])
    for name in names:
        found = randomness.moving_source(randomness.canonical(name)) if name else None
        if found is not None:
            return found
    if steps > 4:
        return None
    for argument in (*computed.call.positional, *[keyword.value for keyword in computed.call.keywords]):
        settled = way.values.value(computed.scope, argument)
        if isinstance(settled, Computed):
            found = moving_source(way, knowledge, settled, steps + 1)
            if found is not None:
                return found
    return None
