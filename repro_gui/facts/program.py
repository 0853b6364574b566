"""The way the program runs: entry points, imports, calls in order; derived from summaries, pure."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from repro_gui.facts.configs import ConfigFile
from repro_gui.facts.entry_points import EntryPoint, find_entry_points
from repro_gui.facts.events import Value
from repro_gui.facts.modules import ModuleFinder
from repro_gui.facts.reach import Code, Reach
from repro_gui.facts.scopes import Target, TargetKind
from repro_gui.facts.sources import ModuleSummary
from repro_gui.facts.steps import AssignSite, CallSite, Step, Unit
from repro_gui.facts.unavailable import Unavailable
from repro_gui.facts.unit_index import UnitIndex
from repro_gui.location import Location
from repro_gui.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.snapshot import ProjectSnapshot

_T = TypeVar("_T")

__all__ = ["AssignSite", "CallSite", "EntryPoint", "ImportPlace", "Program", "trace_program"]


class ImportPlace(msgspec.Struct, frozen=True):
    """Where something is imported.

    `is_optional`: guarded by `try … except ImportError` and the like, or only for type checkers. `is_reached`: on the way from a
    result entry point.
    """

    path: str
    location: Location
    module: str
    is_optional: bool = False
    is_reached: bool = False


class Program(msgspec.Struct, frozen=True, dict=True, eq=False):
    """The way the program runs.

    `entry_points` holds all, those that make results first; with none of these `why_none` says why (checks then cannot
    tell). `third_party_imports` is by top-level name over all modules, tests too; `missing_imports` are imports of modules of the
    project that are nowhere. `gaps` says what could not be looked at.
    """

    code: Code
    entry_points: tuple[EntryPoint, ...] = ()
    why_none: Text | None = None
    gaps: tuple[Text, ...] = ()
    configs: tuple[ConfigFile, ...] = ()

    @property
    def modules(self) -> Mapping[str, ModuleSummary]:
        """All modules and Python notebooks of the project by path."""
        return self.code.modules

    @cached_property
    def result_entry_points(self) -> tuple[EntryPoint, ...]:
        """Those that make results; the rest stands apart."""
        return tuple(entry for entry in self.entry_points if entry.makes_results)

    @cached_property
    def remembered(self) -> dict[Hashable, Any]:
        """What was worked out from this program, for the modules that work it out: several checks ask for the same."""
        return {}

    def once(self, work_out: Callable[..., _T], *given: object) -> _T:
        """What `work_out(program, *given)` gives, worked out when it is first asked for; what is given counts by its identity."""
        key = ("once", work_out, *[id(one) for one in given])
        if key not in self.remembered:
            # What is given is kept by it, so that another thing cannot come in its place.
            self.remembered[key] = (work_out(self, *given), given)
        found: _T = self.remembered[key][0]
        return found

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Paths of all modules that result entry points reach, each after those it imports."""
        return self._reach.modules

    @cached_property
    def reached(self) -> frozenset[str]:
        """Paths of all modules that result entry points reach by imports."""
        return frozenset(self.order)

    def settle_limit(self) -> None:
        """Follow what may go beyond the limit of nodes now, so that every question finds the same left out."""
        if self.code.may_exceed_limit:
            assert self.order is not None

    @property
    def unread(self) -> tuple[ModuleSummary, ...]:
        """Reached modules that could not be read whole: ways through them are cannot-tell."""
        reached = (self.modules[path] for path in self.order)
        return tuple(module for module in reached if module.not_parsed is not None or module.broken_cells)

    def reached_from(self, path: str) -> Collection[str]:
        """Modules that running this one reaches by imports, each after those it imports, itself last; looked up at once."""
        return self.code.import_order(path) if path in self.modules else ()

    def reached_functions(self, path: str, entry: EntryPoint | None = None) -> frozenset[str]:
        """Symbols of the functions of a module that can run ("" for its top level) from one or all result entry points."""
        return self._reach_of(entry).functions.get(path, frozenset())

    def steps(self, entry: EntryPoint | None = None) -> Iterator[Step]:
        """Calls and assignments that can happen when one entry point, or any that makes results, runs.

        Module by module in import order; a module's top level before its functions; within each in order of evaluation.
        A function counts as reached when reached code names it, or names its class and an attribute of its name, or
        hands it to a decorator; methods of classes with bases from outside may be called by these.
        """
        return self.code.steps(self._reach_of(entry))

    def mains(self, entry: EntryPoint) -> frozenset[str]:
        """The modules that one entry point starts, itself among them: in these `__name__` is "__main__"."""
        return self._reach_of(entry).mains

    def units(self, entry: EntryPoint) -> dict[Unit, int]:
        """The units behind the `steps` of one entry point, in the order of these, numbered."""
        key = ("units", entry.start)
        if key not in self.remembered:
            units = self.code.units(self._reach_of(entry))
            self.remembered[key] = {unit: number for number, unit in enumerate(units)}
        found: dict[Unit, int] = self.remembered[key]
        return found

    def told_of(self, order: dict[Unit, int], tell: Callable[..., Iterable[_T]], *given: object) -> Iterator[_T]:
        """What a function tells of units (`tell(unit, *given)`), in their order; asked once, however many entry points share them.

        It may look at nothing but the code and what is given, and not at how an entry point reaches the unit. What is given
        counts by its identity, words by what they say.
        """
        key = ("told", tell, *[one if isinstance(one, str) else id(one) for one in given])
        if key not in self.remembered:
            # What is given is kept by it, so that another thing cannot come in its place.
            self.remembered[key] = UnitIndex(_without_key, (tell, *given))
        index: UnitIndex[_T] = self.remembered[key]
        index.add(order)
        return iter(index.of(None, order))

    def index_of(self, tell: Callable[..., Iterable[tuple[Hashable, _T]]], *given: object) -> UnitIndex[_T]:
        """What units tell by keys, one index for all entry points; the same holds for `tell` as in `told_of`."""
        key = ("index", tell, *[id(one) for one in given])
        if key not in self.remembered:
            self.remembered[key] = UnitIndex(tell, given)
        found: UnitIndex[_T] = self.remembered[key]
        return found

    def calls(self, entry: EntryPoint | None = None) -> Iterator[CallSite]:
        """The calls among `steps`."""
        return (step for step in self.steps(entry) if isinstance(step, CallSite))

    def assignments(self, entry: EntryPoint | None = None) -> Iterator[AssignSite]:
        """The assignments among `steps`, one for each target."""
        return (step for step in self.steps(entry) if isinstance(step, AssignSite))

    def all_steps(self) -> Iterator[Step]:
        """Steps of every function of every module of the project in path order, tests and unreached ones too."""
        for path in sorted(self.modules):
            yield from self._steps_in(path)

    def all_calls(self, last_names: Collection[str], within: Collection[str] | None = None) -> Iterator[CallSite]:
        """The calls among `all_steps` of every module that calls something with one of these last names ("urlretrieve").

        Names under which some module imports or binds such a thing count as well; the other calls of those modules come along.
        `within` are the only paths to look at. The rest of a large project is not decoded for this.
        """
        # What is called without a name (`getter()(url)`) may be anything.
        wanted = self.with_other_names(last_names) | {"()"}
        for path in sorted(self.modules if within is None else within):
            if self.modules[path].may_call(wanted):
                yield from (step for step in self._steps_in(path) if isinstance(step, CallSite))

    def _steps_in(self, path: str) -> Iterator[Step]:
        for symbol in self.code.symbols(path):
            yield from self.code.unit(path, symbol).steps

    def with_other_names(self, last_names: Collection[str]) -> set[str]:
        """These names, and those to which some import or assignment binds what ends in one of them."""
        known, others = self._other_names
        found: set[str] = set()
        pending = list(last_names)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(known.get(name, ()))
                pending.extend(
                    other for module in others if module.may_rename(name) for of, other in module.aliases if of == name
                )
        return found

    @cached_property
    def _other_names(self) -> tuple[Mapping[str, set[str]], tuple[ModuleSummary, ...]]:
        """Other names by the name that they stand for, and the modules of which only the imports are among them."""
        found: dict[str, set[str]] = {}
        for module in self.modules.values():
            for one in module.imports:
                last = (one.what.name or one.what.module).rpartition(".")[2]
                if one.what.is_renamed and one.what.alias != last:
                    found.setdefault(last, set()).add(one.what.alias)
            for name, other in module.aliases if module.is_whole else ():
                found.setdefault(name, set()).add(other)
        return found, tuple(module for module in self.modules.values() if not module.is_whole)

    def callers_of(self, path: str, symbol: str) -> tuple[CallSite, ...]:
        """Reached calls of a function or class of the project (a call of a class names the class)."""
        return tuple(site for site in self.calls() if site.target.path == path and site.target.symbol == symbol)

    def resolve(self, module: ModuleSummary, symbol: str, value: Value) -> Target:
        """What a value in the scope of that symbol ("" = top level) stands for."""
        try:
            scope = self.code.scope(module.path, symbol)
        except KeyError:
            return Target(TargetKind.UNKNOWN)
        return self.code.resolver.resolve(scope, value)

    def constant(self, module: ModuleSummary, symbol: str, value: Value) -> Value:
        """The value with names followed to what they are bound to, when that is certain and in the project.

        `SEED`, `config.SEED`, `CFG.seed` and `self.seed` end at the literal or call that gives them; what is bound
        several times, a parameter, or something from outside ends where it is.
        """
        try:
            scope = self.code.scope(module.path, symbol)
        except KeyError:
            return value
        return self.code.resolver.value_of(scope, value)[1]

    @cached_property
    def third_party_imports(self) -> Mapping[str, tuple[ImportPlace, ...]]:
        """Places of imports from outside the project and the standard library, by top-level name."""
        found: dict[str, list[ImportPlace]] = {}
        for place, is_project in self._import_places:
            top = place.module.split(".", 1)[0]
            if not is_project and top not in sys.stdlib_module_names and top != "__future__":
                found.setdefault(top, []).append(place)
        return {name: tuple(found[name]) for name in sorted(found)}

    @cached_property
    def missing_imports(self) -> tuple[ImportPlace, ...]:
        """Places of imports that name a module of the project which is nowhere."""
        return tuple(
            place
            for place, is_project in self._import_places
            if is_project and not place.is_optional and self._is_missing(place)
        )

    @cached_property
    def _import_places(self) -> tuple[tuple[ImportPlace, bool], ...]:
        found = []
        for path in sorted(self.modules):
            module = self.modules[path]
            for one in module.imports:
                what = one.what
                place = ImportPlace(
                    path,
                    module.location(what),
                    "." * what.level + what.module,
                    is_optional=one.is_guarded or one.is_for_typing,
                    is_reached=path in self.reached,
                )
                is_project = bool(what.level) or self.code.finder.find(what.module, path) is not None
                found.append((place, is_project))
        return tuple(found)

    def _is_missing(self, place: ImportPlace) -> bool:
        dotted = place.module.lstrip(".")
        found = self.code.finder.find(dotted, place.path, len(place.module) - len(dotted))
        if found is None:
            return True
        if not found.rest or found.is_unreadable:
            return False
        if found.path and not found.path.endswith("__init__.py"):
            return True
        package = self.modules.get(found.path)
        # A package may make modules of its own at run time; then nothing is missing for certain.
        return package is None or not ({"__getattr__", "__path__", found.rest[0]} & set(package.binds))

    @cached_property
    def _reach(self) -> Reach:
        return self.code.reach([entry.start for entry in self.result_entry_points])

    @cached_property
    def _reaches(self) -> dict[tuple[str, str], Reach]:
        return {}

    def _reach_of(self, entry: EntryPoint | None) -> Reach:
        if entry is None:
            return self._reach
        if entry.start not in self._reaches:
            self._reaches[entry.start] = self.code.reach([entry.start])
        return self._reaches[entry.start]


def _without_key(unit: Unit, tell: Callable[..., Iterable[_T]], *given: object) -> Iterator[tuple[None, _T]]:
    return ((None, one) for one in tell(unit, *given))


def trace_program(snapshot: ProjectSnapshot, knowledge: Knowledge) -> Program | Unavailable:
    """Follow the program from its entry points."""
    if isinstance(snapshot.sources, Unavailable):
        return snapshot.sources
    gaps: list[Text] = []
    modules = dict(snapshot.sources.by_path)
    if isinstance(snapshot.notebooks, Unavailable):
        gaps.append(snapshot.notebooks.reason)
    else:
        modules.update({one.path: one.module for one in snapshot.notebooks.notebooks if one.module is not None})
    launches = []
    if isinstance(snapshot.launchers, Unavailable):
        gaps.append(snapshot.launchers.reason)
    else:
        launches = list(snapshot.launchers.commands)
    paths = list(modules)
    if not isinstance(snapshot.tree, Unavailable):
        paths += [entry.path for entry in snapshot.tree.entries if entry.path.endswith((".py", ".pyx", ".so", ".pyd"))]
    # What is not read yet may extend it.
    extends_path = not snapshot.sources.is_complete or any(module.extends_path for module in modules.values())
    configs = () if isinstance(snapshot.configs, Unavailable) else snapshot.configs.files
    finder = ModuleFinder(paths, extends_path=extends_path)
    code = Code(modules, finder, configs, snapshot.settings.limits.program_nodes)
    chosen = snapshot.settings.entry_points
    entries, unknown = find_entry_points(code, launches, chosen, knowledge.effects)
    why_none = None
    if not any(entry.makes_results for entry in entries):
        if unknown:
            names = ", ".join(one.choice for one in unknown)
            why_none = text("The chosen entry point {names} is not in the project.", names=names)
        elif not modules:
            why_none = text("There is no Python source in the project.")
        elif len(entries) == 1:
            why_none = text("{path} neither trains, evaluates nor writes results.", path=entries[0].path)
        elif entries:
            why_none = text(
                "None of the {count} programs found trains, evaluates or writes results.", count=len(entries)
            )
        else:
            why_none = text("No script, notebook or command that starts the program was found.")
    gaps += [text("The chosen entry point {names} is not in the project.", names=one.choice) for one in unknown]
    program = Program(code, entries, why_none, tuple(gaps), configs)
    program.settle_limit()
    return program
