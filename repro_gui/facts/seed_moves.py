"""Moves a seeding call up, above the statement that draws first."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from repro_gui.errors import CannotPlan
from repro_gui.facts.draw_order import trail
from repro_gui.facts.source_edits import edited
from repro_gui.facts.source_places import SourceOutline
from repro_gui.facts.source_text import SourceText, Splice, code_cells
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.program import Program
    from repro_gui.facts.random_use import RandomUse
    from repro_gui.facts.steps import CallSite
    from repro_gui.location import Location


def plan_move(program: Program, use: RandomUse, drawn: CallSite, seeded: CallSite, content: bytes) -> bytes:
    """The entry point's file with the statement that seeds above the one that draws.

    Both are the statements, in the code where the two ways part, that lead to the draw and to the seeding. Raises `CannotPlan` where the
    seeding statement needs a name that is made in between, or is more than one call.
    """
    path = use.entry.path
    one, other = trail(program, use, drawn), trail(program, use, seeded)
    assert one is not None
    assert other is not None
    part = next(number for number, (a, b) in enumerate(zip(one, other, strict=False)) if a[1] != b[1])
    draw_place, seed_place = one[part][1], other[part][1]
    if draw_place.path != path or seed_place.path != path:
        raise _by_hand(path)
    if part + 1 < len(other) and _draws_in(use, other[part + 1][0]):
        # What seeds there does more than that.
        raise _by_hand(path)
    if draw_place.cell != seed_place.cell:
        return _moved_between_cells(draw_place, seed_place, content)
    source = SourceText(content, path, seed_place.cell)
    outline = SourceOutline(source)
    drawing = outline.statement_at(draw_place.line, draw_place.column)
    seeding = outline.statement_at(seed_place.line, seed_place.column)
    body = outline.body_with(drawing)
    if body is not outline.body_with(seeding) or not isinstance(seeding, ast.Expr) or seeding is drawing:
        raise _by_hand(path)
    between = body[body.index(drawing) : body.index(seeding)]
    if _names_bound(between) & _names_used(seeding):
        raise _by_hand(path)
    return edited(source, outline.move_before(seeding, drawing))


def _draws_in(use: RandomUse, unit: tuple[str, str]) -> bool:
    """Whether the way to some draw goes through a function."""
    for draw in use.draws:
        for step in (*use.way.chain(draw.site.module.path, draw.site.symbol), draw.site):
            if (step.module.path, use.way.running(step.module.path, step.symbol)) == unit:
                return True
    return False


def _moved_between_cells(drawn: Location, seeded: Location, content: bytes) -> bytes:
    """The notebook with the statement that seeds taken out of its cell and put above the one that draws, in that one's cell."""
    path = drawn.path
    source = SourceText(content, path, seeded.cell)
    outline = SourceOutline(source)
    seeding = outline.statement_at(seeded.line, seeded.column)
    body = outline.tree.body
    if not isinstance(seeding, ast.Expr) or seeding not in body:
        raise _by_hand(path)
    place = SourceOutline(SourceText(content, path, drawn.cell))
    index = place.statement_index(drawn.line)
    between = [*place.tree.body[index:], *body[: body.index(seeding)]]
    lines = [*place.source.text.splitlines()[drawn.line - 1 :], *source.text.splitlines()[: seeded.line]]
    for cell in code_cells(content, path):
        if drawn.cell < cell < seeded.cell:
            other = SourceOutline(SourceText(content, path, cell))
            between += other.tree.body
            lines += other.source.text.splitlines()
    # A script that the notebook runs in between may bind the names too; one that draws first binds its own.
    runs = [line for line in lines[1:] if line.lstrip().startswith("%run")]
    if runs or _names_bound(between) & _names_used(seeding):
        raise _by_hand(path)
    splice = outline.whole_lines(seeding)
    written = source.text[splice.start : splice.end].strip("\r\n").splitlines()
    splices = [splice]
    if splice.end == len(source.text) and splice.start:
        # The line end before it would be the last thing in the cell.
        splices.append(Splice(splice.start - len(source.newline), splice.start, ""))
    without = edited(source, splices)
    target = SourceOutline(SourceText(without, path, drawn.cell))
    return edited(target.source, target.insert_before_statement(index, written))


def _by_hand(path: str) -> CannotPlan:
    return CannotPlan(
        text("The seed in {path} cannot be moved without changing what stands round it.", path=path),
        text("Set it by hand before anything draws."),
    )


def _names_bound(statements: list[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.alias):
                found.add((node.asname or node.name).split(".")[0])
    return found


def _names_used(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)} - set(dir(builtins))
