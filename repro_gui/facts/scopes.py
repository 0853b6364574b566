"""Scopes and what their names are bound to, derived from a module's events."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.facts.events import (
    Assign,
    Branch,
    Call,
    Class,
    Comprehension,
    Declare,
    Delete,
    Event,
    Function,
    Import,
    Lambda,
    Loop,
    Magic,
    Match,
    Name,
    Parameter,
    Sequence,
    Starred,
    Try,
    Value,
    Walrus,
    With,
)
from repro_gui.facts.walk import evaluated, inner_bodies, is_main_test, own_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from repro_gui.facts.sources import ModuleSummary


_NO_NAMES: frozenset[str] = frozenset()


class TargetKind(StrEnum):
    """What a name or a call target stands for."""

    OUTSIDE = "outside"  # something of an imported package: `name` is its dotted name there
    BUILTIN = "builtin"  # `name` is "builtins.sorted"
    MODULE = "module"  # a module of the project
    FUNCTION = "function"  # a function or method of the project
    CLASS = "class"  # a class of the project
    VALUE = "value"  # a variable of the project that is neither
    UNKNOWN = "unknown"


class Target(msgspec.Struct, frozen=True):
    """What a dotted name resolves to.

    `name` is canonical: aliases and re-exports followed, "numpy.random.seed", "builtins.open", "pkg.seeding.set_seed". A
    method of what a call returned has the call in its name: "numpy.random.default_rng().shuffle",
    "sklearn.ensemble.RandomForestClassifier().fit"; so has a method of a parameter annotated with a class. For something
    of the project `path` is its module and `symbol` its qualified name there ("Trainer.fit"); a method of an instance of
    a project class is that class's function. Unknown things have the name "" and, where an attribute is meant, its name
    in `method` ("fit"): knowledge about method names may still speak about them. `partial` is the `functools.partial(…)`
    call through which it was named, with the arguments given there.
    """

    kind: TargetKind
    name: str = ""
    path: str = ""
    symbol: str = ""
    method: str = ""
    definition: Function | Class | None = None
    partial: Value | None = None


class BindingKind(StrEnum):
    """How a name gets its value."""

    IMPORT = "import"
    FUNCTION = "function"
    CLASS = "class"
    PARAMETER = "parameter"
    ASSIGNED = "assigned"
    ENTERED = "entered"  # `with value as name`
    ITEM = "item"  # one of many: loop variable, unpacked, caught, captured
    CHANGED = "changed"  # `name += value`


class UnpackedItem(msgspec.Struct, frozen=True):
    """The item of this index (of `length`) of what a call gives: `model, data = build()`."""

    call: Call
    index: int
    length: int


class Binding(msgspec.Struct, frozen=True):
    """One way in which a scope binds a name; `value` is what is assigned or entered.

    `is_from_inside`: a function binds it for the scope round it (`global`), whenever that is called. `item` is what an item
    is unpacked from.
    """

    kind: BindingKind
    record: Import | Function | Class | Parameter | None = None
    value: Value | None = None
    is_conditional: bool = False
    is_from_inside: bool = False
    item: UnpackedItem | None = None


class Scope:
    """A module, class, function, lambda or comprehension and the names that it binds.

    `symbol` is the qualified name in the module, functions in functions joined by a dot; lambdas and comprehensions have the symbol of
    what they stand in. The body is decoded when somebody looks into the scope, not before.
    """

    __slots__ = (
        "_record",
        "bindings",
        "body",
        "children",
        "definition",
        "globals",
        "kind",
        "module",
        "nonlocals",
        "parent",
        "stars",
        "symbol",
    )

    bindings: dict[str, list[Binding]]
    body: tuple[Event, ...]
    globals: AbstractSet[str]
    nonlocals: AbstractSet[str]
    stars: tuple[Import, ...]

    def __init__(
        self,
        module: ModuleSummary,
        kind: str,
        symbol: str,
        parent: Scope | None,
        record: Function | Class | Lambda | Comprehension | None = None,
    ) -> None:
        self.module = module
        self.kind = kind
        self.symbol = symbol
        self.parent = parent
        self.definition = None if isinstance(record, Comprehension) else record
        # Held, so that its id stays its own.
        self._record = record
        self.children: dict[int, Scope] = {}

    def __getattr__(self, name: str) -> Any:
        """Called for what is not set yet: reads the body once, and costs nothing after that."""
        if name not in {"body", "bindings", "globals", "nonlocals", "stars"}:
            raise AttributeError(name)
        self._read()
        return getattr(self, name)

    def _read(self) -> None:
        record = self._record
        self.bindings = {}
        self.globals = self.nonlocals = _NO_NAMES
        self.stars = ()
        match record:
            case None:
                self.body = self.module.body
            case Function() | Class():
                self.body = record.body
            case _:
                self.body = ()
        if isinstance(record, Comprehension):
            for clause in record.clauses:
                _bind_target(self, clause.target, None, is_conditional=False)
        elif isinstance(record, Function | Lambda):
            for parameter in record.parameters:
                self.add(parameter.name, Binding(BindingKind.PARAMETER, parameter))
        _declare(self, self.body)
        _bind_events(self, self.body, is_conditional=False)

    def add(self, name: str, binding: Binding) -> None:
        """Record one more way in which a name is bound here (or, by declaration, further out)."""
        home = self
        if name in self.globals:
            home = self.module_scope
        elif name in self.nonlocals and self.parent is not None:
            home = self.parent.home_of(name) or self
        if home is not self:
            binding = msgspec.structs.replace(binding, is_from_inside=True)
        home.bindings.setdefault(name, []).append(binding)

    @property
    def module_scope(self) -> Scope:
        """The scope of the whole module."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def function_scope(self) -> Scope:
        """The nearest scope that is no comprehension or lambda."""
        scope = self
        while scope.kind in {"comprehension", "lambda"} and scope.parent is not None:
            scope = scope.parent
        return scope

    def home_of(self, name: str) -> Scope | None:
        """The scope whose binding a name means here, None when no scope of this module binds it."""
        if name in self.globals:
            return self.module_scope if name in self.module_scope.bindings else None
        scope: Scope | None = self
        while scope is not None:
            # The names of a class body are not seen from the functions in it.
            if name in scope.bindings and (scope is self or scope.kind != "class"):
                return scope
            scope = scope.parent
        return None

    def child(self, record: Function | Class | Lambda | Comprehension) -> Scope:
        """The scope that a definition, lambda or comprehension standing here opens."""
        found = self.children.get(id(record))
        if found is None:
            found = self.children[id(record)] = _open(self, record)
        return found


def binding_at(scope: Scope, name: Name) -> Binding | None:
    """The binding that a name in a scope's own code certainly means where the scope binds it several times; else None.

    `import model`, then `model = model.Net()`: the module on the right, what was made of it from there on.
    """
    bindings = scope.bindings.get(name.dotted.partition(".")[0], ())
    if len(bindings) < 2:
        return None
    start, end = (name.line, name.column), (name.end_line, name.end_column)
    before: Binding | None = None
    is_settled = True
    for binding in bindings:
        place = binding.record or binding.value
        if place is None or binding.kind is BindingKind.CHANGED:
            return None
        is_plain = not (binding.is_conditional or binding.is_from_inside)
        if (place.end_line, place.end_column) <= start:
            before = binding if is_plain else None
        elif (place.line, place.column) <= start and end <= (place.end_line, place.end_column) and is_plain:
            # This statement runs once: what comes after it does not count.
            return before
        is_settled = is_settled and is_plain
    return before if is_settled else None


class ModuleScopes:
    """All scopes of one module, opened when asked for."""

    def __init__(self, module: ModuleSummary) -> None:
        self.module = module
        self.top = Scope(module, "module", "", None)
        self._by_symbol: dict[str, Scope] | None = None

    @property
    def by_symbol(self) -> dict[str, Scope]:
        """Scopes of functions and classes by qualified name, the last definition of a name counts; "" is the module."""
        if self._by_symbol is None:
            self._by_symbol = {"": self.top}
            _collect(self.top, self._by_symbol)
        return self._by_symbol


def definitions_in(scope: Scope) -> Iterator[Function | Class]:
    """Functions and classes that a scope's own code defines, in order."""
    yield from _definitions(scope.body)


def _definitions(events: Iterable[Event]) -> Iterator[Function | Class]:
    for event in events:
        if isinstance(event, Function | Class):
            yield event
        else:
            for body in inner_bodies(event):
                yield from _definitions(body)


def _collect(scope: Scope, found: dict[str, Scope]) -> None:
    for definition in definitions_in(scope):
        child = scope.child(definition)
        found[child.symbol] = child
        # What declares names `global` binds them for others.
        if isinstance(definition, Class) or definition.has_scopes:
            _collect(child, found)


def _open(parent: Scope, record: Function | Class | Lambda | Comprehension) -> Scope:
    if isinstance(record, Comprehension):
        return Scope(parent.module, "comprehension", parent.symbol, parent, record)
    if isinstance(record, Lambda):
        return Scope(parent.module, "lambda", parent.symbol, parent, record)
    symbol = f"{parent.symbol}.{record.name}" if parent.symbol else record.name
    return Scope(parent.module, "class" if isinstance(record, Class) else "function", symbol, parent, record)


def _declare(scope: Scope, events: tuple[Event, ...]) -> None:
    """`global` and `nonlocal` hold for the whole function, wherever they stand."""
    for event in events:
        if isinstance(event, Declare):
            if event.kind == "global":
                scope.globals = scope.globals | frozenset(event.names)
            else:
                scope.nonlocals = scope.nonlocals | frozenset(event.names)
        elif not isinstance(event, Class):
            for body in inner_bodies(event):
                _declare(scope, body)


def _bind_events(scope: Scope, events: tuple[Event, ...], *, is_conditional: bool) -> None:
    for event in events:
        _bind_event(scope, event, is_conditional=is_conditional)
        if not isinstance(event, Class):
            # What the started program binds for itself is bound wherever its names are read.
            is_branch = isinstance(event, Branch | Loop | Try | Match)
            below = is_conditional or (is_branch and not (isinstance(event, Branch) and is_main_test(event.condition)))
            for index, body in enumerate(inner_bodies(event)):
                # What fails in a `try` binds nothing, and what is bound nowhere else cannot be read then.
                is_tried = isinstance(event, Try) and index == 0
                _bind_events(scope, body, is_conditional=is_conditional if is_tried else below)


def _bind_event(scope: Scope, event: Event, *, is_conditional: bool) -> None:  # noqa: C901, PLR0912 -- a case per event
    match event:
        case Import():
            if event.name == "*":
                scope.stars = (*scope.stars, event)
            else:
                scope.add(event.alias, Binding(BindingKind.IMPORT, event, is_conditional=is_conditional))
        case Function() | Class():
            kind = BindingKind.FUNCTION if isinstance(event, Function) else BindingKind.CLASS
            scope.add(event.name, Binding(kind, event, is_conditional=is_conditional))
        case Assign():
            if event.operator != "=":
                for target in event.targets:
                    if isinstance(target, Name) and "." not in target.dotted:
                        scope.add(target.dotted, Binding(BindingKind.CHANGED, is_conditional=is_conditional))
            elif event.value is not None:
                for target in event.targets:
                    _bind_target(scope, target, event.value, is_conditional=is_conditional)
        case Loop() if event.target is not None:
            _bind_target(scope, event.target, None, is_conditional=True)
        case With():
            for item in event.items:
                if isinstance(item.target, Name) and "." not in item.target.dotted:
                    entered = Binding(BindingKind.ENTERED, value=item.context, is_conditional=is_conditional)
                    scope.add(item.target.dotted, entered)
                elif item.target is not None:
                    _bind_target(scope, item.target, None, is_conditional=is_conditional)
        case Try():
            for handler in event.handlers:
                if handler.name:
                    scope.add(handler.name, Binding(BindingKind.ITEM, is_conditional=True))
        case Match():
            for case in event.cases:
                for name in case.binds:
                    scope.add(name, Binding(BindingKind.ITEM, is_conditional=True))
        case Delete():
            for target in event.targets:
                if isinstance(target, Name) and "." not in target.dotted:
                    scope.add(target.dotted, Binding(BindingKind.CHANGED, is_conditional=is_conditional))
        case Magic() if event.kind == "run":
            star = _names_of_run(event)
            if star is not None:
                scope.stars = (*scope.stars, star)
        case Magic() if event.target is not None:
            _bind_target(scope, event.target, None, is_conditional=is_conditional)
        case _:
            pass
    if scope.module.has_walrus:
        _bind_walruses(scope, event, is_conditional=is_conditional)


def _names_of_run(magic: Magic) -> Import | None:
    """`%run script.py` leaves the names of the script in the notebook, as a star import would."""
    written = next((word.strip("'\"") for word in magic.text.split() if not word.startswith("-")), "")
    module = written.removesuffix(".py").removeprefix("./").replace("/", ".")
    if not all(part.isidentifier() for part in module.split(".")):
        return None
    return Import(magic.line, magic.column, magic.end_line, magic.end_column, module, "*", "")


def _bind_walruses(scope: Scope, event: Event, *, is_conditional: bool) -> None:
    for value in own_values(event):
        if isinstance(value, Name):
            continue
        for part in evaluated(value):
            if isinstance(part, Walrus):
                # Also from inside a comprehension: the name belongs to the function round it.
                _bind_target(scope, part.target, part.value, is_conditional=is_conditional)


def _bind_target(scope: Scope, target: Value, value: Value | None, *, is_conditional: bool) -> None:
    match target:
        case Name() if "." not in target.dotted:
            kind = BindingKind.ITEM if value is None else BindingKind.ASSIGNED
            scope.add(target.dotted, Binding(kind, value=value, is_conditional=is_conditional))
        case Sequence():
            given: tuple[Value | None, ...] = (None,) * len(target.elements)
            if (
                isinstance(value, Sequence)
                and value.length == len(value.elements) == len(target.elements)
                and not any(isinstance(part, Starred) for part in (*value.elements, *target.elements))
            ):
                given = value.elements
            is_plain = all(isinstance(element, Name) and "." not in element.dotted for element in target.elements)
            for index, (element, one) in enumerate(zip(target.elements, given, strict=True)):
                if is_plain and isinstance(value, Call) and isinstance(element, Name):
                    item = UnpackedItem(value, index, len(target.elements))
                    scope.add(element.dotted, Binding(BindingKind.ITEM, is_conditional=is_conditional, item=item))
                    continue
                _bind_target(scope, element, one, is_conditional=is_conditional)
        case Starred():
            _bind_target(scope, target.value, None, is_conditional=is_conditional)
        case _:
            pass
