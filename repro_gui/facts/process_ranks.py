"""Programs that run in several processes at once, and the statement that keeps something to the first of them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import msgspec

from repro_gui.errors import CannotPlan
from repro_gui.facts.events import Call, Constant, Name, Subscript, Value
from repro_gui.facts.known_effects import Effect
from repro_gui.facts.source_places import import_lines
from repro_gui.facts.steps import CallSite
from repro_gui.facts.walk import evaluated, flat_events, own_values
from repro_gui.facts.ways import Way, way_of
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro_gui.facts.entry_points import EntryPoint
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.facts.source_places import SourceOutline

# `local_rank == 0` holds once on each machine.
_RANK = re.compile(r"(?!.*local)(.*_)?(rank|process_index)", re.IGNORECASE)
_IS_FIRST = re.compile(
    r"(is_)?(main|master)(_process)?|is_(global|rank)_zero|is_(rank0|rank_0|chief)|is_world_process_zero"
)
_READERS = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop"})


class Processes(msgspec.Struct, frozen=True):
    """How a program that is started once for each of several processes tells which is the first.

    `variables` of the environment are each absent or "0" in the first one; empty where only the library knows, after the
    call of `library`.
    """

    variables: tuple[str, ...]
    library: str = ""


def find_processes(program: Program, entry: EntryPoint, knowledge: Knowledge) -> Processes | None:
    """The processes that an entry point's program may run in; None where nothing shows that there is more than one."""
    tracking = knowledge.tracking
    found = [
        (site, known)
        for site in way_of(program, entry).calls
        if (known := tracking.processes_of(site.name)) is not None
    ]
    read = set(_variables_read(program, entry)) & set(tracking.rank_variables)
    if not found and not read:
        return None
    untold = next((site for site, known in found if not known.variables), None)
    if untold is not None:
        return Processes((), untold.name)
    wanted = read.union(*(known.variables for _, known in found))
    if "LOCAL_RANK" in wanted:
        # What is first on its machine is the first of all only with these.
        wanted.add("RANK")
    return Processes(tuple(name for name in tracking.rank_variables if name in wanted))


def _variables_read(program: Program, entry: EntryPoint) -> Iterator[str]:
    for unit in program.units(entry):
        scope = program.code.scope(unit.path, unit.symbol)
        for event in flat_events(scope.body):
            for value in (inner for own in own_values(event) for inner in evaluated(own)):
                key: Value | None = None
                if isinstance(value, Subscript) and isinstance(value.of, Name) and value.of.dotted.endswith("environ"):
                    key = value.index
                elif (
                    isinstance(value, Call)
                    and program.code.resolver.resolve(scope, value.target).name in _READERS
                    and value.positional
                ):
                    key = value.positional[0]
                if isinstance(key, Constant) and isinstance(key.value, str):
                    yield key.value


def first_process_test(processes: Processes, outline: SourceOutline) -> tuple[str, list[str]]:
    """The header of an `if` that only the first process enters, and the import it needs.

    Raises `CannotPlan` where only a library can tell which process that is.
    """
    if not processes.variables:
        raise CannotPlan(
            text(
                "The program runs in several processes, and only {call} tells which is the first.",
                call=processes.library,
            ),
            text("Log the hyperparameters by hand, in the first process only, after that call."),
        )
    name, imports = import_lines(outline, "os", "os")
    if len(processes.variables) == 1:
        return f'if {name}.environ.get("{processes.variables[0]}", "0") == "0":', imports
    names = ", ".join(f'"{one}"' for one in processes.variables)
    return f'if all({name}.environ.get(variable, "0") == "0" for variable in ({names})):', imports


def own_branch(
    program: Program, entry: EntryPoint, knowledge: Knowledge, path: str, following: Sequence[ast.stmt]
) -> ast.If | None:
    """The first of these statements that is the project's own branch for the first process, when nothing trained before it."""
    for statement in following:
        if isinstance(statement, ast.For | ast.AsyncFor | ast.While | ast.Return | ast.Raise):
            return None
        if isinstance(statement, ast.If) and is_first_process(statement.test):
            start, end = following[0].lineno, statement.lineno
            has_trained = any(
                start <= line < end for line in _lines_that_train(way_of(program, entry), path, knowledge)
            )
            return None if has_trained else statement
    return None


def _lines_that_train(way: Way, path: str, knowledge: Knowledge) -> Iterator[int]:
    for site in way.calls:
        if knowledge.effects.effect_of(site.target.name, site.target.method) is Effect.TRAINS:
            steps: tuple[CallSite, ...] = (*way.chain(site.module.path, site.symbol), site)
            yield from (one.location.line for one in steps if one.module.path == path)


def is_first_process(test: ast.expr) -> bool:
    """True for a condition that is nothing else than "this is the first process": `rank == 0`, `is_main_process()`, `not rank`."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=value)]):
            return value == 0 and value is not False and bool(_RANK.fullmatch(_last_name(left)))
        case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple(elts=elements) | ast.List(elts=elements)]):
            values = {ast.unparse(one) for one in elements}
            return values == {"-1", "0"} and bool(_RANK.fullmatch(_last_name(left)))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return bool(_RANK.fullmatch(_last_name(operand)))
        case _:
            return bool(_IS_FIRST.fullmatch(_last_name(test)))


def _last_name(value: ast.expr) -> str:
    """`rank` of `args.rank`, `self.rank`, `get_rank()` (without `get_`); empty for anything else."""
    match value:
        case ast.Call(func=function, args=[], keywords=[]):
            return _last_name(function).removeprefix("get_")
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""
