"""Which libraries a program draws from are seeded, and the familiar seed snippet line by line."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.child_processes import Child, ChildDraws, unseeded_in_children
from repro_gui.facts.draw_order import comes_before, trail
from repro_gui.facts.loader_workers import share_of_workers
from repro_gui.facts.random_use import Draw, FlagSetting, RandomUse, Seeding, SeedKind, random_uses
from repro_gui.facts.seed_regions import region_of
from repro_gui.facts.sure_seeding import is_seeded_before_each
from repro_gui.facts.ways import Happens
from repro_gui.location import Location
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro_gui.facts.entry_points import EntryPoint
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.known_randomness import GlobalGenerator
    from repro_gui.facts.program import Program


class SeedState(StrEnum):
    """What is known of one global generator on the way of one entry point."""

    NOT_DRAWN = "not-drawn"
    SEEDED = "seeded"
    OFF_BY_DEFAULT = "off-by-default"
    MOVING = "moving"
    UNSEEDED = "unseeded"
    UNKNOWN = "unknown"


class LibrarySeeding(msgspec.Struct, frozen=True):
    """The state of one generator for one entry point, with the draws and seedings it rests on (the telling one first).

    `reason` says why the state is unknown. `is_implied`: the seeding of another library reaches this one. `starts`: the draws happen in
    the new processes that these start, whatever is seeded elsewhere. `children`: what it is in each function that runs in processes of
    its own without a seed; where the program itself lacks nothing the first of them speaks for the whole.
    """

    entry: EntryPoint
    generator: GlobalGenerator
    state: SeedState
    draws: tuple[Draw, ...] = ()
    seedings: tuple[Seeding, ...] = ()
    reason: Text | None = None
    is_implied: bool = False
    starts: tuple[Child, ...] = ()
    children: tuple[LibrarySeeding, ...] = ()

    @property
    def child(self) -> Child | None:
        """The start of the new process in which the draws happen."""
        return self.starts[0] if self.starts else None

    @property
    def by_process(self) -> tuple[LibrarySeeding, ...]:
        """What is known of the program's own process, where that counts, and of each that it starts."""
        return self.children if self.starts else (self, *self.children)


def seeding_state(program: Program, knowledge: Knowledge) -> tuple[LibrarySeeding, ...]:
    """Every global generator that the result entry points draw from (or might), by entry point."""
    found = []
    for use in random_uses(program, knowledge):
        for generator in knowledge.randomness.generators:
            one = library_seeding(program, knowledge, use, generator)
            if one.state is not SeedState.NOT_DRAWN:
                found.append(one)
    return tuple(found)


def library_seeding(
    program: Program, knowledge: Knowledge, use: RandomUse, generator: GlobalGenerator
) -> LibrarySeeding:
    """What one entry point does with one global generator; remembered, since several checks and answers ask for it."""
    key = ("seeding", use.entry.start, generator.id, id(knowledge.randomness))
    if key not in program.remembered:
        program.remembered[key] = _judge(program, knowledge, use, generator)
    found: LibrarySeeding = program.remembered[key]
    return found


def _judge(program: Program, knowledge: Knowledge, use: RandomUse, generator: GlobalGenerator) -> LibrarySeeding:
    draws = tuple(use.draws_from(generator.id))
    if draws and generator.worker == "reseeded":
        draws = _not_in_seeded_workers(knowledge, use, generator.id, draws)
        if not draws:
            return _seeded_in_workers(knowledge, use, generator)
    if not draws:
        return LibrarySeeding(use.entry, generator, SeedState.NOT_DRAWN)
    kinds = {SeedKind.MOVING, SeedKind.NOTHING}
    steady = [seeding for seeding in use.seedings_of(generator.id) if seeding.kind not in kinds]
    own, in_children = unseeded_in_children(use, knowledge, draws, steady)
    found = (
        _own_seeding(program, knowledge, use, generator, tuple(own))
        if own
        else LibrarySeeding(use.entry, generator, SeedState.SEEDED, draws, tuple(steady))
    )
    children = tuple(_in_child(found, one) for one in in_children)
    if not children or found.state is not SeedState.SEEDED:
        return msgspec.structs.replace(found, children=children)
    return msgspec.structs.replace(children[0], children=children)


def _in_child(found: LibrarySeeding, one: ChildDraws) -> LibrarySeeding:
    """What a generator that nothing seeds in a new process is there."""
    if one.is_certain:
        return msgspec.structs.replace(
            found, state=SeedState.UNSEEDED, draws=one.draws, reason=None, is_implied=False, starts=one.starts
        )
    reason = text(
        "{call} draws from {library} in a process that {start} starts; whether that has a seed depends on the system and on Python.",
        call=one.draws[0].name,
        library=found.generator.title,
        start=one.child.site.call.written or one.child.site.name,
    )
    return msgspec.structs.replace(
        found, state=SeedState.UNKNOWN, draws=one.draws, reason=reason, is_implied=False, starts=one.starts
    )


def _not_in_seeded_workers(
    knowledge: Knowledge, use: RandomUse, generator: str, draws: tuple[Draw, ...]
) -> tuple[Draw, ...]:
    """The draws without those in workers of loaders that hand a seed on to them."""
    share = share_of_workers(use, knowledge, draws)
    unsteady = {SeedKind.MOVING, SeedKind.NOTHING}
    if any(seeding.in_workers and seeding.kind in unsteady for seeding in use.seedings_of(generator)):
        return draws
    if all(loader.has_generator for loader in share.loaders) or _seeded(use, "torch")[0] is SeedState.SEEDED:
        return share.outside
    return draws


def _seeded_in_workers(knowledge: Knowledge, use: RandomUse, generator: GlobalGenerator) -> LibrarySeeding:
    """Seeded by PyTorch's seed; not drawn from where the loaders have generators of their own, which are judged there."""
    draws = tuple(use.draws_from(generator.id))
    state, seedings = _seeded(use, "torch")
    if state is SeedState.SEEDED and not all(
        loader.has_generator for loader in share_of_workers(use, knowledge, draws).loaders
    ):
        return LibrarySeeding(use.entry, generator, SeedState.SEEDED, draws, seedings, is_implied=True)
    return LibrarySeeding(use.entry, generator, SeedState.NOT_DRAWN)


def _own_seeding(
    program: Program, knowledge: Knowledge, use: RandomUse, generator: GlobalGenerator, draws: tuple[Draw, ...]
) -> LibrarySeeding:
    """What an entry point does with a generator in its own process."""
    state, seedings = _seeded(use, generator.id, draws)
    if state is not SeedState.SEEDED:
        # What is drawn where a seed holds for a while is in order.
        draws = tuple(_outside_regions(use, generator.id, draws)) or draws
    is_implied = False
    if state is SeedState.UNSEEDED and generator.implied_by:
        others = [_seeded(use, other) for other in generator.implied_by]
        implied = [seeding for _, seedings in others for seeding in seedings]
        states = {other for other, _ in others}
        if states == {SeedState.SEEDED}:
            return LibrarySeeding(use.entry, generator, SeedState.SEEDED, draws, tuple(implied), is_implied=True)
        if states & {SeedState.SEEDED, SeedState.UNKNOWN}:
            reason = text(
                "Whether seeding {other} also seeds {library} depends on the version of {library}.",
                other=" and ".join(
                    knowledge.randomness.generator(other).title
                    for other, (one, _) in zip(generator.implied_by, others, strict=True)
                    if one is SeedState.SEEDED
                ),
                library=generator.title,
            )
            return LibrarySeeding(
                use.entry, generator, SeedState.UNKNOWN, draws, tuple(implied), reason, is_implied=True
            )
    if state is SeedState.UNKNOWN:
        call, entry = seedings[0].name, use.entry.path
        reason = text("Whether {entry} runs {call} is not known: the way to it is not seen.", entry=entry, call=call)
        if seedings[0].happens is Happens.YES:
            reason = text(
                "Whether {entry} runs {call} is not known: something before it may return first.",
                entry=entry,
                call=call,
            )
        return LibrarySeeding(use.entry, generator, state, draws, seedings, reason, is_implied)
    if state is SeedState.UNSEEDED:
        unread = _unread(program, use)
        if unread:
            reason = text("{path} could not be read, and it may seed {library}.", path=unread, library=generator.title)
            return LibrarySeeding(use.entry, generator, SeedState.UNKNOWN, draws, reason=reason)
        if not any(use.is_seen(draw) for draw in draws):
            reason = text(
                "{call} draws from {library}, and whether it runs is not known: something outside calls it.",
                call=draws[0].name,
                library=generator.title,
            )
            return LibrarySeeding(use.entry, generator, SeedState.UNKNOWN, draws, reason=reason)
        if not any(draw.is_certain and use.is_seen(draw) for draw in draws):
            reason = text(
                "Whether {call} draws random numbers depends on its arguments or its data.", call=draws[0].name
            )
            return LibrarySeeding(use.entry, generator, SeedState.UNKNOWN, draws, reason=reason)
    return LibrarySeeding(use.entry, generator, state, draws, seedings)


def _unread(program: Program, use: RandomUse) -> str:
    for path in program.reached_from(use.entry.path):
        module = program.modules[path]
        if module.not_parsed is not None or module.broken_cells:
            return path
    return ""


def _seeded(
    use: RandomUse, generator: str, drawn: Sequence[Draw] | None = None
) -> tuple[SeedState, tuple[Seeding, ...]]:
    seedings = use.seedings_of(generator)
    draws = use.draws_from(generator) if drawn is None else list(drawn)
    limited = [seeding for seeding in seedings if seeding.only_inside]
    if limited:
        draws = _outside_regions(use, generator, draws)
        if not draws:
            return SeedState.SEEDED, tuple(limited)
        seedings = [seeding for seeding in seedings if not seeding.only_inside]
    steady = [seeding for seeding in seedings if seeding.kind not in {SeedKind.MOVING, SeedKind.NOTHING}]
    moving = [seeding for seeding in seedings if seeding not in steady and seeding.happens is not Happens.NO]
    certain = [seeding for seeding in steady if seeding.happens is Happens.YES]
    if certain:
        undone = [one for one in moving if not one.in_workers and _comes_after(use, one, certain, draws)]
        if undone:
            return SeedState.MOVING, tuple(undone)
        skipped = [one for one in certain if not all(use.way.certainly_before(one.site, draw.site) for draw in draws)]
        return (
            (SeedState.UNKNOWN, tuple(skipped)) if len(skipped) == len(certain) else (SeedState.SEEDED, tuple(steady))
        )
    if steady and steady[0].happens is Happens.UNKNOWN:
        is_seeded = _comes_with_its_draws(use, generator, steady) or (
            not moving and is_seeded_before_each(use, draws, steady)
        )
        return (SeedState.SEEDED if is_seeded else SeedState.UNKNOWN), tuple(steady)
    if moving:
        return SeedState.MOVING, tuple(moving)
    if steady:
        return SeedState.OFF_BY_DEFAULT, tuple(steady)
    # A seed call with None that nobody reaches seeds nothing either.
    return (SeedState.OFF_BY_DEFAULT, tuple(seedings)) if seedings else (SeedState.UNSEEDED, ())


def _comes_after(use: RandomUse, moving: Seeding, steady: Sequence[Seeding], draws: Sequence[Draw]) -> bool:
    """Whether a seeding certainly undoes all steady ones: it comes after them, and something is drawn after it."""
    program = use.way.program
    here = trail(program, use, moving.site) if moving.happens is Happens.YES and not moving.only_inside else None
    if here is None:
        return False
    for one in steady:
        there = trail(program, use, one.site)
        if there is None or comes_before(there, here) is not True:
            return False
    drawn = (trail(program, use, draw.site) for draw in draws if draw.happens is Happens.YES)
    return any(one is not None and comes_before(here, one) is True for one in drawn)


def _outside_regions(use: RandomUse, generator: str, draws: Sequence[Draw]) -> list[Draw]:
    """The draws that happen outside of all blocks in which alone a seed holds."""
    regions = {
        region
        for seeding in use.seedings_of(generator)
        if seeding.kind not in {SeedKind.MOVING, SeedKind.NOTHING} and seeding.happens is Happens.YES
        for region in seeding.only_inside
    }
    if not regions:
        return list(draws)
    return [
        draw
        for draw in draws
        if not any(
            region_of(step, context) in regions
            for step in (*use.way.chain(draw.site.module.path, draw.site.symbol), draw.site)
            for context in step.inside
        )
    ]


def _comes_with_its_draws(use: RandomUse, generator: str, steady: Sequence[Seeding]) -> bool:
    """Whether wherever something is drawn something is seeded too: all ways start in functions that others call, each seeds."""
    way = use.way
    draws = use.draws_from(generator)
    roots = {root for draw in draws for root in way.roots(draw.site.module.path, draw.site.symbol)}
    if not draws or use.entry.start in roots:
        return False
    return all(any(way.happens(seeding.site, root) is Happens.YES for seeding in steady) for root in roots)


# ------------------------------------------------------------------------------------------------- the familiar snippet


class LineState(StrEnum):
    """What became of one line of the familiar snippet."""

    CALLED = "called"
    IMPLIED = "implied"
    NOT_NEEDED = "not-needed"
    MISSING = "missing"
    OFF = "off"
    UNKNOWN = "unknown"


class SeedLine(msgspec.Struct, frozen=True):
    """One line of the snippet, its state in a sentence, and the place that decides it."""

    line: str
    state: LineState
    why: Text
    location: Location | None = None


# How the lines are written in every tutorial, and the generator or flag behind each.
_SEED_LINES = (
    ("random.seed", "python"),
    ("np.random.seed", "numpy"),
    ("torch.manual_seed", "torch"),
    ("torch.cuda.manual_seed_all", "cuda"),
)
_FLAG_LINES = (
    ("torch.backends.cudnn.deterministic", "torch.backends.cudnn.deterministic"),
    ("torch.backends.cudnn.benchmark", "torch.backends.cudnn.benchmark"),
)


def seed_lines(program: Program, knowledge: Knowledge) -> tuple[SeedLine, ...]:
    """The familiar snippet over all result entry points; a line is as good as its worst entry point."""
    uses = random_uses(program, knowledge)
    lines = [
        _worst([_seed_line(program, knowledge, use, written, generator) for use in uses], written)
        for written, generator in _SEED_LINES
    ]
    lines += [
        _worst([_flag_line(knowledge, use, written, flag) for use in uses], written) for written, flag in _FLAG_LINES
    ]
    return tuple(lines)


_BADNESS = (
    LineState.NOT_NEEDED,
    LineState.CALLED,
    LineState.IMPLIED,
    LineState.UNKNOWN,
    LineState.OFF,
    LineState.MISSING,
)


def _worst(lines: Sequence[SeedLine], written: str) -> SeedLine:
    if not lines:
        return SeedLine(written, LineState.UNKNOWN, text("No entry point that makes results was found."))
    return max(lines, key=lambda line: _BADNESS.index(line.state))


def _seed_line(program: Program, knowledge: Knowledge, use: RandomUse, written: str, generator_id: str) -> SeedLine:
    generator = knowledge.randomness.generator(generator_id)
    state, seedings = _seeded(use, generator_id)
    own = [seeding for seeding in seedings if seeding.name == generator.seed_call]
    uses_torch = bool(use.draws_from("torch"))
    drawn = uses_torch if generator_id == "cuda" else bool(use.draws_from(generator_id))
    if state is SeedState.SEEDED:
        if own:
            return SeedLine(written, LineState.CALLED, text("called"), own[0].site.location)
        by = seedings[0]
        return SeedLine(written, LineState.IMPLIED, text("implied by {call}", call=by.name), by.site.location)
    if not drawn:
        why = text("not needed: nothing draws from {library}", library=generator.title)
        return SeedLine(written, LineState.NOT_NEEDED, why)
    if generator_id == "cuda" and not use.uses_gpu:
        return SeedLine(written, LineState.NOT_NEEDED, text("not needed: nothing moves to a GPU"))
    whole = library_seeding(program, knowledge, use, generator)
    if whole.state in {SeedState.SEEDED, SeedState.NOT_DRAWN}:
        by_loader = share_of_workers(use, knowledge, use.draws_from(generator_id)).loaders
        if by_loader:
            why = text("implied by {call}", call=by_loader[0].name)
            return SeedLine(written, LineState.IMPLIED, why, by_loader[0].site.location)
    if whole.reason is not None:
        return SeedLine(written, LineState.UNKNOWN, whole.reason, whole.draws[0].site.location)
    if state is SeedState.UNKNOWN:
        why = text("whether {entry} runs it is not known", entry=use.entry.path)
        return SeedLine(written, LineState.UNKNOWN, why, seedings[0].site.location)
    if state is SeedState.OFF_BY_DEFAULT:
        return SeedLine(written, LineState.OFF, text("only when asked: off by default"), seedings[0].site.location)
    if state is SeedState.MOVING:
        why = text("called with another value in each run")
        return SeedLine(written, LineState.MISSING, why, seedings[0].site.location)
    drawn_at = use.draws_from("torch" if generator_id == "cuda" else generator_id)[0].site.location
    return SeedLine(
        written, LineState.MISSING, text("missing: {library} is drawn from", library=generator.title), drawn_at
    )


def _flag_line(knowledge: Knowledge, use: RandomUse, written: str, name: str) -> SeedLine:
    flag = knowledge.randomness.flag(name)
    assert flag is not None
    if "torch" not in use.uses_packages:
        return SeedLine(written, LineState.NOT_NEEDED, text("not needed: PyTorch is not used"))
    settings = [one for one in use.flags if one.flag == name and not one.is_idle]
    setting = last_setting(settings)
    if setting is not None:
        if setting.value == flag.steady:
            return SeedLine(
                written, LineState.CALLED, text("set to {value}", value=setting.value), setting.site.location
            )
        if setting.value:
            return SeedLine(
                written, LineState.MISSING, text("set to {value}", value=setting.value), setting.site.location
            )
        return SeedLine(written, LineState.UNKNOWN, text("set to a value that is not known"), setting.site.location)
    if not use.uses_gpu:
        return SeedLine(written, LineState.NOT_NEEDED, text("not needed: nothing moves to a GPU"))
    if flag.default == flag.steady:
        return SeedLine(written, LineState.NOT_NEEDED, text("not needed: {value} is the default", value=flag.default))
    strict = last_setting([one for one in use.flags if one.flag == "torch.use_deterministic_algorithms"])
    if strict is not None and strict.value == "True":
        why = text("implied by {call}", call="torch.use_deterministic_algorithms")
        return SeedLine(written, LineState.IMPLIED, why, strict.site.location)
    asked = next((one for one in settings if one.value == flag.steady), None)
    if asked is not None:
        return SeedLine(written, LineState.OFF, text("set, but not by default"), asked.site.location)
    return SeedLine(written, LineState.MISSING, text("missing: the default is {value}", value=flag.default))


def last_setting(settings: Sequence[FlagSetting]) -> FlagSetting | None:
    """The setting that counts: the last that happens for certain, else the last that may; None without any."""
    for wanted in (Happens.YES, Happens.UNKNOWN):
        found = [setting for setting in settings if setting.happens is wanted]
        if found:
            return found[-1]
    return None
