"""Gives a single call random numbers of its own: `random_state=`, `seed=`, `generator=`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.errors import CannotPlan
from repro_gui.facts.default_values import Known
from repro_gui.facts.events import Name
from repro_gui.facts.scopes import BindingKind
from repro_gui.facts.seed_places import SEED_NAMES
from repro_gui.facts.source_edits import edited, replace_expression, set_first_argument, set_keyword
from repro_gui.facts.source_places import SourceOutline, import_lines
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.location import Location
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.known_randomness import RandomCall
    from repro_gui.facts.program import Program
    from repro_gui.facts.random_use import RandomUse
    from repro_gui.facts.steps import CallSite

DEFAULT_SEED = "42"


def seed_in_scope(program: Program, use: RandomUse, site: CallSite) -> str:
    """The project's own seed as it can be written at a call, else 42.

    A seed is a name like SEED, bound once to a number: a parameter of the function round the call, or a name of the module that is
    bound above the call (anywhere, for a call inside a function).
    """
    scope = program.code.scope(site.module.path, site.symbol)
    place = site.call
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


def plan_own_seed(program: Program, use: RandomUse, site: CallSite, what: RandomCall, content: bytes) -> bytes:
    """The file with the call's own seed given: a number, or a seeded torch generator where that is what it takes."""
    location = site.location
    source = SourceText(content, location.path, location.cell)
    seed = seed_in_scope(program, use, site)
    splices = []
    if what.seed_is_generator:
        outline = SourceOutline(source)
        name, imports = import_lines(outline, "torch", "torch")
        if location.cell >= 0 and imports:
            name, imports = _torch_name(program, site) or (name, imports)
        if imports:
            splices += outline.insert_after_imports(imports, before=outline.import_block_end())
        seed = f"{name}.Generator().manual_seed({seed})"
    position = what.seed_position
    if position == 0 and not site.call.positional and not site.call.keywords:
        # `default_rng(42)` is how people write it.
        return edited(source, [*splices, *set_first_argument(source, location, seed)])
    return edited(source, [*splices, *set_keyword(source, location, what.seed_parameter, seed, position)])


def _torch_name(program: Program, site: CallSite) -> tuple[str, list[str]] | None:
    """The name that torch has in a notebook by an import in another cell."""
    for one in program.modules[site.module.path].imports:
        what = one.what
        if not one.is_deferred and what.module == "torch" and not what.name:
            return what.alias, []
    return None


def place_of_value(use: RandomUse, site: CallSite, parameter: str, position: int) -> Location:
    """Where the value of a seeding call is made: the expression that the names in the call lead to, else the call itself."""
    given = site.call.argument(parameter, position) if parameter else None
    if given is None:
        return site.location
    scope, value = use.way.values.origin(use.way.values.scope(site), given)
    if isinstance(value, Name):
        return site.module.location(given)
    return scope.module.location(value)


def plan_constant_seed(
    program: Program, use: RandomUse, site: CallSite, parameter: str, position: int, content: bytes
) -> bytes:
    """The file with a constant where a seeding call gets its value from."""
    given = site.call.argument(parameter, position) if parameter else None
    location = place_of_value(use, site, parameter, position)
    source = SourceText(content, location.path, location.cell)
    if given is not None:
        # A name that is known at the call need not be known where the value is made.
        is_at_call = location == site.module.location(given)
        seed = seed_in_scope(program, use, site) if is_at_call else DEFAULT_SEED
        return edited(source, replace_expression(source, location, seed))
    seed = seed_in_scope(program, use, site)
    start, end = source.segment(location)
    name = source.text[start:end].partition("(")[0]
    if not parameter:
        # `torch.seed()` takes no value; the function beside it that does has another name.
        owner, dot, last = name.rpartition(".")
        if not dot:
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
