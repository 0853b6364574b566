"""Gives a single call random numbers of its own: `random_state=`, `seed=`, `generator=`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from repro_gui.changes.change_set import FileChange
from repro_gui.errors import CannotPlan
from repro_gui.facts.call_arguments import is_literally_none, own_seed
from repro_gui.facts.default_values import Known
from repro_gui.facts.events import Call, Conditional, Name, Node, Subscript
from repro_gui.facts.literal_mappings import Given
from repro_gui.facts.random_use import known_random_call
from repro_gui.facts.scopes import BindingKind
from repro_gui.facts.seed_options import switch_of
from repro_gui.facts.seed_places import SEED_NAMES
from repro_gui.facts.setting_edits import set_setting
from repro_gui.facts.source_edits import (
    edited,
    replace_expression,
    set_first_argument,
    set_item,
    set_keyword,
    set_option_default,
)
from repro_gui.facts.source_places import SourceOutline, import_lines
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.facts.walk import evaluated
from repro_gui.location import Location
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.facts.events import Value
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.known_randomness import RandomCall
    from repro_gui.facts.mapping_changes import Variable
    from repro_gui.facts.program import Program
    from repro_gui.facts.random_use import RandomUse
    from repro_gui.facts.scopes import Scope
    from repro_gui.facts.steps import CallSite

DEFAULT_SEED = "42"
# These make a generator, or a key, of the number that they get first.
_MAKE_GENERATORS = frozenset(
    {
        "torch.Generator().manual_seed",
        "numpy.random.RandomState",
        "numpy.random.default_rng",
        "numpy.random.Generator",
        "numpy.random.PCG64",
        "numpy.random.MT19937",
        "numpy.random.SeedSequence",
        "random.Random",
        "jax.random.PRNGKey",
        "jax.random.key",
    }
)
_MOST_GENERATORS = 4


def seed_in_scope(program: Program, use: RandomUse, site: CallSite) -> str:
    """The project's own seed as it can be written at a call, else 42.

    A seed is a name like SEED, bound once to a number: a parameter of the function round the call, or a name of the module that is
    bound above the call (anywhere, for a call inside a function).
    """
    return _seed_at(use, program.code.scope(site.module.path, site.symbol), site.call)


def _seed_at(use: RandomUse, scope: Scope, place: Node) -> str:
    home = scope
    while True:
        # The names of a class are not seen from its methods.
        visible = {} if home.kind == "class" and home is not scope else home.bindings
        for name, bindings in visible.items():
            if name.lower() not in SEED_NAMES or len(bindings) != 1 or bindings[0].is_conditional:
                continue
            binding = bindings[0]
            reference = Name(place.line, place.column, place.end_line, place.end_column, name)
            settled = use.way.values.value(scope, reference)
            if not isinstance(settled, Known) or isinstance(settled.value, bool) or not isinstance(settled.value, int):
                continue
            if binding.kind is BindingKind.PARAMETER:
                return name
            bound_at = binding.record if binding.record is not None else binding.value
            is_above = bound_at is not None and (bound_at.line, bound_at.column) < (place.line, place.column)
            if binding.kind in {BindingKind.ASSIGNED, BindingKind.IMPORT} and (is_above or home is not scope):
                return name
        if home.parent is None:
            return DEFAULT_SEED
        home = home.parent


class SeedPlace(msgspec.Struct, frozen=True):
    """Where a call's own seed is to be written.

    `kind`: "argument" of the call at `location`, "item" of the literal mapping there, "value" for the expression there, "option" for
    the default of that `add_argument`, "setting" for the one called `name` in a configuration file. `seed` is the project's own
    seed as it can be written there, else 42.
    """

    kind: str
    location: Location
    seed: str
    name: str = ""


def place_of_own_seed(
    program: Program, use: RandomUse, knowledge: Knowledge, site: CallSite, what: RandomCall
) -> SeedPlace:
    """Where the seed of a call has its cause: the call, the mapping or parameter that it comes through, or an option.

    Raises `CannotPlan` where a seed written there would be handed on to something else as well.
    """
    if site.choice and not _all_choices_take_it(knowledge, site, what):
        raise CannotPlan(
            text(
                "What this call in {path} makes is chosen by a name, and others may not take a seed.",
                path=site.module.path,
            ),
            text("Give it {name} where it does, or seed the library that it draws from.", name=what.seed_parameter),
        )
    given = own_seed(use.way, site, what)
    if given.value is not None and given.scope is not None:
        return _place_of_given(use, site, given, what)
    holder = given.holder
    if holder is not None and not what.seed_is_generator:
        variables = (*given.through, *([holder.variable] if holder.variable is not None else []))
        if all(_all_take_it(use, knowledge, one, given.through, what) for one in variables):
            # A name that is known at the call need not be known where the literal stands.
            location = holder.scope.module.location(holder.literal)
            return SeedPlace("item", location, _seed_at(use, holder.scope, holder.literal))
    caller = given.caller if holder is None else None
    if caller is not None and all(_all_take_it(use, knowledge, one, given.through, what) for one in given.through):
        return SeedPlace("argument", caller.location, _seed_at(use, use.way.values.scope(caller), caller.call))
    if given.through:
        raise CannotPlan(
            text("What is handed on to this call in {path} goes to other calls too.", path=site.module.path),
            text("Give it {name} by hand.", name=what.seed_parameter),
        )
    return SeedPlace("argument", site.location, seed_in_scope(program, use, site))


def _place_of_given(use: RandomUse, site: CallSite, given: Given, what: RandomCall) -> SeedPlace:
    assert given.value is not None
    assert given.scope is not None
    if is_literally_none(given):
        return SeedPlace("value", given.scope.module.location(given.value), _seed_at(use, given.scope, given.value))
    for value in evaluated(given.value):
        switch = switch_of(use, given.scope, value) if isinstance(value, Name | Subscript) else None
        if switch is not None:
            kind = switch.kind if switch.kind in {"option", "setting"} else "value"
            return SeedPlace(kind, switch.location, DEFAULT_SEED, switch.name)
    raise CannotPlan(
        text("Where {name} gets its value from is not seen.", name=what.seed_parameter),
        text("Give it a number where it is set, above {path}.", path=site.module.path),
    )


def _all_choices_take_it(knowledge: Knowledge, site: CallSite, what: RandomCall) -> bool:
    known = [known_random_call(knowledge, target) for target in site.among]
    return bool(known) and all(one is not None and one[1].seed_parameter == what.seed_parameter for one in known)


def _all_take_it(
    use: RandomUse, knowledge: Knowledge, variable: Variable, through: tuple[Variable, ...], what: RandomCall
) -> bool:
    """Whether every call that gets a mapping's items is known to take the seed too, or hands them on to such calls."""
    for site in use.way.values.mappings.spreads(variable):
        if any((site.target.path, site.target.symbol) == one[:2] for one in through):
            continue
        known = known_random_call(knowledge, site.target)
        if known is None or known[1].seed_parameter != what.seed_parameter:
            return False
    return True


def plan_own_seed(
    program: Program,
    use: RandomUse,
    knowledge: Knowledge,
    site: CallSite,
    what: RandomCall,
    read: Callable[[str], bytes],
) -> FileChange:
    """The file with the call's own seed given: a number, or a seeded torch generator where that is what it takes."""
    place = place_of_own_seed(program, use, knowledge, site, what)
    location = place.location
    content = read(location.path)
    if place.kind == "setting":
        return FileChange(location.path, content, set_setting(content, location.path, place.name, place.seed))
    source = SourceText(content, location.path, location.cell)
    seed = place.seed
    splices: list[Splice] = []
    if what.seed_is_generator and place.kind != "option":
        outline = SourceOutline(source)
        before = outline.index_when_run(location.line)
        name, imports = import_lines(outline, "torch", "torch", before)
        if location.cell >= 0 and imports:
            name, imports = _torch_name(program, site) or (name, imports)
        if imports:
            splices += outline.insert_imports(imports, before)
        seed = f"{name}.Generator().manual_seed({seed})"
    position = what.seed_position
    match place.kind:
        case "value":
            splices += replace_expression(source, location, seed)
        case "option":
            splices += set_option_default(source, location, seed)
        case "item":
            splices += set_item(source, location, what.seed_parameter, seed)
        case _ if position == 0 and location == site.location and not site.call.positional and not site.call.keywords:
            # `default_rng(42)` is how people write it.
            splices += set_first_argument(source, location, seed)
        case _:
            splices += set_keyword(
                source, location, what.seed_parameter, seed, position if location == site.location else -1
            )
    return FileChange(location.path, content, edited(source, splices))


def _torch_name(program: Program, site: CallSite) -> tuple[str, list[str]] | None:
    """The name that torch has in a notebook by an import in another cell."""
    for one in program.modules[site.module.path].imports:
        what = one.what
        if not one.is_deferred and what.module == "torch" and not what.name:
            return what.alias, []
    return None


def place_of_value(use: RandomUse, site: CallSite, given: Given) -> Location:
    """Where the value that seeds is made: the expression that what is given to a call leads to, else the call itself."""
    if given.value is None or given.scope is None:
        return site.location
    scope, value = use.way.values.origin(given.scope, given.value)
    if isinstance(value, Name):
        found = use.way.values.field_default(scope, value) or _default_of_option(use, value)
        scope, value = found or (given.scope, given.value)
    for _ in range(_MOST_GENERATORS):
        # A generator stays one: what it is seeded with is the value.
        inner = _seed_of_generator(use, scope, value)
        if inner is None:
            break
        scope, value = use.way.values.origin(scope, inner)
    while isinstance(value, Conditional) and (truth := use.way.values.truth(scope, value.condition)) is not None:
        value = value.then if truth else value.otherwise
    return scope.module.location(value)


def _default_of_option(use: RandomUse, name: Name) -> tuple[Scope, Value] | None:
    """The default of the only command line option that `args.seed` can mean."""
    owner, _, last = name.dotted.rpartition(".")
    sites = use.way.values.option_sites(last) if owner else []
    default = sites[0].call.argument("default") if len(sites) == 1 else None
    return None if default is None else (use.way.values.scope(sites[0]), default)


def _seed_of_generator(use: RandomUse, scope: Scope, value: Value) -> Value | None:
    """What a call that makes a generator or a key is given for its seed; None for other values."""
    if not isinstance(value, Call):
        return None
    name = use.way.program.code.resolver.resolve(scope, value.target).name
    return value.argument("seed", 0) if name in _MAKE_GENERATORS else None


def plan_constant_seed(
    program: Program, use: RandomUse, site: CallSite, given: Given, content: bytes, *, takes_value: bool = True
) -> bytes:
    """The file with a constant where a seeding call gets its value from; raises `CannotPlan`."""
    location = place_of_value(use, site, given)
    source = SourceText(content, location.path, location.cell)
    if given.value is not None:
        # A name that is known at the call need not be known where the value is made.
        is_at_call = location == site.module.location(given.value)
        seed = seed_in_scope(program, use, site) if is_at_call else DEFAULT_SEED
        return edited(source, replace_expression(source, location, seed))
    seed = seed_in_scope(program, use, site)
    start, end = source.segment(location)
    name = source.text[start:end].partition("(")[0]
    if not takes_value:
        # `torch.seed()` takes no value; the function beside it that does has another name.
        owner, dot, last = name.rpartition(".")
        if not dot or last != "seed":
            raise CannotPlan(
                text("{name} takes no seed.", name=name), text("Call the function that does, with a constant, instead.")
            )
        name = f"{owner}.manual_{last}"
    return edited(source, [Splice(start, end, f"{name}({seed})")])


def plan_worker_seed(site: CallSite, content: bytes) -> bytes:
    """The file with a `worker_init_fn` that seeds NumPy from what torch drew for each worker; raises `CannotPlan` in notebooks."""
    location = site.location
    if location.cell >= 0:
        raise CannotPlan(
            text("Workers of a notebook find no function that stands in a cell on every system."),
            text("Put a worker_init_fn into a module and import it."),
        )
    source = SourceText(content, location.path)
    outline = SourceOutline(source)
    numpy, imports = import_lines(outline, "numpy", "np")
    torch, more = import_lines(outline, "torch", "torch")
    name = "seed_worker" if "seed_worker" not in outline.names_bound() else outline.free_name("seed_numpy_in_worker")
    lines = [
        *imports,
        *more,
        *([""] if imports or more else []),
        "",
        f"def {name}(worker_id):",
        "    # Each worker gets its own part of what torch drew for the loader.",
        f"    {numpy}.random.seed({torch}.initial_seed() % 2**32)",
    ]
    before = outline.import_block_end()
    splices = outline.insert_after_imports(lines, before=before, blank=1, blank_after=2)
    return edited(source, [*splices, *set_keyword(source, location, "worker_init_fn", name, 10)])
