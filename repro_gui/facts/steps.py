"""What code does, in order: its calls and assignments with what they mean, and what it refers to."""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from repro_gui.facts.decorators import is_for_class, only_wraps
from repro_gui.facts.events import (
    Assign,
    Attribute,
    Call,
    Cell,
    Class,
    Comprehension,
    Conditional,
    Constant,
    Delete,
    Evaluate,
    FormattedString,
    Function,
    Jump,
    Lambda,
    Loop,
    Magic,
    Name,
    Operation,
    Raise,
    Return,
    Sequence,
    Subscript,
    Try,
    Value,
    With,
)
from repro_gui.facts.hydra_config import MAKERS
from repro_gui.facts.implied_calls import call_for_all, call_for_item, call_of_what_is_run, calls_by_going_through
from repro_gui.facts.modules import IMPORT_BY_NAME
from repro_gui.facts.scopes import BindingKind, Scope, Target, TargetKind
from repro_gui.facts.sources import ModuleSummary
from repro_gui.facts.summarise import read_statements
from repro_gui.facts.walk import (
    conditions_of_bodies,
    inner_bodies,
    is_conditional_body,
    is_main_test,
    own_values,
    parts,
)
from repro_gui.location import Location

if TYPE_CHECKING:
    from repro_gui.facts.events import Event
    from repro_gui.facts.implied_calls import ImpliedCall
    from repro_gui.facts.resolve import Resolver


class Exit(msgspec.Struct, frozen=True):
    """A `return`, `continue`, `break` or failure that may end a body before what follows.

    It is taken when all of `under` are as they must be (None: what is no condition). `is_bare`: nothing but messages comes with it.
    """

    kind: str
    under: tuple[tuple[Value | None, bool], ...] = ()
    is_bare: bool = True


class CallSite(msgspec.Struct, frozen=True):
    """One call in the program.

    `symbol` is the qualified name of the enclosing function or class, empty at top level. `is_conditional`: some branch,
    loop, handler, lambda or short-circuit in the same function stands round it. `is_in_loop`: some loop or
    comprehension does. `under` are the conditions of the branches round it there, outermost first, and what each must
    be; None for what is no condition (a handler, a case). `past` are the exits that come before it there, `inside` the contexts of
    `with` round it. `choice`: what is called was chosen by a name, a "default" or an "open" one; `among` is what else it could choose,
    where that is known.
    """

    module: ModuleSummary
    call: Call
    target: Target
    symbol: str = ""
    is_conditional: bool = False
    is_in_loop: bool = False
    under: tuple[tuple[Value | None, bool], ...] = ()
    past: tuple[Exit, ...] = ()
    inside: tuple[Value, ...] = ()
    choice: str = ""
    among: tuple[Target, ...] = ()

    @property
    def name(self) -> str:
        """The canonical dotted name of what is called, "" when unknown."""
        return self.target.name

    @property
    def location(self) -> Location:
        """The whole call's place."""
        return self.module.location(self.call)


class AssignSite(msgspec.Struct, frozen=True):
    """One assignment to one target: `name` is canonical for attributes of modules ("torch.backends.cudnn.deterministic").

    `under` and `past` are as for calls.
    """

    module: ModuleSummary
    assign: Assign
    to: Value
    target: Target
    symbol: str = ""
    is_conditional: bool = False
    under: tuple[tuple[Value | None, bool], ...] = ()
    past: tuple[Exit, ...] = ()

    @property
    def name(self) -> str:
        """The canonical dotted name of what is assigned to, "" when unknown."""
        return self.target.name

    @property
    def value(self) -> Value | None:
        """What is assigned."""
        return self.assign.value

    @property
    def location(self) -> Location:
        """The whole assignment's place."""
        return self.module.location(self.assign)


Step = CallSite | AssignSite


class Unit(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A module's top-level code or one function: its steps in order and what it refers to.

    Entry points share units: what depends on a unit alone is worked out once and kept by it (see `Program.told_of`).
    `refers` are (path, symbol) of functions and classes of the project that it names, `attributes` names of attributes of unknown
    things; `opens` are modules of the project whose members it may use by computed names (`getattr(models, name)`, `globals()`).
    `imports_by_name`: it imports modules whose names are known only when it runs; `imports` are those that it imports by a call
    with a name that is written there. `makes` are classes of the project that it calls or hands on: of these it may make objects.
    """

    path: str
    symbol: str
    steps: tuple[Step, ...]
    refers: tuple[tuple[str, str], ...]
    attributes: frozenset[str]
    opens: tuple[str, ...]
    magics: tuple[Magic, ...] = ()
    imports_by_name: bool = False
    imports: tuple[str, ...] = ()
    makes: tuple[tuple[str, str], ...] = ()

    @cached_property
    def calls(self) -> tuple[CallSite, ...]:
        """The calls among the steps."""
        return tuple(step for step in self.steps if isinstance(step, CallSite))

    @cached_property
    def makes_by_hydra(self) -> bool:
        """Whether it has Hydra make what a configuration names."""
        return any(site.name in MAKERS for site in self.calls)


def read_unit(scope: Scope, resolver: Resolver, *, is_main: bool = True) -> Unit:
    """Go through the code of a module's top level (class bodies included) or of one function.

    Without `is_main` the module is imported: what stands under `if __name__ == "__main__"` does not run.
    """
    reader = _UnitReader(scope, resolver, is_main=is_main)
    reader.read_body(scope, scope.body, conditional=False, loop=False)
    return Unit(
        scope.module.path,
        scope.symbol,
        tuple(reader.steps),
        tuple(reader.refers),
        frozenset(reader.attributes),
        tuple(reader.opens),
        tuple(reader.magics),
        reader.imports_by_name,
        tuple(reader.imports),
        tuple(reader.makes),
    )


class _UnitReader:
    def __init__(self, scope: Scope, resolver: Resolver, *, is_main: bool) -> None:
        self._module = scope.module
        self._is_main = is_main
        self._under: tuple[tuple[Value | None, bool], ...] = ()
        self._past: tuple[Exit, ...] = ()
        self._inside: tuple[Value, ...] = ()
        self._resolver = resolver
        self.steps: list[Step] = []
        self.refers: dict[tuple[str, str], None] = {}
        self.attributes: set[str] = set()
        self.opens: dict[str, None] = {}
        self.magics: list[Magic] = []
        self.imports_by_name = False
        self.imports: dict[str, None] = {}
        self.makes: dict[tuple[str, str], None] = {}
        self._only_looks = False

    def read_body(self, scope: Scope, events: tuple[Event, ...], *, conditional: bool, loop: bool) -> list[Exit]:
        """Read the events of a body; the exits out of it."""
        outer = self._past
        exits: list[Exit] = []
        for event in events:
            self._own_values(scope, event, conditional=conditional, loop=loop)
            left: list[Exit] = []
            if isinstance(event, Assign):
                self._assign(scope, event, conditional=conditional)
                if event.annotation is not None:
                    self._only_looks = True
                    self._value(scope, event.annotation, conditional=conditional, loop=loop)
                    self._only_looks = False
            elif isinstance(event, Class):
                self._definition(scope, event)
                self.read_body(scope.child(event), event.body, conditional=conditional, loop=loop)
            elif isinstance(event, Function):
                self._definition(scope, event)
            elif isinstance(event, Magic):
                self.magics.append(event)
            elif isinstance(event, Return | Jump):
                left = [_RETURN if isinstance(event, Return) else _JUMP]
            elif isinstance(event, Raise) or _ends_the_program(event):
                left = [_FAILURE]
            else:
                left = self._inner_bodies(scope, event, conditional=conditional, loop=loop)
            if left:
                exits += left
                if any(not one.under for one in left):
                    # What follows in this body never runs.
                    break
                self._past = (*self._past, *left) if len(self._past) + len(left) <= _MOST_EXITS else _UNKNOWN_EXIT
        self._past = outer
        return exits

    def _own_values(self, scope: Scope, event: Event, *, conditional: bool, loop: bool) -> None:
        """Read the values that an event itself evaluates."""
        # A class made of another makes no object of that.
        self._only_looks = isinstance(event, Class)
        stored = event.targets if isinstance(event, Assign | Delete) else ()
        for value in own_values(event):
            for part in _read_in(value) if any(value is one for one in stored) else (value,):
                self._value(scope, part, conditional=conditional, loop=loop)
        self._only_looks = False
        if isinstance(event, Loop) and event.target is not None:
            implied = call_for_all(self._resolver, scope, event.iterable)
            self._implied(scope, implied, conditional=conditional, loop=loop)
        if isinstance(event, Evaluate):
            self._leave_unstarted(event.value)

    def _inner_bodies(self, scope: Scope, event: Event, *, conditional: bool, loop: bool) -> list[Exit]:
        """Read the bodies inside an event; the exits out of it."""
        below = conditional or is_conditional_body(event)
        is_loop = isinstance(event, Loop)
        exits: list[Exit] = []
        outer_under, outer_inside = self._under, self._inside
        if isinstance(event, With):
            self._inside = (*self._inside, *[item.context for item in event.items])
        for body, condition in zip(inner_bodies(event), conditions_of_bodies(event), strict=True):
            if condition is not None:
                if not self._is_main and _only_as_main(condition):
                    continue
                self._under = (*outer_under, condition)
            before = len(self.steps)
            left = self.read_body(scope, body, conditional=below, loop=loop or is_loop)
            self._under = outer_under
            if not left or isinstance(event, Cell):
                # A cell that fails or exits leaves it to the person whether to go on.
                continue
            # How often a loop runs is not known.
            taken_if = (None, True) if is_loop else condition
            if is_loop:
                left = [one for one in left if one.kind != "jump"]
            elif isinstance(event, Try) and body is event.body and event.handlers:
                left = [one for one in left if one.kind != "failure"]
            is_bare = all(isinstance(one, CallSite) and _is_message(one) for one in self.steps[before:])
            exits += [
                one if taken_if is None else Exit(one.kind, (taken_if, *one.under), one.is_bare and is_bare)
                for one in left
                # A program that fails makes no result: what follows is judged as if it does not.
                if taken_if is None or one.kind != "failure"
            ]
        self._inside = outer_inside
        return exits

    def _definition(self, scope: Scope, event: Function | Class) -> None:
        """A function or class that is decorated by something is handed to it: whoever decorates may call it."""
        if any(not only_wraps(decorator) for decorator in event.decorators):
            symbol = f"{scope.symbol}.{event.name}" if scope.symbol else event.name
            self.refers[self._module.path, symbol] = None
            if isinstance(event, Class):
                self.makes[self._module.path, symbol] = None

    def _leave_unstarted(self, value: Value) -> None:
        """The body of a generator or `async` function that is called, and nothing done with what it gives, does not run by that."""
        step = self.steps[-1] if self.steps else None
        if not isinstance(step, CallSite) or step.call is not value or not isinstance(step.target.definition, Function):
            return
        called = step.target.definition
        if (called.is_generator or called.is_async) and not called.decorators:
            # Whether something outside runs it all the same (a notebook, a loop of events) is not followed.
            under = (*step.under, (None, True))
            self.steps[-1] = msgspec.structs.replace(step, under=under, is_conditional=True)

    def _assign(self, scope: Scope, event: Assign, *, conditional: bool) -> None:
        for to in event.targets:
            target = self._resolver.resolve_assigned(scope, to)
            self.steps.append(
                AssignSite(self._module, event, to, target, scope.symbol, conditional, self._under, self._past)
            )

    def _value(self, scope: Scope, value: Value, *, conditional: bool, loop: bool) -> None:  # noqa: C901, PLR0912 -- a case per kind
        match value:
            case Constant():
                return
            case Name():
                self._name(scope, value)
                return
            case Call():
                # The target is resolved once, for what it refers to and for the call.
                inner = parts(value) if not isinstance(value.target, Name) else parts(value)[1:]
                outer_looks = self._only_looks
                self._only_looks = outer_looks or value.written in _ONLY_LOOK
                for part in inner:
                    self._value(scope, part, conditional=conditional, loop=loop)
                self._only_looks = outer_looks
                self._call(scope, value, conditional=conditional, loop=loop)
                target = self.steps[-1].target
                for one in calls_by_going_through(self._resolver, scope, target, value):
                    self._implied(scope, one, conditional=conditional, loop=loop)
                run = call_of_what_is_run(self._resolver, scope, target, value)
                self._implied(scope, run, conditional=conditional, loop=loop)
                return
            case Attribute():
                self._value(scope, value.of, conditional=conditional, loop=loop)
                self.attributes.add(value.name)
                return
            case Subscript():
                for part in parts(value):
                    self._value(scope, part, conditional=conditional, loop=loop)
                if not self._only_looks:
                    implied = call_for_item(self._resolver, scope, value)
                    self._implied(scope, implied, conditional=conditional, loop=loop)
                return
            case Operation() if value.operator in {"and", "or"}:
                outer = self._under
                for index, part in enumerate(value.operands):
                    self._value(scope, part, conditional=conditional or index > 0, loop=loop)
                    # `args.debug and seed()`: what stands behind runs as in a branch.
                    self._under = (*self._under, (part, value.operator == "and"))
                self._under = outer
                return
            case Conditional():
                self._value(scope, value.condition, conditional=conditional, loop=loop)
                outer = self._under
                for part, wanted in ((value.then, True), (value.otherwise, False)):
                    self._under = (*outer, (value.condition, wanted))
                    self._value(scope, part, conditional=True, loop=loop)
                self._under = outer
                return
            case Comprehension():
                self._comprehension(scope, value, conditional=conditional, loop=loop)
                return
            case Lambda():
                for part in parts(value):
                    self._value(scope, part, conditional=conditional, loop=loop)
                outer = self._under
                # Whether somebody calls it is not followed.
                self._under = (*outer, (None, True))
                self._value(scope.child(value), value.body, conditional=True, loop=loop)
                self._under = outer
                return
            case _:
                for part in parts(value):
                    self._value(scope, part, conditional=conditional, loop=loop)

    def _name(self, scope: Scope, name: Name) -> None:
        target = self._resolver.resolve(scope, name)
        self._refer(target, name.dotted)
        if not self._only_looks:
            self._make(scope, target, name)

    def _comprehension(self, scope: Scope, value: Comprehension, *, conditional: bool, loop: bool) -> None:
        inner = scope.child(value)
        for index, clause in enumerate(value.clauses):
            first = index == 0
            where, below = scope if first else inner, conditional or not first
            self._value(where, clause.iterable, conditional=below, loop=loop)
            implied = call_for_all(self._resolver, where, clause.iterable)
            self._implied(where, implied, conditional=below, loop=loop)
            for condition in clause.conditions:
                self._value(inner, condition, conditional=True, loop=True)
        for element in value.elements:
            self._value(inner, element, conditional=True, loop=True)

    def _call(self, scope: Scope, call: Call, *, conditional: bool, loop: bool) -> None:
        target = self._resolver.resolve(scope, call.target)
        self._refer(target, call.written)
        self._make(scope, target, call.target)
        if target.name in IMPORT_BY_NAME:
            imported = self._resolver.resolve(scope, call)
            if imported.kind is TargetKind.MODULE and imported.path:
                self.imports[imported.path] = None
        if target.name in {"builtins.getattr", "importlib.import_module", "builtins.vars"} and call.positional:
            of = self._resolver.resolve(scope, call.positional[0])
            if of.kind is TargetKind.MODULE and of.path:
                self.opens[of.path] = None
            elif len(call.positional) > 1 and isinstance(call.positional[1], Constant):
                self.attributes.add(str(call.positional[1].value))
            elif target.name == "importlib.import_module" and not isinstance(call.positional[0], Constant):
                self.imports_by_name = True
                self._import_one_of(call.positional[0])
        elif target.name in {"builtins.globals", "builtins.locals", "builtins.eval", "builtins.exec"}:
            given = call.positional[0] if call.positional else None
            if isinstance(given, Constant) and isinstance(given.value, str):
                self.read_body(scope, read_statements(given.value, call), conditional=conditional, loop=loop)
            else:
                self.opens[self._module.path] = None
        elif target.name == "importlib.util.spec_from_file_location":
            self._open_file(call)
        elif target.name == "builtins.setattr" and len(call.positional) == _SETATTR_TAKES:
            self._assign_by_name(scope, call, conditional=conditional)
        self.steps.append(
            CallSite(self._module, call, target, scope.symbol, conditional, loop, self._under, self._past, self._inside)
        )

    def _implied(self, scope: Scope, implied: ImpliedCall | None, *, conditional: bool, loop: bool) -> None:
        """Note a call that is not written."""
        if implied is not None:
            call, target = implied.call, implied.target
            self._refer(target, call.written)
            self.steps.append(
                CallSite(
                    self._module, call, target, scope.symbol, conditional, loop, self._under, self._past, self._inside
                )
            )

    def _import_one_of(self, name: Value) -> None:
        """`import_module(f"models.{name}")` imports a module of that package, and what it takes from there is not seen."""
        first = _start_of_text(name)
        package, dot, _ = first.partition("%")[0].partition("{")[0].rpartition(".")
        if dot and package:
            self.opens.update(dict.fromkeys(self._resolver.finder.modules_in(package)))

    def _open_file(self, call: Call) -> None:
        """`spec_from_file_location("name", "folder/module.py")`: a module by its file, relative to the folder or the project."""
        given = call.argument("location", 1)
        if not isinstance(given, Constant) or not isinstance(given.value, str):
            return
        beside = posixpath.join(posixpath.dirname(self._module.path), given.value)
        # Those that are no module of the project open nothing.
        self.opens.update(dict.fromkeys(posixpath.normpath(path) for path in (beside, given.value)))

    def _assign_by_name(self, scope: Scope, call: Call, *, conditional: bool) -> None:
        """`setattr(of, "name", value)` assigns as `of.name = value` does."""
        of, name, value = call.positional
        if not isinstance(name, Constant) or not isinstance(name.value, str):
            return
        place = (call.line, call.column, call.end_line, call.end_column)
        to = Name(*place, f"{of.dotted}.{name.value}") if isinstance(of, Name) else Attribute(*place, of, name.value)
        self._assign(scope, Assign(*place, (to,), value), conditional=conditional)

    def _make(self, scope: Scope, target: Target, value: Value) -> None:
        """Note a class that is named itself, as `Child` and `Child.create` name it, not by an object of it."""
        if isinstance(value, Name):
            head, _, rest = value.dotted.partition(".")
            home = scope.home_of(head)
            names = _NAME_CLASSES if home is None else {one.kind for one in home.bindings[head]} & _NAME_CLASSES
            if not names:
                if target.kind is TargetKind.CLASS and self._stands_in_a_class(target, value.dotted):
                    # `self.Layer`: a class that stands in the class of the object.
                    self.makes[target.path, target.symbol] = None
                return
            if rest and isinstance(target.definition, Function) and is_for_class(target.definition):
                place = (value.line, value.column, value.end_line, value.end_column)
                owner = self._resolver.resolve(scope, Name(*place, value.dotted.rpartition(".")[0]))
                if owner.kind is TargetKind.CLASS and owner.symbol != target.symbol.rpartition(".")[0]:
                    # Handed to the method of a class that it is made of.
                    self.refers[owner.path, owner.symbol] = None
                target = owner
        if target.kind is TargetKind.CLASS:
            self.makes[target.path, target.symbol] = None

    def _stands_in_a_class(self, target: Target, dotted: str) -> bool:
        """Whether a class stands in another one and goes by its own name."""
        owner, _, name = target.symbol.rpartition(".")
        inside = self._resolver.scopes(target.path).by_symbol.get(owner) if owner else None
        return inside is not None and inside.kind == "class" and dotted.rpartition(".")[2] == name

    def _refer(self, target: Target, dotted: str) -> None:
        if target.kind in {TargetKind.FUNCTION, TargetKind.CLASS}:
            self.refers[target.path, target.symbol] = None
        rest = dotted.partition(".")[2]
        if rest and (target.kind in {TargetKind.UNKNOWN, TargetKind.VALUE} or "()" in target.name):
            # `trainer.fit` of something unknown may be any method of that name, and so may that of what a call from
            # outside gave (`instantiate(config).fit`).
            self.attributes.update(rest.split("."))
        elif target.kind is TargetKind.FUNCTION or (rest and target.kind is TargetKind.CLASS):
            # A class made of this one may have its own.
            self.attributes.add(target.symbol.rpartition(".")[2])


_NAME_CLASSES = frozenset({BindingKind.IMPORT, BindingKind.CLASS})
# These get classes and make no object of them.
_ONLY_LOOK = frozenset({"isinstance", "issubclass", "super", "cast", "typing.cast"})


def _start_of_text(value: Value) -> str:
    """The literal text with which a string that is put together starts; empty where there is none."""
    match value:
        case FormattedString(parts=(first, *_)) | Operation(operator="+" | "%", operands=(first, *_)):
            return _start_of_text(first)
        case Call(target=Attribute(name="format", of=first)):
            return _start_of_text(first)
        case Constant(value=str(text)):
            return text
        case _:
            return ""


_RETURN, _JUMP, _FAILURE = Exit("return"), Exit("jump"), Exit("failure")
# Functions with more ways out are told as one of which nothing is known.
_MOST_EXITS = 32
_UNKNOWN_EXIT = (Exit("return", ((None, True),), is_bare=False),)
_SETATTR_TAKES = 3
_MESSAGES = frozenset(
    {"print", "print_help", "print_usage", "info", "warning", "warn", "error", "debug", "log", "echo"}
)
_END_THE_PROGRAM = frozenset({"sys.exit", "os._exit", "exit", "quit"})


def _is_message(site: CallSite) -> bool:
    return site.call.written.rpartition(".")[2] in _MESSAGES


def _read_in(stored: Value) -> tuple[Value, ...]:
    """What is read where something is stored: of `rows[i] = x` no item."""
    if isinstance(stored, Subscript):
        return parts(stored)
    if isinstance(stored, Sequence):
        return tuple(part for one in stored.elements for part in _read_in(one))
    return (stored,)


def _ends_the_program(event: Event) -> bool:
    return isinstance(event, Evaluate) and isinstance(event.value, Call) and event.value.written in _END_THE_PROGRAM


def _only_as_main(condition: tuple[Value | None, bool]) -> bool:
    """True for the branch that only the started module takes."""
    test, wanted = condition
    return test is not None and wanted and is_main_test(test)
