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


_SEEDS_TORCH = frozenset({"torch.manual_seed", "torch.cuda.manual_seed_all", "torch.cuda.manual_seed"})
_SEEDS_TENSORFLOW = frozenset({"tensorflow.random.set_seed", "keras.utils.set_random_seed"})


def site_to_set_flags(use: RandomUse, seeds: frozenset[str] = _SEEDS_TORCH) -> CallSite | None:
    """The seeding (of PyTorch) that flags belong beside; None where the entry point has none that always runs."""
    for seeding in use.seedings:
        if seeding.name in seeds and seeding.happens is Happens.YES and seeding.kind is not SeedKind.RESTORED:
            return seeding.site
    return None


def plan_flag(use: RandomUse, flags: Sequence[tuple[str, str]], content: bytes) -> bytes:
    """Assign values to attributes of torch, beside the seed or below the imports of the entry point."""
    return _plan_lines(use, {"torch": "torch"}, [f"{flag} = {value}" for flag, value in flags], content)


def plan_strict_algorithms(use: RandomUse, content: bytes) -> bytes:
    """Switch on deterministic algorithms of torch, and the workspace that cuBLAS needs for them, in the same place."""
    lines = [
        'os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")',
        "torch.use_deterministic_algorithms(True)",
    ]
    return _plan_lines(use, {"os": "os", "torch": "torch"}, lines, content)


def plan_op_determinism(use: RandomUse, content: bytes) -> bytes:
    """Switch on deterministic operations of TensorFlow beside its seed, without which random ones raise."""
    lines = ["tensorflow.config.experimental.enable_op_determinism()"]
    return _plan_lines(use, {"tensorflow": "tf"}, lines, content, _SEEDS_TENSORFLOW)


def place_of_op_determinism(use: RandomUse) -> str:
    """The file in which deterministic operations of TensorFlow are switched on."""
    return place_of_flags(use, _SEEDS_TENSORFLOW)


def place_of_flags(use: RandomUse, seeds: frozenset[str] = _SEEDS_TORCH) -> str:
    """The file in which flags are set."""
    site = site_to_set_flags(use, seeds)
    return use.entry.path if site is None else site.location.path


def _plan_lines(
    use: RandomUse,
    packages: dict[str, str],
    lines: Sequence[str],
    content: bytes,
    seeds: frozenset[str] = _SEEDS_TORCH,
) -> bytes:
    """Write statements that begin with the names of packages, which are imported where they are not yet."""
    site = site_to_set_flags(use, seeds)
    path = place_of_flags(use, seeds)
    cell = -1
    if site is not None:
        cell = site.location.cell
    elif path.endswith(".ipynb"):
        cell = _first_cell_with_imports(content, path)
    outline = SourceOutline(SourceText(content, path, cell))
    names: dict[str, str] = {}
    imports: list[str] = []
    before = outline.import_block_end() if site is None else outline.index_when_run(site.location.line)
    for package, alias in packages.items():
        # `import tensorflow.compat.v2 as tf` has everything that TensorFlow 2 has.
        same = outline.modules_bound(before).get(f"{package}.compat.v2")
        names[package], needed = (same, []) if same is not None else import_lines(outline, package, alias, before)
        imports += needed
    written = [names[line.partition(".")[0]] + "." + line.partition(".")[2] for line in lines]
    if site is not None:
        splices = outline.insert_after_statement(
            outline.statement_at(site.location.line, site.location.column), written
        )
    else:
        splices = outline.insert_after_imports(written, before=outline.import_block_end(), blank=1)
    return edited(outline.source, [*outline.insert_imports(imports, before), *splices])


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
                if site.module.location(site.value) == location:
                    # In a string that is evaluated every part has the place of the call.
                    raise CannotPlan(
                        text("{path} sets the flag in a string.", path=location.path), text("Change it there by hand.")
                    )
                return edited(source, replace_expression(source, site.module.location(site.value), value))
            known = knowledge.randomness.flag_call(knowledge.randomness.canonical(site.name))
            if isinstance(site, CallSite) and known is not None and known.parameter:
                return edited(source, set_keyword(source, location, known.parameter, value, known.position))
    raise CannotPlan(
        text("{path} does not set the flag there any more.", path=location.path), text("Audit the project again.")
    )
