"""Edits that set the switches of a library: turn a value round, or set flags beside the seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.errors import CannotPlan
from repro_gui.facts.random_use import RandomUse, SeedKind, random_uses
from repro_gui.facts.source_edits import edited, replace_expression, set_keyword
from repro_gui.facts.source_places import SourceOutline, import_lines
from repro_gui.facts.source_text import SourceText, code_cells
from repro_gui.facts.steps import AssignSite, CallSite
from repro_gui.facts.ways import Happens
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.location import Location


def site_to_set_flags(use: RandomUse) -> CallSite | None:
    """The seeding of PyTorch that flags belong beside; None where the entry point has none that always runs."""
    for seeding in use.seedings:
        is_torch = seeding.name in {"torch.manual_seed", "torch.cuda.manual_seed_all", "torch.cuda.manual_seed"}
        if is_torch and seeding.happens is Happens.YES and seeding.kind is not SeedKind.RESTORED:
            return seeding.site
    return None


def plan_flag(use: RandomUse, flags: Sequence[tuple[str, str]], content: bytes) -> bytes:
    """Assign values to attributes of torch, beside the seed or below the imports of the entry point."""
    site = site_to_set_flags(use)
    path = use.entry.path if site is None else site.location.path
    cell = -1
    if site is not None:
        cell = site.location.cell
    elif path.endswith(".ipynb"):
        cell = _first_cell_with_imports(content, path)
    outline = SourceOutline(SourceText(content, path, cell))
    name, imports = import_lines(outline, "torch", "torch")
    lines = [f"{name}{flag.removeprefix('torch')} = {value}" for flag, value in flags]
    if site is not None:
        splices = outline.insert_after_statement(outline.statement_at(site.location.line, site.location.column), lines)
        if imports:
            splices = [*outline.insert_after_imports(imports, before=outline.import_block_end()), *splices]
        return edited(outline.source, splices)
    end = outline.import_block_end()
    block = [*imports, *([""] if imports else []), *lines]
    return edited(outline.source, outline.insert_after_imports(block, before=end, blank=1))


def _first_cell_with_imports(content: bytes, path: str) -> int:
    cells = code_cells(content, path)
    for cell in cells:
        source = SourceText(content, path, cell)
        if "import" in source.text:
            try:
                outline = SourceOutline(source)
            except CannotPlan:
                continue
            if outline.import_block_end() > outline.prologue_end():
                return cell
    raise CannotPlan(text("No cell of {path} imports anything.", path=path), text("Set the flags by hand."))


def replace_flag_value(program: Program, knowledge: Knowledge, location: Location, value: str, content: bytes) -> bytes:
    """Put another value into the assignment or call at a location that sets a flag."""
    source = SourceText(content, location.path, location.cell)
    for use in random_uses(program, knowledge):
        for setting in use.flags:
            site = setting.site
            if site.location != location:
                continue
            if isinstance(site, AssignSite) and site.value is not None:
                return edited(source, replace_expression(source, site.module.location(site.value), value))
            known = knowledge.randomness.flag_call(knowledge.randomness.canonical(site.name))
            if isinstance(site, CallSite) and known is not None and known.parameter:
                return edited(source, set_keyword(source, location, known.parameter, value, known.position))
    raise CannotPlan(
        text("{path} does not set the flag there any more.", path=location.path), text("Audit the project again.")
    )
