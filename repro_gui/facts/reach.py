"""Which modules and functions can run when something is started."""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.events import Class, Function, Name
from repro_gui.facts.hydra_config import names_in_values, targets_by_default
from repro_gui.facts.modules import files_run_by
from repro_gui.facts.resolve import Resolver
from repro_gui.facts.scopes import Scope, TargetKind, definitions_in
from repro_gui.facts.settings import Limits
from repro_gui.facts.sources import NotParsed
from repro_gui.facts.steps import Unit, read_unit
from repro_gui.text import text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from repro_gui.facts.configs import ConfigFile
    from repro_gui.facts.events import Magic
    from repro_gui.facts.modules import ModuleFinder
    from repro_gui.facts.sources import ImportedName, ModuleSummary
    from repro_gui.facts.steps import Step


class Reach(msgspec.Struct, frozen=True):
    """What a start reaches: modules in the order of their first import, and in each the functions that can run.

    `mains` are the modules that are started themselves: only in these does `if __name__ == "__main__"` hold.
    """

    modules: tuple[str, ...]
    functions: Mapping[str, frozenset[str]]
    mains: frozenset[str]


class ClassOutline(msgspec.Struct, frozen=True):
    """A class as it is followed: its bases in the project, and its methods (name, symbol, whether they may run without being named).

    `is_called_from_outside`: a base from outside may call any of them. `classes` are those that stand in it (name, symbol).
    """

    bases: tuple[tuple[str, str], ...]
    is_called_from_outside: bool
    methods: tuple[tuple[str, str, bool], ...]
    classes: tuple[tuple[str, str], ...] = ()


class Code:
    """The code of a project by unit; every unit is read once, whatever asks for it."""

    def __init__(
        self,
        modules: dict[str, ModuleSummary],
        finder: ModuleFinder,
        configs: Sequence[ConfigFile] = (),
        most_nodes: int = Limits().program_nodes,
    ) -> None:
        """`configs` name classes that are made by what they say.

        Of what is followed from the entry points no more than `most_nodes` are looked into: a module with code beyond
        that is `not_parsed` from then on, so that ways through it are cannot-tell.
        """
        self._most_nodes = self._nodes_left = most_nodes
        self.modules = modules
        self.finder = finder
        self.resolver = Resolver(modules, finder)
        self._units: dict[tuple[str, str, bool], Unit] = {}
        self._symbols: dict[str, tuple[str, ...]] = {}
        self._imports: dict[str, tuple[str, ...]] = {}
        self._followed: dict[str, Collection[str]] = {}
        self._configs = configs
        self._classes: dict[tuple[str, str], ClassOutline] = {}
        self._within_limit: dict[tuple[str, str], bool] = {}
        self._followed_units: dict[tuple[str, str, bool], Unit] = {}

    def unit(self, path: str, symbol: str = "", *, is_main: bool = True) -> Unit:
        """The unit of a module's top level ("") or function; without `is_main` as it runs when it is imported."""
        is_main = is_main or bool(symbol) or not self.modules[path].has_main_guard
        key = (path, symbol, is_main)
        found = self._units.get(key)
        if found is None:
            found = self._units[key] = read_unit(self.scope(path, symbol), self.resolver, is_main=is_main)
        return found

    def followed_unit(self, path: str, symbol: str = "", *, is_main: bool = True) -> Unit:
        """The unit as `unit` gives it, while the limit of nodes lasts; an empty one beyond it."""
        key = (path, symbol, is_main)
        found = self._followed_units.get(key)
        if found is None:
            is_within = self._is_within_limit(path, symbol)
            found = (
                self.unit(path, symbol, is_main=is_main) if is_within else Unit(path, symbol, (), (), frozenset(), ())
            )
            self._followed_units[key] = found
        return found

    def _is_within_limit(self, path: str, symbol: str) -> bool:
        """Whether a unit can still be looked into; from then on it counts."""
        key = (path, symbol)
        if key not in self._within_limit:
            nodes = self._nodes(path, symbol)
            self._within_limit[key] = nodes <= self._nodes_left
            if nodes <= self._nodes_left:
                self._nodes_left -= nodes
            elif self.modules[path].not_parsed is None:
                reason = text("The program is larger than {limit} nodes of syntax.", limit=self._most_nodes)
                self.modules[path] = msgspec.structs.replace(self.modules[path], not_parsed=NotParsed(reason))
        return self._within_limit[key]

    @property
    def may_exceed_limit(self) -> bool:
        """Whether the project as a whole has more nodes than are followed."""
        return sum(module.nodes for module in self.modules.values()) > self._most_nodes

    def _nodes(self, path: str, symbol: str) -> int:
        definition = self.scope(path, symbol).definition
        if isinstance(definition, Function):
            return definition.nodes
        # The bodies of functions are counted when they are followed.
        return self.modules[path].nodes - _nodes_of_functions(self.scope(path, symbol))

    @cached_property
    def configured(self) -> tuple[tuple[str, str], ...]:
        """Classes and functions of the project that a configuration has Hydra make."""
        return self._named(targets_by_default(self._configs))

    @cached_property
    def named_in_configs(self) -> tuple[tuple[str, str], ...]:
        """Classes and functions of the project that stand in a configuration by their dotted names."""
        return self._named(names_in_values(self._configs))

    def _named(self, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
        targets = [self.resolver.absolute("", name) for name in dict.fromkeys(names) if self.finder.find(name, "")]
        return tuple((one.path, one.symbol) for one in targets if one.path in self.modules and one.symbol)

    def units(self, reach: Reach) -> Iterator[Unit]:
        """All that is reached: module by module, a module's top level before its functions."""
        for path in reach.modules:
            symbols = reach.functions.get(path, frozenset())
            for symbol in self.symbols(path):
                if symbol in symbols:
                    yield self.followed_unit(path, symbol, is_main=path in reach.mains)

    def steps(self, reach: Reach) -> Iterator[Step]:
        """The steps of all that is reached, unit by unit."""
        for unit in self.units(reach):
            yield from unit.steps

    def scope(self, path: str, symbol: str = "") -> Scope:
        """The scope of a symbol; raises KeyError for one that is not there."""
        return self.resolver.scopes(path).top if not symbol else self.resolver.scopes(path).by_symbol[symbol]

    def symbols(self, path: str) -> tuple[str, ...]:
        """All functions of a module in the order of the source, with "" for its top level first."""
        known = self._symbols.get(path)
        if known is None:
            scopes = self.resolver.scopes(path).by_symbol
            known = tuple(symbol for symbol, scope in scopes.items() if scope.kind in {"module", "function"})
            self._symbols[path] = known
        return known

    def outline_of_class(self, path: str, symbol: str, scope: Scope, definition: Class) -> ClassOutline:
        """What following a class needs to know of it; worked out once."""
        if (path, symbol) not in self._classes:
            self._classes[path, symbol] = self._outline_of_class(symbol, scope, definition)
        return self._classes[path, symbol]

    def bases(self, path: str, symbol: str) -> tuple[tuple[str, str], ...]:
        """The bases in the project of what is a class; nothing of what was one, and is bound anew."""
        scope = self.scope(path, symbol)
        if not isinstance(scope.definition, Class):
            return ()
        return self.outline_of_class(path, symbol, scope, scope.definition).bases

    def has_in_class(self, path: str, symbol: str, name: str) -> bool:
        """Whether the body of a class, or of one that it is made of, binds a name."""
        seen: set[tuple[str, str]] = set()
        pending = [(path, symbol)]
        while pending:
            here = pending.pop()
            if here not in seen:
                seen.add(here)
                if name in self.scope(*here).bindings:
                    return True
                pending.extend(self.bases(*here))
        return False

    def _outline_of_class(self, symbol: str, scope: Scope, definition: Class) -> ClassOutline:
        bases: list[tuple[str, str]] = []
        is_called_from_outside = False
        for base in definition.bases:
            target = self.resolver.resolve(scope.parent or scope, base)
            if target.kind is TargetKind.CLASS:
                bases.append((target.path, target.symbol))
                # What a framework calls in the base it calls in the class made of it.
                is_called_from_outside |= self._has_outside_base(target.path, target.symbol)
            elif target.name not in _PLAIN_BASES:
                is_called_from_outside = True
        methods = tuple(
            (one.name, f"{symbol}.{one.name}", one.name.startswith("__") or _is_attribute_like(one))
            for one in definitions_in(scope)
            if isinstance(one, Function)
        )
        classes = tuple((one.name, f"{symbol}.{one.name}") for one in definitions_in(scope) if isinstance(one, Class))
        return ClassOutline(tuple(bases), is_called_from_outside, methods, classes)

    def _has_outside_base(self, path: str, symbol: str) -> bool:
        """Whether a class, or one of those it is made of, is made of something from outside."""
        seen: set[tuple[str, str]] = set()
        pending = [(path, symbol)]
        while pending:
            here = pending.pop()
            scope = self.resolver.scopes(here[0]).by_symbol.get(here[1])
            if here in seen or scope is None or not isinstance(scope.definition, Class):
                continue
            seen.add(here)
            for base in scope.definition.bases:
                target = self.resolver.resolve(scope.parent or scope, base)
                if target.kind is TargetKind.CLASS:
                    pending.append((target.path, target.symbol))
                elif target.name not in _PLAIN_BASES:
                    return True
        return False

    def imported_by(self, path: str) -> tuple[str, ...]:
        """Modules of the project that a module imports itself, in order, packages before what is in them."""
        if path not in self._imports:
            found: dict[str, None] = {}
            for one in self.modules[path].imports:
                if not one.is_for_typing:
                    found.update(dict.fromkeys(self.paths_of(one, path)))
            found.update(dict.fromkeys(run for run, _ in self.run_by_magics(path)))
            found.pop(path, None)
            self._imports[path] = tuple(found)
        return self._imports[path]

    def run_by_magics(self, path: str) -> tuple[tuple[str, Magic], ...]:
        """The modules of the project that a notebook runs by `%run`, in order, each with the magic."""
        if not path.endswith(".ipynb"):
            return ()
        magics = [magic for magic in self.unit(path).magics if magic.kind == "run"]
        return tuple((run, magic) for magic in magics for run in self._run_by_magic(path, magic.text))

    def paths_of(self, one: ImportedName, importer: str) -> list[str]:
        """The files that one import runs, packages first."""
        return [path for path in files_run_by(one, importer, self.finder) if path in self.modules]

    def import_order(self, path: str) -> Collection[str]:
        """All modules that running one reaches by imports, to go through or to look one up.

        Each comes after those it imports, the module itself last.
        """
        if path not in self._followed:
            order: dict[str, None] = {}
            started: set[str] = set()
            pending: list[tuple[str, bool]] = [(path, False)]
            while pending:
                here, is_done = pending.pop()
                if is_done:
                    order[here] = None
                elif here not in started:
                    started.add(here)
                    pending.append((here, True))
                    pending.extend((one, False) for one in reversed(self.imported_by(here)) if one not in started)
            self._followed[path] = order
        return self._followed[path]

    def reach(self, starts: Iterable[tuple[str, str]], *, strict: bool = False) -> Reach:
        """What can run when these modules (and the function, where there is a symbol) are started.

        `strict` leaves out what only a class from outside could call of a class made of it.
        """
        starts = tuple(starts)
        mains = frozenset(path for path, symbol in starts if not symbol)
        # What a notebook runs is started, not imported, unless it is told otherwise.
        mains |= {
            run
            for path in mains
            for run, magic in self.run_by_magics(path)
            if "-n" not in magic.text.partition(run.rpartition("/")[2])[0].split()
        }
        follower = _Follower(self, mains, strict=strict)
        for path, symbol in starts:
            follower.open_module(path)
            if symbol:
                follower.add(path, symbol)
        follower.follow()
        functions = {path: frozenset(symbols) for path, symbols in follower.functions.items()}
        return Reach(tuple(follower.order), functions, mains)

    def _run_by_magic(self, path: str, text: str) -> list[str]:
        words = [word for word in text.split() if not word.startswith("-")]
        if not words:
            return []
        name = words[0].strip("'\"")
        candidates = [posixpath.normpath(posixpath.join(posixpath.dirname(path), name)), posixpath.normpath(name)]
        return [one for candidate in candidates for one in (candidate, candidate + ".py") if one in self.modules][:1]


def _nodes_of_functions(scope: Scope) -> int:
    return sum(
        one.nodes if isinstance(one, Function) else _nodes_of_functions(scope.child(one))
        for one in definitions_in(scope)
    )


class _Follower:
    """Follows references from function to function: class hierarchy by name, methods by the names of attributes."""

    def __init__(self, code: Code, mains: frozenset[str], *, strict: bool) -> None:
        self._code = code
        self._mains = mains
        self._strict = strict
        self.functions: dict[str, set[str]] = {}
        self.order: dict[str, None] = {}
        self._pending: list[tuple[str, str]] = []
        self._added: set[tuple[str, str]] = set()
        self._attributes: set[str] = set()
        self._waiting: dict[str, list[tuple[str, str]]] = {}
        self._classes: set[tuple[str, str]] = set()
        self._open: set[str] = set()
        self._makers_done: set[str] = set()

    def open_module(self, path: str) -> None:
        """A module runs when it is imported, and so do those that it imports."""
        for one in self._code.import_order(path):
            if one not in self.order:
                self.order[one] = None
                self._add_function(one, "")

    def add(self, path: str, symbol: str) -> None:
        """A function or class that is named; once is enough."""
        if (path, symbol) in self._added:
            return
        self._added.add((path, symbol))
        if path not in self.order:
            # A function named without an import of its module (a re-export through a package, a configuration).
            self.open_module(path)
        scope = self._code.resolver.scopes(path).by_symbol.get(symbol)
        if scope is None:
            return
        if isinstance(scope.definition, Class):
            self._add_class(path, symbol, scope)
        else:
            self._add_function(path, symbol)
            outer = scope.parent
            if outer is not None and outer.kind == "class" and (path, outer.symbol) not in self._classes:
                self._add_class(path, outer.symbol, outer)

    def follow(self) -> None:
        while self._pending:
            path, symbol = self._pending.pop()
            unit = self._code.followed_unit(path, symbol, is_main=path in self._mains)
            for named in unit.refers:
                # Most are known by now.
                if named not in self._added:
                    self.add(*named)
            for name in unit.attributes - self._attributes:
                self._attributes.add(name)
                for path, symbol in self._waiting.pop(name, ()):
                    self.add(path, symbol)
            for opened in unit.opens:
                self._add_members(opened, with_imported=opened != unit.path)
            for imported in unit.imports:
                if imported not in self.order:
                    self.open_module(imported)
            if unit.imports_by_name or unit.makes_by_hydra:
                for named in self._made_by_name(unit):
                    self.add(*named)

    def _add_members(self, path: str, *, with_imported: bool) -> None:
        """All that a module defines and, for whoever takes it from outside, what it has from modules of its package."""
        pending = [path]
        while pending:
            path = pending.pop()
            if path in self._open or path not in self._code.modules:
                continue
            self._open.add(path)
            if path not in self.order:
                self.open_module(path)
            scope = self._code.scope(path)
            for definition in definitions_in(scope):
                self.add(path, definition.name)
            if not with_imported:
                continue
            for one in self._code.modules[path].imports:
                what = one.what
                if one.is_for_typing or what.name == "*":
                    pending += [] if one.is_for_typing else self._code.paths_of(one, path)[-1:]
                    continue
                reference = Name(what.line, what.column, what.end_line, what.end_column, what.alias)
                target = self._code.resolver.resolve(scope, reference)
                if target.kind in {TargetKind.FUNCTION, TargetKind.CLASS}:
                    self.add(target.path, target.symbol)
                elif target.kind is TargetKind.MODULE and target.path.startswith(f"{posixpath.dirname(path)}/"):
                    pending.append(target.path)

    def _made_by_name(self, unit: Unit) -> tuple[tuple[str, str], ...]:
        """What a unit may have made by the names in a configuration; each once."""
        if "modules" not in self._makers_done and unit.imports_by_name:
            self._makers_done.add("modules")
            return self._code.named_in_configs
        if "hydra" not in self._makers_done and unit.makes_by_hydra:
            self._makers_done.add("hydra")
            return self._code.configured
        return ()

    def _add_function(self, path: str, symbol: str) -> None:
        known = self.functions.setdefault(path, set())
        if symbol not in known:
            known.add(symbol)
            self._pending.append((path, symbol))

    def _add_class(self, path: str, symbol: str, scope: Scope) -> None:
        if (path, symbol) in self._classes:
            return
        self._classes.add((path, symbol))
        assert isinstance(scope.definition, Class)
        outline = self._code.outline_of_class(path, symbol, scope, scope.definition)
        for base in outline.bases:
            self.add(*base)
        is_called_from_outside = outline.is_called_from_outside and not self._strict
        for name, method, is_always in outline.methods:
            if is_called_from_outside or is_always or name in self._attributes:
                self._add_function(path, method)
            else:
                self._waiting.setdefault(name, []).append((path, method))
        for name, inner in outline.classes:
            # `owner.Layer()` of something unknown may make it.
            if name in self._attributes:
                self.add(path, inner)
            else:
                self._waiting.setdefault(name, []).append((path, inner))


_PLAIN_BASES = frozenset(
    {
        "builtins.object",
        "builtins.dict",
        "builtins.list",
        "builtins.tuple",
        "builtins.str",
        "builtins.int",
        "builtins.Exception",
        "abc.ABC",
        "typing.NamedTuple",
        "typing.Protocol",
        "typing.Generic()",
        "typing.TypedDict",
        "enum.Enum",
        "enum.IntEnum",
        "enum.StrEnum",
    }
)


def _is_attribute_like(function: Function) -> bool:
    """Properties are used without a call, and often through names that are not seen."""
    return any(isinstance(one, Name) and one.dotted.endswith(("property", ".setter")) for one in function.decorators)
