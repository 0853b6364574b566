"""Plans the edits that seed what an entry point draws from: complete a seed function, call it, or write one.

Everything is planned over the sources as the audit saw them; the only bytes asked for are those of the files that change.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from repro_gui.changes.change_set import FileChange
from repro_gui.errors import CannotPlan
from repro_gui.facts.child_processes import number_of_child
from repro_gui.facts.random_use import RandomUse, Seeding, SeedKind
from repro_gui.facts.seed_functions import SeedFunction, seed_functions
from repro_gui.facts.seed_imports import can_be_imported, import_of_function
from repro_gui.facts.seed_places import FirstDraw, SeedValue, first_draw, precedes_all_draws, project_seeds
from repro_gui.facts.source_edits import edited, parse_source, set_option_default
from repro_gui.facts.source_places import SourceOutline, import_lines
from repro_gui.facts.source_text import SourceText, Splice, code_cells
from repro_gui.facts.tensorflow_determinism import GRAPH_MODE, is_for_version_1
from repro_gui.facts.ways import Happens
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.child_processes import Child
    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import CallSite

DEFAULT_SEED = "42"
_DOCSTRING = '"""Start every random number generator from the same place, so that a run can be repeated."""'
# What a library is called in a file that does not import it yet.
_ALIASES = {"numpy": "np", "tensorflow": "tf", "cupy": "cp"}
# Frameworks whose users expect their own seed function: package, module, function, further arguments.
_FRAMEWORKS = (
    ("lightning", "lightning.pytorch", "seed_everything", ", workers=True"),
    ("pytorch_lightning", "pytorch_lightning", "seed_everything", ", workers=True"),
    ("accelerate", "accelerate.utils", "set_seed", ""),
    ("transformers", "transformers", "set_seed", ""),
)
_FRAMEWORKS_SEED = frozenset({"python", "numpy", "torch", "cuda"})
_TENSORFLOW_1 = "tensorflow.compat.v1"
_CUDNN_FLAGS = ("torch.backends.cudnn.deterministic = True", "torch.backends.cudnn.benchmark = False")


class SeedPlan(msgspec.Struct, frozen=True):
    """Where the seed goes: into a function of the project, or beside a seeding call; with neither something new is written."""

    function: SeedFunction | None = None
    is_called: bool = False
    beside: CallSite | None = None

    def paths(self, entry_path: str) -> tuple[str, ...]:
        """The files that the plan changes."""
        if self.beside is not None:
            return (self.beside.module.path,)
        return (entry_path,) if self.function is None else tuple(dict.fromkeys((entry_path, self.function.path)))


def choose_plan(program: Program, knowledge: Knowledge, use: RandomUse, missing: Sequence[str]) -> SeedPlan:
    """How the missing generators of an entry point are best seeded in this project."""
    functions = seed_functions(program, knowledge)
    kinds = {SeedKind.CONSTANT, SeedKind.DEFAULT, SeedKind.VARIABLE}
    steady = [one for one in use.seedings if one.happens is Happens.YES and one.kind in kinds and not one.only_inside]
    for seeding in steady:
        for function in functions:
            if (seeding.site.module.path, seeding.site.symbol) == (function.path, function.symbol):
                return SeedPlan(function, is_called=True)
    for seeding in steady:
        if _can_stand_beside(program, knowledge, use, seeding, missing):
            return SeedPlan(beside=seeding.site)
    fitting = [one for one in functions if one.takes_only_a_seed and not one.path.endswith(".ipynb")]
    usable = [one for one in fitting if can_be_imported(program, use.entry.path, one.path)]
    if usable and not use.entry.path.endswith(".ipynb"):
        reached = set(program.reached_from(use.entry.path))
        usable.sort(key=lambda one: (one.path not in reached, -len(one.generators), one.path))
        return SeedPlan(usable[0])
    if functions and not fitting and not use.entry.path.endswith(".ipynb"):
        # A second function beside one that is there would only be one more to keep in step.
        raise CannotPlan(
            text("{path} has {name}, which needs more than a seed.", path=functions[0].path, name=functions[0].symbol),
            text("Call it by hand where the program starts, before anything draws."),
        )
    return SeedPlan()


def _can_stand_beside(
    program: Program, knowledge: Knowledge, use: RandomUse, seeding: Seeding, missing: Sequence[str]
) -> bool:
    """Whether seeding the missing right below an inline seeding call comes before everything that draws from them."""
    site = seeding.site
    generator_calls = {generator.seed_call for generator in knowledge.randomness.generators}
    return (
        seeding.name in generator_calls
        and site.module.path == use.entry.path
        and not site.is_conditional
        and precedes_all_draws(program, use, site.location, site.symbol, missing)
    )


def plan_seed_edits(
    program: Program, knowledge: Knowledge, use: RandomUse, missing: Sequence[str], read: Callable[[str], bytes]
) -> tuple[FileChange, ...]:
    """The changes that seed the missing generators before anything draws; raises `CannotPlan` where no place is certain."""
    plan = choose_plan(program, knowledge, use, missing)
    knowledge = _spelled_for(use, knowledge, missing)
    before = {path: read(path) for path in plan.paths(use.entry.path)}
    after = dict(before)
    entry_path = use.entry.path
    if plan.beside is not None:
        path = plan.beside.module.path
        after[path] = _seed_beside(knowledge, plan.beside, missing, before[path])
    elif plan.function is not None:
        function = plan.function
        lacking = [one for one in missing if one not in function.generators]
        if lacking:
            after[function.path] = _complete(knowledge, function, lacking, before[function.path])
        if not plan.is_called:
            after[entry_path] = _call(program, use, function, after[entry_path])
    else:
        after[entry_path] = plan_new_seed(program, knowledge, use, missing, before[entry_path])
    return tuple(FileChange(path, before[path], after[path]) for path in before if before[path] != after[path])


def plan_new_seed(
    program: Program, knowledge: Knowledge, use: RandomUse, missing: Sequence[str], content: bytes
) -> bytes:
    """The entry point's file with a seeding of its own before anything draws, whatever is seeded later."""
    knowledge = _spelled_for(use, knowledge, missing)
    if use.entry.path.endswith(".ipynb"):
        return _write_into_notebook(program, knowledge, use, missing, content)
    return _write_function(program, knowledge, use, missing, content)


def _spelled_for(use: RandomUse, knowledge: Knowledge, missing: Sequence[str]) -> Knowledge:
    """The knowledge with the seed call of TensorFlow 1 where the program is written for that."""
    if "tensorflow" not in missing or not is_for_version_1(use, knowledge):
        return knowledge
    generators = tuple(
        msgspec.structs.replace(one, seed_call=one.older_seed_call) if one.id == "tensorflow" else one
        for one in knowledge.randomness.generators
    )
    randomness = msgspec.structs.replace(knowledge.randomness, generators=generators)
    return msgspec.structs.replace(knowledge, randomness=randomness)


def plan_call(
    program: Program, use: RandomUse, function: SeedFunction, read: Callable[[str], bytes]
) -> tuple[FileChange, ...]:
    """The change that calls a seed function of the project where an entry point starts."""
    before = read(use.entry.path)
    return (FileChange(use.entry.path, before, _call(program, use, function, before)),)


def plan_child_seed(
    program: Program, knowledge: Knowledge, starts: Sequence[Child], missing: Sequence[str], content: bytes
) -> bytes:
    """The file of a function that runs in a process of its own, seeding there at its start; each of several processes by its number.

    `starts` are all calls that start it. Raises `CannotPlan` where the function is not one that stands at the top of a module.
    """
    path, symbol = starts[0].unit
    number = number_of_child(program, starts[0]) if len(starts) == 1 else ""
    if len(starts) > 1 or starts[0].what.is_pool or (starts[0].site.is_in_loop and not number):
        # The same seed in every task would give all of them the same numbers.
        raise CannotPlan(
            text("{name} runs several times, each time in a process of its own.", name=symbol),
            text("Give each of them another seed as an argument, and make a generator from it."),
        )
    if path.endswith(".ipynb"):
        raise CannotPlan(
            text("What runs in processes of its own is not edited in a notebook."),
            text("Seed at the start of {name} by hand.", name=symbol),
        )
    outline = SourceOutline(SourceText(content, path))
    owner = outline.function(symbol)
    if owner is None:
        raise CannotPlan(
            text("{path} does not define {name} any more.", path=path, name=symbol), text("Audit the project again.")
        )
    value = f"{DEFAULT_SEED} + {number}" if number else DEFAULT_SEED
    fitting = [
        one
        for one in seed_functions(program, knowledge)
        if one.path == path and one.takes_only_a_seed and one.parameter is not None and set(missing) <= one.generators
    ]
    if fitting:
        return edited(outline.source, outline.insert_into_body(owner, [f"{fitting[0].symbol}({value})"]))
    lines, imports = _seed_calls(knowledge, outline, missing, value)
    return edited(outline.source, [*outline.insert_imports(imports), *outline.insert_into_body(owner, lines)])


# --------------------------------------------------------------------------------------------- beside what seeds already


def _seed_beside(knowledge: Knowledge, site: CallSite, generators: Sequence[str], content: bytes) -> bytes:
    """Seed further generators right below a seeding call, with its value."""
    location = site.location
    source = SourceText(content, location.path, location.cell)
    outline = SourceOutline(source)
    statement = outline.statement_at(location.line, location.column)
    before = outline.index_when_run(location.line)
    lines, imports = _seed_calls(knowledge, outline, generators, _value_text(knowledge, source, site), before=before)
    return edited(source, [*outline.insert_imports(imports, before), *outline.insert_after_statement(statement, lines)])


def _value_text(knowledge: Knowledge, source: SourceText, site: CallSite) -> str:
    known = knowledge.randomness.seed_call(knowledge.randomness.canonical(site.name))
    given = site.call.argument(known.parameter, known.position) if known is not None else None
    if given is None:
        return DEFAULT_SEED
    start, end = source.segment(site.module.location(given))
    return source.text[start:end]


def _complete(knowledge: Knowledge, function: SeedFunction, generators: Sequence[str], content: bytes) -> bytes:
    """Seed further generators in a seed function: below its last seeding call that no condition stands round."""
    certain = [site for site in function.sites if not site.is_conditional]
    if certain:
        return _seed_beside(knowledge, certain[-1], generators, content)
    location = function.sites[0].location
    source = SourceText(content, function.path, location.cell)
    outline = SourceOutline(source)
    owner = outline.function(function.symbol)
    value = function.parameter.name if function.parameter is not None else DEFAULT_SEED
    if owner is None:
        raise CannotPlan(
            text("{path} does not define {name} any more.", path=function.path, name=function.symbol),
            text("Audit the project again."),
        )
    lines, imports = _seed_calls(knowledge, outline, generators, value)
    return edited(source, [*outline.insert_imports(imports), *outline.insert_into_body(owner, lines)])


def _seed_calls(
    knowledge: Knowledge,
    outline: SourceOutline,
    generators: Sequence[str],
    value: str,
    known: Mapping[str, str] | None = None,
    before: int | None = None,
) -> tuple[list[str], list[str]]:
    """The calls that seed generators with a value, and the imports that they still need before a top-level statement.

    `known` are names that modules have from somewhere else: the cells above.
    """
    lines: list[str] = []
    imports: list[str] = []
    if "keras" in generators:
        # Keras seeds random, NumPy and TensorFlow along with itself.
        generators = [one for one in generators if one not in {"python", "numpy", "tensorflow"}]
    for one in generators:
        generator = knowledge.randomness.generator(one)
        name, needed = _package_name(outline, generator.package, known or {}, before)
        imports.extend(line for line in needed if line not in imports)
        is_older = needed == [] and name == _name_of_version_1(outline, known or {}) and bool(generator.older_seed_call)
        seed_call = generator.older_seed_call if is_older else generator.seed_call
        lines.append(f"{name}{seed_call.removeprefix(generator.package)}({value})")
    return lines, imports


def _package_name(
    outline: SourceOutline, package: str, known: Mapping[str, str], before: int | None
) -> tuple[str, list[str]]:
    bound = {**known, **outline.modules_bound(before)}
    if package in bound:
        return bound[package], []
    for same in ("tensorflow.compat.v2", _TENSORFLOW_1):
        if package == "tensorflow" and same in bound:
            return bound[same], []
    if package == "keras" and "tensorflow.keras" in bound:
        return bound["tensorflow.keras"], []
    for whole in ("tensorflow", "tensorflow.compat.v2"):
        if package == "keras" and whole in bound:
            return f"{bound[whole]}.keras", []
    return import_lines(outline, package, _ALIASES.get(package, package), before)


def _name_of_version_1(outline: SourceOutline, known: Mapping[str, str]) -> str | None:
    """The name of TensorFlow's old interface, where a file imports nothing else of TensorFlow."""
    bound = {**known, **outline.modules_bound()}
    return None if {"tensorflow", "tensorflow.compat.v2"} & bound.keys() else bound.get(_TENSORFLOW_1)


# ------------------------------------------------------------------------------------------- call it, or write it first


class _Snippet(msgspec.Struct, frozen=True):
    """What seeds: a function's `name`, the imports and the definition that it still needs, and how it is called.

    `takes` is false for functions without a seed, `default` what they get (empty: their own default), `further` what comes after it.
    `after_line` is the line of the definition in the same file that the call must follow.
    """

    name: str
    imports: tuple[str, ...] = ()
    definition: tuple[str, ...] = ()
    takes: bool = True
    default: str = DEFAULT_SEED
    further: str = ""
    after_line: int = 0

    def call(self, seed: SeedValue | None) -> str:
        """The call, with a seed of the project where there is one."""
        if not self.takes:
            return f"{self.name}()"
        given = self.default if seed is None else seed.text
        return f"{self.name}({given}{self.further})"


def _call(program: Program, use: RandomUse, function: SeedFunction, content: bytes) -> bytes:
    """Call a seed function of the project before the entry point's code draws anything."""
    takes = function.parameter is not None
    default = "" if function.parameter is not None and function.parameter.default is not None else DEFAULT_SEED
    if function.path != use.entry.path:
        outline = SourceOutline(SourceText(content, use.entry.path))
        level = _level(program, use, outline)
        name, imports = import_of_function(program, use.entry.path, function, outline, level)
        return _place(program, use, outline, _Snippet(name, tuple(imports), takes=takes, default=default))
    if use.entry.path.endswith(".ipynb"):
        return _call_in_notebook(
            program, use, function, content, _Snippet(function.symbol, takes=takes, default=default)
        )
    outline = SourceOutline(SourceText(content, use.entry.path))
    snippet = _Snippet(function.symbol, takes=takes, default=default, after_line=function.location.line)
    return _place(program, use, outline, snippet)


def _level(program: Program, use: RandomUse, outline: SourceOutline) -> int:
    """Index of the top-level statement before which a script can seed: the first below its imports, or its first draw."""
    return min(outline.import_block_end(), _index_of_draw(first_draw(program, use), outline))


def _index_of_draw(first: FirstDraw, outline: SourceOutline) -> int:
    return len(outline.tree.body) if first.location is None else outline.statement_index(first.location.line)


def _place(program: Program, use: RandomUse, outline: SourceOutline, snippet: _Snippet) -> bytes:
    """Put the imports, the definition and the call of a snippet where the entry point starts, before its first draw."""
    first = first_draw(program, use)
    before_draw = _index_of_draw(first, outline)
    block_end = outline.import_block_end()
    if snippet.after_line:
        block_end = max(block_end, outline.statement_index(snippet.after_line) + 1)
        if before_draw < block_end:
            raise CannotPlan(
                text("{path} draws before it defines {name}.", path=use.entry.path, name=snippet.name),
                text("Move the definition above the first draw, then audit again."),
            )
    level = min(block_end, before_draw)
    seed = _usable_seed(program, use, outline, before_draw) if snippet.takes else None
    call = snippet.call(seed)
    # What draws while the imports run must find the generators seeded: then everything goes above them.
    is_above_imports = level < outline.import_block_end()
    splices = [] if is_above_imports else outline.insert_imports(snippet.imports)
    block = (
        [*snippet.imports, *(["", ""] if snippet.definition and snippet.imports else [])] if is_above_imports else []
    )
    block += snippet.definition
    inner = None if is_above_imports else _inner_place(use, outline, first, before_draw, seed, call)
    if seed is not None and seed.option is not None:
        splices += set_option_default(outline.source, seed.option, DEFAULT_SEED)
    if inner is None:
        if seed is not None:
            level = max(level, outline.statement_index(seed.location.line) + 1)
        block += ["", "", call] if snippet.definition else [call]
    else:
        splices += inner
    if block:
        blank = (2 if snippet.definition else 1) if level else 0
        # Two lines are due after a definition, not after the call that follows it.
        splices += outline.insert_after_imports(
            block, before=level, blank=blank, blank_after=1 if inner is None else blank
        )
    return edited(outline.source, splices)


def _inner_place(
    use: RandomUse, outline: SourceOutline, first: FirstDraw, before_draw: int, seed: SeedValue | None, call: str
) -> list[Splice] | None:
    """Insert the call into the function or block where the program starts; None where it belongs to the module's top level."""
    if seed is not None and seed.symbol:
        statement = outline.statement_at(seed.location.line, seed.location.column)
        return outline.insert_after_statement(statement, [call])
    if first.is_import:
        return None
    start = outline.function(use.entry.symbol) if use.entry.symbol else None
    if start is not None:
        return outline.insert_into_body(start, [call])
    guard = outline.main_guard()
    if guard is None or not first.is_certain or before_draw < outline.tree.body.index(guard):
        return None
    if seed is not None and outline.statement_index(seed.location.line) >= outline.tree.body.index(guard):
        # A seed that the guarded block makes itself is known only below that line.
        return outline.insert_after_statement(outline.statement_at(seed.location.line, seed.location.column), [call])
    return outline.insert_into_body(guard, [call])


def _usable_seed(program: Program, use: RandomUse, outline: SourceOutline, before_draw: int) -> SeedValue | None:
    """A seed of the project that is known before the first draw."""
    guard = outline.main_guard()
    for seed in project_seeds(program, use, with_optional=True):
        index = outline.statement_index(seed.location.line)
        is_inside = seed.symbol or (guard is not None and index == outline.tree.body.index(guard))
        if is_inside:
            if precedes_all_draws(program, use, seed.location, seed.symbol):
                return seed
        elif index < before_draw:
            return seed
    return None


def _framework(use: RandomUse, missing: Sequence[str]) -> tuple[str, str, str] | None:
    if not set(missing) <= _FRAMEWORKS_SEED:
        return None
    for package, module, function, further in _FRAMEWORKS:
        if package in use.uses_packages:
            return module, function, further
    return None


def _write_function(
    program: Program, knowledge: Knowledge, use: RandomUse, missing: Sequence[str], content: bytes
) -> bytes:
    outline = SourceOutline(SourceText(content, use.entry.path))
    level = _level(program, use, outline)
    framework = _framework(use, missing)
    if framework is not None:
        module, function, further = framework
        name, imports = _framework_name(outline, module, function, level)
        return _place(program, use, outline, _Snippet(name, tuple(imports), further=further))
    name = outline.free_name("set_seed", "seed_everything", "fix_seeds")
    lines, imports = _seed_calls(knowledge, outline, missing, "seed", before=level)
    if "torch" in missing and use.uses_gpu:
        torch_name, _ = _package_name(outline, "torch", {}, level)
        lines += [torch_name + flag.removeprefix("torch") for flag in _CUDNN_FLAGS]
    unit = outline.unit
    definition = (
        f"def {name}(seed: int = {DEFAULT_SEED}) -> None:",
        unit + _DOCSTRING,
        *[unit + line for line in lines],
    )
    after_line = _line_of_graph_mode(use, outline) if "tensorflow" in missing else 0
    return _place(program, use, outline, _Snippet(name, tuple(imports), definition, after_line=after_line))


def _line_of_graph_mode(use: RandomUse, outline: SourceOutline) -> int:
    """The line of the top-level call that switches TensorFlow to graphs, where there is one; what is seeded above it is forgotten."""
    for site in use.way.calls_of(*GRAPH_MODE):
        index = -1
        if site.module.path == use.entry.path and not site.symbol:
            index = outline.statement_index(site.location.line)
        if index < 0 or not isinstance(outline.tree.body[index], ast.Expr):
            raise CannotPlan(
                text(
                    "{path} switches TensorFlow to graphs, which forgets a seed from before.", path=site.location.path
                ),
                text("Seed right below line {line} by hand.", line=site.location.line),
            )
        return site.location.line
    return 0


def _framework_name(outline: SourceOutline, module: str, function: str, before: int | None) -> tuple[str, list[str]]:
    """The name of a framework's seed function in this file, through a module that is imported already where there is one."""
    bound = outline.modules_bound(before)
    if f"{module}.{function}" not in bound:
        # `import lightning as L` has it too.
        for one in (module, module.partition(".")[0]):
            if one in bound and one != "accelerate":
                return f"{bound[one]}.{function}", []
    return import_lines(outline, f"{module}.{function}", function, before)


# --------------------------------------------------------------------------------------------------------- notebooks


def _write_into_notebook(
    program: Program, knowledge: Knowledge, use: RandomUse, missing: Sequence[str], content: bytes
) -> bytes:
    """Seed in the first cell that imports, below its imports, or above the statement that draws first."""
    path = use.entry.path
    first = first_draw(program, use)
    known: dict[str, str] = {}
    for cell in code_cells(content, path):
        if first.location is not None and cell > first.location.cell:
            break
        source = SourceText(content, path, cell)
        if parse_source(source.text) is None:
            continue
        outline = SourceOutline(source)
        draws_here = first.location is not None and first.location.cell == cell
        end = outline.import_block_end()
        if end > outline.prologue_end() or draws_here:
            index = end
            if draws_here and first.location is not None:
                index = min(index, outline.statement_index(first.location.line))
            known.update(outline.modules_bound(index))
            return _write_into_cell(program, knowledge, use, missing, outline, index, known)
        known.update(outline.modules_bound())
    raise CannotPlan(
        text("No cell of {path} comes before its first draw.", path=path),
        text("Seed in a cell at the top, then audit again."),
    )


def _write_into_cell(
    program: Program,
    knowledge: Knowledge,
    use: RandomUse,
    missing: Sequence[str],
    outline: SourceOutline,
    index: int,
    known: Mapping[str, str],
) -> bytes:
    cell = outline.source.cell
    value = DEFAULT_SEED
    for seed in project_seeds(program, use):
        is_above = seed.location.cell < cell
        if not seed.symbol and (
            is_above or (seed.location.cell == cell and outline.statement_index(seed.location.line) < index)
        ):
            value = seed.text
            break
    framework = _framework(use, missing)
    if framework is not None:
        module, function, further = framework
        name, imports = _framework_name(outline, module, function, index)
        lines = [f"{name}({value}{further})"]
    else:
        lines, imports = _seed_calls(knowledge, outline, missing, value, known, index)
    block = [*imports, *([""] if imports else []), *lines]
    return edited(outline.source, outline.insert_after_imports(block, before=index, blank=1))


def _call_in_notebook(
    program: Program, use: RandomUse, function: SeedFunction, content: bytes, snippet: _Snippet
) -> bytes:
    """Call a seed function right below its definition."""
    location = function.location
    if not precedes_all_draws(program, use, location, ""):
        raise CannotPlan(
            text("{path} draws before it defines {name}.", path=use.entry.path, name=function.symbol),
            text("Move the cell that defines it to the top, then audit again."),
        )
    outline = SourceOutline(SourceText(content, use.entry.path, location.cell))
    index = outline.statement_index(location.line) + 1
    return edited(outline.source, outline.insert_after_imports([snippet.call(None)], before=index, blank=2))
