"""Plans the edit that gives the hyperparameters of an entry point to a tracker: an explicit list, never a secret."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from collections.abc import Sequence as Several
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from repro_gui.changes.change_set import FileChange
from repro_gui.errors import CannotPlan
from repro_gui.facts.events import Call, Class, Constant, Mapping, Name, Sequence, Value
from repro_gui.facts.process_ranks import find_processes, first_process_test, own_branch
from repro_gui.facts.program_options import program_options
from repro_gui.facts.scopes import BindingKind, TargetKind
from repro_gui.facts.seed_places import SEED_NAMES
from repro_gui.facts.source_edits import edited, set_keyword
from repro_gui.facts.source_places import SourceOutline, import_lines
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.facts.steps import AssignSite, CallSite
from repro_gui.facts.walk import evaluated
from repro_gui.facts.ways import Happens, Way
from repro_gui.location import Location
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.entry_points import EntryPoint
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.facts.scopes import Scope

_HOLDERS = re.compile(
    r"(cfg|config|configs|args|params|hparams|hyper_?params|hyper_?parameters|settings|conf)$", re.IGNORECASE
)
_PATH_LIKE = re.compile(r"[/\\]|\.[A-Za-z]{1,5}$")
_LONGEST_LINE = 100


class Parameter(msgspec.Struct, frozen=True):
    """A hyperparameter: the name it is logged by, and the expression that has its value in the file that is edited."""

    name: str
    expression: str


class ParameterPlace(msgspec.Struct, frozen=True):
    """Hyperparameters, and the statement after which they are all known.

    `symbol` is the function in which that is, empty for the module's top level. `is_option`: what a command line gives.
    """

    parameters: tuple[Parameter, ...]
    location: Location
    symbol: str
    is_option: bool = False


def find_entry(program: Program, path: object, symbol: object) -> EntryPoint | None:
    """The entry point that starts at a path and symbol."""
    return next((entry for entry in program.entry_points if entry.start == (path, symbol)), None)


def find_parameters(program: Program, entry: EntryPoint, knowledge: Knowledge) -> ParameterPlace:
    """The hyperparameters of an entry point; raises `CannotPlan` where it has none with a name."""
    way = Way(program, entry)
    found = _options(program, way, knowledge) or _constants(program, entry, knowledge)
    if found is None or not found.parameters:
        raise CannotPlan(
            text("{entry} gives its hyperparameters no names that could be logged.", entry=entry.path),
            text("Make them options, constants or a dictionary, or log them by hand."),
        )
    return found


def plan_mlflow(
    program: Program, entry: EntryPoint, knowledge: Knowledge, read: Callable[[str], bytes]
) -> tuple[FileChange, ParameterPlace]:
    """Log the hyperparameters to MLflow, in the run that the program starts or in a new one."""
    place = find_parameters(program, entry, knowledge)
    path = place.location.path
    content = read(path)
    source = SourceText(content, path, place.location.cell)
    outline = SourceOutline(source)
    started = _started_run(program, entry)
    name, imports = import_lines(outline, "mlflow", "mlflow")
    call = _call(f"{name}.log_params(", place.parameters, outline.unit)
    if started is not None:
        inserted = _in_the_run(outline, place, started, call)
    else:
        spot = _where_known(outline, place)
        processes = find_processes(program, entry, knowledge)
        own = own_branch(program, entry, knowledge, path, spot.following) if processes is not None else None
        if own is not None:
            inserted = outline.insert_into_body(own, call)
        elif processes is not None:
            test, needed = first_process_test(processes, outline)
            imports = [*needed, *imports]
            inserted = spot.insert([test, *[outline.unit + line for line in call]])
        else:
            inserted = spot.insert(call)
    after = edited(source, [*outline.insert_imports(imports), *inserted])
    return FileChange(path, content, after, reason=text("MLflow gets the hyperparameters")), place


def plan_wandb(
    program: Program, entry: EntryPoint, knowledge: Knowledge, read: Callable[[str], bytes]
) -> tuple[FileChange, ParameterPlace]:
    """Give the hyperparameters to `wandb.init` as its `config`."""
    place = find_parameters(program, entry, knowledge)
    starts = [site for site in Way(program, entry).calls if site.name == "wandb.init"]
    site = next((one for one in starts if _knows(one, place)), None)
    if site is None:
        raise CannotPlan(
            text("Where wandb.init is called, the hyperparameters are not known."),
            text("Pass them there, and give them as `config`."),
        )
    path = site.location.path
    content = read(path)
    source = SourceText(content, path, site.location.cell)
    given = "{" + ", ".join(f'"{one.name}": {one.expression}' for one in place.parameters) + "}"
    after = edited(source, set_keyword(source, site.location, "config", given))
    return FileChange(path, content, after, reason=text("Weights & Biases gets the hyperparameters")), place


def _knows(site: CallSite, place: ParameterPlace) -> bool:
    """True where a call stands after the hyperparameters are known, in a scope that sees them."""
    if site.module.path != place.location.path or (site.location.cell, site.location.line) <= (
        place.location.cell,
        place.location.line,
    ):
        return False
    return not place.symbol or site.symbol == place.symbol


# ------------------------------------------------------------------------------------------------- where they come from


def _options(program: Program, way: Way, knowledge: Knowledge) -> ParameterPlace | None:
    """Options of the command line, where the program has just parsed them."""
    if any(site.target.method == "add_subparsers" or site.name.endswith(".add_subparsers") for site in way.calls):
        return None
    parsed = next((step for step in way.steps if _parses(program, way, step)), None)
    if not isinstance(parsed, AssignSite) or not isinstance(parsed.to, Name):
        return None
    holder = parsed.to.dotted
    names = []
    declaring = _declaring_units(program, parsed)
    for name, declared in program_options(program).items():
        # Other programs of the project have parsers of their own, whose options this one does not know.
        options = [one for one in declared if (one.site.module.path, one.site.symbol) in declaring]
        if not options or knowledge.tracking.is_about_the_run(name):
            continue
        is_argparse = all(
            option.site.name.rpartition(".")[2] == "add_argument" or option.site.target.method for option in options
        )
        is_certain = all(
            not option.site.is_conditional or way.happens(option.site) is Happens.YES for option in options
        )
        is_there = not any(isinstance(one.default, Name) and one.default.dotted.endswith("SUPPRESS") for one in options)
        if is_argparse and is_certain and is_there and name.isidentifier() and not knowledge.tracking.is_secret(name):
            names.append(Parameter(name, f"{holder}.{name}"))
    return ParameterPlace(tuple(names), parsed.location, parsed.symbol, is_option=True)


def _declaring_units(program: Program, parsed: AssignSite) -> set[tuple[str, str]]:
    """The units in which the parser behind `args = parser.parse_args()` gets its options: there, where it is made, where it is given."""
    here = (parsed.module.path, parsed.symbol)
    scope = program.code.scope(*here)
    found = {here}
    parser = ""
    values: list[Value] = [] if parsed.value is None else [parsed.value]
    if isinstance(parsed.value, Call):
        parser = parsed.value.written.rpartition(".")[0]
        home = scope.home_of(parser) if parser and "." not in parser else None
        values += [one.value for one in home.bindings[parser] if one.value is not None] if home is not None else []
    calls = (one for value in values for one in evaluated(value) if isinstance(one, Call))
    pending = [_project_function(program, scope, call) for call in calls]
    # `add_model_options(parser)`, `Model.add_options(parser)`
    pending += [
        (step.target.path, step.target.symbol)
        for step in program.code.unit(*here).steps
        if isinstance(step, CallSite)
        and any(isinstance(one, Name) and one.dotted == parser for one in _given(step.call))
    ]
    while pending:
        unit = pending.pop()
        if unit[0] and unit[1] and unit not in found and unit[1] in program.code.symbols(unit[0]):
            found.add(unit)
            pending.extend(program.code.unit(*unit).refers)
    return found


def _project_function(program: Program, scope: Scope, call: Call) -> tuple[str, str]:
    target = program.code.resolver.resolve(scope, call.target)
    return (target.path, target.symbol) if target.kind is TargetKind.FUNCTION else ("", "")


def _given(call: Call) -> Iterator[Value]:
    yield from call.positional
    for keyword in call.keywords:
        yield keyword.value


def _parses(program: Program, way: Way, step: object) -> bool:
    """True for `args = parser.parse_args()`, also through a function of the project that returns it."""
    if not isinstance(step, AssignSite) or not isinstance(step.value, Call) or not isinstance(step.to, Name):
        return False
    if "." in step.to.dotted or way.happens(step) is Happens.NO:
        return False
    scope = program.code.scope(step.module.path, step.symbol)
    target = program.code.resolver.resolve(scope, step.value.target)
    if _is_parse(target.name, target.method):
        return True
    if not target.path or not target.symbol or step.module.path != way.entry.path:
        return False
    try:
        unit = program.code.unit(target.path, target.symbol)
    except KeyError:
        return False
    return any(isinstance(one, CallSite) and _is_parse(one.name, one.target.method) for one in unit.steps)


def _is_parse(name: str, method: str) -> bool:
    return name.endswith(".parse_args") or method == "parse_args"


def _constants(program: Program, entry: EntryPoint, knowledge: Knowledge) -> ParameterPlace | None:
    """Constants of the entry point's file: at its top, in a dictionary or class of settings, or imported by name."""
    module = program.modules[entry.path]
    scope = program.code.scope(entry.path)
    found: dict[str, Parameter] = {}
    last: Location | None = None
    for name, bindings in scope.bindings.items():
        if len(bindings) != 1 or bindings[0].is_conditional:
            continue
        binding = bindings[0]
        parameters: list[Parameter] = []
        place: Location | None = None
        if binding.kind is BindingKind.ASSIGNED and binding.value is not None:
            place = module.location(binding.value)
            if isinstance(binding.value, Mapping) and _HOLDERS.search(name):
                parameters = list(_of_mapping(name, binding.value))
            elif _is_hyperparameter(name, binding.value, knowledge):
                parameters = [Parameter(name, name)]
        elif binding.kind is BindingKind.CLASS and isinstance(binding.record, Class) and _HOLDERS.search(name):
            place = module.location(binding.record)
            parameters = list(_of_class(scope.child(binding.record), name))
        elif binding.kind is BindingKind.IMPORT and binding.record is not None and name.isupper():
            place = module.location(binding.record)
            reference = Name(binding.record.line, binding.record.column, 0, 0, name)
            if _is_hyperparameter(name, program.code.resolver.value_of(scope, reference)[1], knowledge):
                parameters = [Parameter(name, name)]
        for one in parameters:
            if not knowledge.tracking.is_secret(one.name) and place is not None:
                found.setdefault(one.name, one)
                last = place if last is None else max(last, place, key=lambda where: (where.cell, where.line))
    return None if last is None else ParameterPlace(tuple(found.values()), last, "")


def _of_mapping(name: str, value: Mapping) -> Iterator[Parameter]:
    if value.length != len(value.keys):
        return
    for key, item in zip(value.keys, value.values, strict=True):
        if isinstance(key, Constant) and isinstance(key.value, str) and key.value.isidentifier() and _is_plain(item):
            yield Parameter(key.value, f'{name}["{key.value}"]')


def _of_class(scope: Scope, name: str) -> Iterator[Parameter]:
    for attribute, bindings in scope.bindings.items():
        value = bindings[0].value if len(bindings) == 1 else None
        if value is not None and _is_plain(value) and not attribute.startswith("_"):
            yield Parameter(attribute, f"{name}.{attribute}")


def _is_hyperparameter(name: str, value: Value, knowledge: Knowledge) -> bool:
    """A constant written in capitals, or called as hyperparameters are; no paths, no private names."""
    is_known = name.lower() in knowledge.tracking.hyperparameters or name.lower() in SEED_NAMES
    if name.startswith("_") or not (name.isupper() or is_known) or not _is_plain(value):
        return False
    is_path = isinstance(value, Constant) and isinstance(value.value, str) and bool(_PATH_LIKE.search(value.value))
    return is_known or not is_path


def _is_plain(value: Value) -> bool:
    if isinstance(value, Constant):
        return value.value is not None
    if getattr(value, "operator", "") in {"u-", "u+"}:
        return True
    return isinstance(value, Sequence) and all(isinstance(one, Constant) for one in value.elements)


# ---------------------------------------------------------------------------------------------------- where they are put


def _started_run(program: Program, entry: EntryPoint) -> CallSite | None:
    """The call that starts a run of MLflow; logging before it would start another one."""
    return next((site for site in Way(program, entry).calls if site.name == "mlflow.start_run"), None)


class _Spot(NamedTuple):
    """Where the hyperparameters are all known: how lines are put there, and the statements of that body that come after."""

    insert: Callable[[list[str]], list[Splice]]
    following: Several[ast.stmt]


def _where_known(outline: SourceOutline, place: ParameterPlace) -> _Spot:
    statement = outline.statement_at(place.location.line, place.location.column)
    guard = outline.main_guard()
    if place.symbol or place.is_option:
        body = outline.body_with(statement)
        index = next(index for index, one in enumerate(body) if one is statement)
        return _Spot(lambda lines: outline.insert_after_statement(statement, lines), body[index + 1 :])
    if guard is not None:
        # Constants are there whenever the module is imported; a run begins only when it is started.
        return _Spot(lambda lines: outline.insert_into_body(guard, lines), guard.body)
    index = outline.tree.body.index(_top(outline, statement)) + 1
    return _Spot(lambda lines: outline.insert_after_imports(lines, before=index, blank=1), outline.tree.body[index:])


def _top(outline: SourceOutline, statement: ast.stmt) -> ast.stmt:
    return next(one for one in outline.tree.body if any(inner is statement for inner in ast.walk(one)))


def _in_the_run(outline: SourceOutline, place: ParameterPlace, started: CallSite, call: list[str]) -> list[Splice]:
    if not _knows(started, place):
        raise CannotPlan(
            text("Where mlflow.start_run is called, the hyperparameters are not known."),
            text("Pass them there, and log them with mlflow.log_params."),
        )
    statement = outline.statement_at(started.location.line, started.location.column)
    if isinstance(statement, ast.With | ast.AsyncWith):
        return outline.insert_into_body(statement, call)
    return outline.insert_after_statement(statement, call)


def _call(start: str, parameters: tuple[Parameter, ...], unit: str) -> list[str]:
    """The call on one line where it fits, else an item a line."""
    items = [f'"{one.name}": {one.expression}' for one in parameters]
    line = f"{start}{{{', '.join(items)}}})"
    if len(line) <= _LONGEST_LINE:
        return [line]
    return [f"{start}{{", *[f"{unit}{item}," for item in items], "})"]
