"""The way the program runs: entry points, imports, calls in order; derived from summaries, pure."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import Call, Value
from repro_gui.facts.scopes import Target, TargetKind
from repro_gui.facts.sources import ModuleSummary
from repro_gui.facts.unavailable import Unavailable
from repro_gui.location import Location
from repro_gui.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.snapshot import ProjectSnapshot


class EntryPoint(msgspec.Struct, frozen=True):
    """Something a person starts.

    `path` is the module or notebook that runs, `symbol` the function where only that is called (console scripts). `how` says how it was
    found, `location` where. `makes_results`: its way reaches training, fitting, evaluation or splitting, or writes a
    model, a metric or data; `because` names the call that decided it. `role` is "results", or why it stands apart: "tests", "setup", "docs",
    "demo", "plots", "other". `is_chosen`: the person named it. `arguments` are what a launcher gives it.
    """

    path: str
    how: Text
    makes_results: bool
    role: str = "results"
    symbol: str = ""
    location: Location | None = None
    because: Text | None = None
    because_location: Location | None = None
    is_chosen: bool = False
    arguments: tuple[str, ...] = ()


class ImportPlace(msgspec.Struct, frozen=True):
    """Where something is imported; `is_optional`: guarded by `try … except ImportError`, or only for type checkers."""

    path: str
    location: Location
    module: str
    is_optional: bool = False
    is_reached: bool = False


class CallSite(msgspec.Struct, frozen=True):
    """One call in the program.

    `symbol` is the qualified name of the enclosing function or class, empty at top level. `is_conditional`: some branch, loop or
    handler in the same function stands round it.
    """

    module: ModuleSummary
    call: Call
    target: Target
    symbol: str = ""
    is_conditional: bool = False

    @property
    def name(self) -> str:
        """The canonical dotted name of what is called, "" when unknown."""
        return self.target.name

    @property
    def location(self) -> Location:
        """The whole call's place."""
        return self.module.location(self.call)


class Program(msgspec.Struct, frozen=True, dict=True):
    """The way the program runs.

    `entry_points` holds all, results first; with no result entry point `why_none` says why (checks then cannot tell). `order`
    is every module that result entry points reach by imports, in the order in which they are first imported
    (dependencies before the importer's later code). `third_party_imports` is by top-level name over all modules;
    `missing_imports` are absolute or relative imports of project modules that are nowhere.
    """

    modules: Mapping[str, ModuleSummary] = {}
    entry_points: tuple[EntryPoint, ...] = ()
    why_none: Text | None = None
    order: tuple[str, ...] = ()
    third_party_imports: Mapping[str, tuple[ImportPlace, ...]] = {}
    missing_imports: tuple[ImportPlace, ...] = ()

    @property
    def result_entry_points(self) -> tuple[EntryPoint, ...]:
        """Those that make results; the rest stands apart."""
        return tuple(entry for entry in self.entry_points if entry.makes_results)

    @cached_property
    def reached(self) -> frozenset[str]:
        """Paths of all modules that result entry points reach by imports."""
        return frozenset(self.order)

    @property
    def unread(self) -> tuple[ModuleSummary, ...]:
        """Reached modules that could not be read whole: ways through them are cannot-tell."""
        return tuple(
            self.modules[path]
            for path in self.order
            if self.modules[path].not_parsed is not None or self.modules[path].broken_cells
        )

    def reached_from(self, path: str) -> tuple[str, ...]:
        """Modules that running this module reaches by imports, in import order, itself last among its own top level."""
        return ()

    def calls(self, path: str = "") -> Iterator[CallSite]:
        """Calls in functions that can run when the result entry points (or the one at `path`) run.

        Module by module in import order, within a module in order of evaluation. A function counts as reached when reached
        code names it, or names its class and a method of that name; functions nobody names are left out.
        """
        return iter(())

    def all_calls(self) -> Iterator[CallSite]:
        """Calls in every function of every module of the project, tests and unreached ones too."""
        return iter(())

    def resolve(self, module: ModuleSummary, symbol: str, value: Value) -> Target:
        """What a value in the scope of that symbol ("" = top level) stands for."""
        return Target(TargetKind.UNKNOWN)

    def constant(self, module: ModuleSummary, symbol: str, value: Value) -> Value:
        """The value with names that are bound exactly once to a constant replaced by it; itself when that is not known."""
        return value


def trace_program(snapshot: ProjectSnapshot, knowledge: Knowledge) -> Program | Unavailable:
    """Follow the program from its entry points."""
    return Program()
