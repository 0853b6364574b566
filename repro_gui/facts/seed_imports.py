"""How a program imports a seed function of another module."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from repro_gui.errors import CannotPlan
from repro_gui.facts.events import Name
from repro_gui.text import text

if TYPE_CHECKING:
    from repro_gui.facts.program import Program
    from repro_gui.facts.seed_functions import SeedFunction
    from repro_gui.facts.source_places import SourceOutline


def can_be_imported(program: Program, entry_path: str, path: str) -> bool:
    """Whether a program can certainly import a module: it does so already, or Python looks there for its neighbours."""
    if path == entry_path or path in program.reached_from(entry_path):
        return True
    if any(entry.path == path for entry in program.entry_points):
        # Another program: importing it may run it, and its folder need not be where Python looks.
        return False
    folder = posixpath.dirname(path)
    if folder == posixpath.dirname(entry_path):
        return True
    top = program.code.finder.dotted_name(path).partition(".")[0]
    dotted = (program.code.finder.dotted_name(one) for one in program.reached_from(entry_path) if one != entry_path)
    return posixpath.join(folder, "__init__.py") in program.modules and any(
        one.partition(".")[0] == top for one in dotted
    )


def import_of_function(
    program: Program, entry_path: str, function: SeedFunction, outline: SourceOutline, level: int
) -> tuple[str, list[str]]:
    """The name that calls a function of another module before a top-level statement, and the import that it still needs."""
    module = program.modules[entry_path]
    for one in module.imports:
        what = one.what
        if one.is_for_typing or one.is_deferred or function.path not in program.code.paths_of(one, entry_path)[-1:]:
            continue
        if outline.statement_index(what.line) >= level and what.name in {"*", function.symbol}:
            # Imported too late for a call that goes above the imports.
            alias = f" as {what.alias}" if what.is_renamed else ""
            line = f"from {'.' * what.level}{what.module} import {function.symbol}{alias}"
            return (what.alias if what.is_renamed else function.symbol), [line]
        if what.name == function.symbol:
            return what.alias, []
        if what.name == "*":
            return function.symbol, []
        if not what.name:
            # `import util` or `import util as u`; `import pkg.util` binds pkg.
            return f"{what.alias if what.is_renamed else what.module}.{function.symbol}", []
        reference = Name(what.line, what.column, what.end_line, what.end_column, what.alias)
        target = program.resolve(module, "", reference)
        if target.path == function.path and not target.symbol:
            return f"{what.alias}.{function.symbol}", []
        return function.symbol, [f"from {'.' * what.level}{what.module} import {function.symbol}"]
    dotted = program.code.finder.dotted_name(function.path)
    folder = posixpath.dirname(function.path)
    if folder == posixpath.dirname(entry_path) and posixpath.join(folder, "__init__.py") not in program.modules:
        # A script finds its neighbours by their plain names.
        dotted = posixpath.basename(function.path).removesuffix(".py")
    found = program.code.finder.find(dotted, entry_path)
    is_certain = can_be_imported(program, entry_path, function.path)
    if not is_certain or found is None or found.path != function.path or function.symbol in outline.names_bound():
        raise CannotPlan(
            text("How {entry} would import {path} is not known.", entry=entry_path, path=function.path),
            text("Import {name} there and call it before anything draws.", name=function.symbol),
        )
    return function.symbol, [f"from {dotted} import {function.symbol}"]
