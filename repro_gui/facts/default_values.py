"""The values that expressions have when nobody gives the program another one: constants, defaults, arguments of the callers."""

from __future__ import annotations

import operator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from repro_gui.facts.absl_flags import PARSED_FLAGS, default_position, defines_flag
from repro_gui.facts.assigned_attributes import assigned_attribute
from repro_gui.facts.events import (
    Attribute,
    Call,
    Conditional,
    Constant,
    Function,
    Name,
    Operation,
    Parameter,
    Subscript,
    Value,
)
from repro_gui.facts.hydra_config import primary_config
from repro_gui.facts.literal_mappings import Given, LiteralMappings
from repro_gui.facts.scopes import BindingKind, Scope, TargetKind
from repro_gui.facts.setting_values import setting_read
from repro_gui.facts.steps import AssignSite, CallSite
from repro_gui.facts.value_paths import covers
from repro_gui.facts.walk import is_main_test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from repro_gui.facts.configs import ConfigFile
    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import Unit


class Known(msgspec.Struct, frozen=True):
    """A value; `is_default`: it is one unless the person gives another (an option, an environment variable)."""

    value: Any
    is_default: bool = False


class Computed(msgspec.Struct, frozen=True):
    """What a call gives that has no value before the program runs; `name` is canonical as the program has it."""

    name: str
    call: Call
    scope: Scope


class Unsettled(msgspec.Struct, frozen=True):
    """A value that cannot be known here; `written` is the name that it has in the source, if it has one."""

    written: str = ""


Settled = Known | Computed | Unsettled


def is_default_value(settled: Settled) -> bool:
    """Whether a value holds only unless the person gives another one."""
    return isinstance(settled, Known) and settled.is_default


# Values handed from caller to caller: real chains are short.
_MOST_STEPS = 12


# Give an object of the class they get, its fields from the command line where it names them.
_FILLED_FROM_THE_COMMAND_LINE = frozenset(
    {"tyro.cli", "simple_parsing.parse", "pyrallis.parse", "draccus.parse", "jsonargparse.auto_cli"}
)


class DefaultValues:
    """Follows values through names, parameters and options; the units in `order` are those that can run, calls of functions in them."""

    def __init__(self, program: Program, order: dict[Unit, int]) -> None:
        self._program = program
        self._resolver = program.code.resolver
        self.order = order
        self._called = program.index_of(_calls_in)
        self._called.add(order)
        self._added = program.index_of(_options_in)
        self._added.add(order)
        self._callers: dict[tuple[str, str], list[CallSite]] = {}
        self._options: dict[str, list[CallSite]] = {}
        self._arguments: dict[tuple[str, str, str], Settled] = {}
        # By scope and record: the record, how far from the question it was, and what it gave.
        self._operations: dict[tuple[int, int], tuple[Operation, int, Settled]] = {}
        self._given_depth = 0
        self._givens: dict[tuple[str, str, str], list[tuple[Scope, Value]]] = {}

    @cached_property
    def mappings(self) -> LiteralMappings:
        """What literal mappings give on this way."""
        return LiteralMappings(self._program, self, self.order)

    def callers(self, path: str, symbol: str) -> list[CallSite]:
        """The calls of a function; those of a class call its `__init__`."""
        found = self._callers.get((path, symbol))
        if found is None:
            found = self._called.of((path, symbol), self.order)
            if symbol.endswith(".__init__"):
                found += self._called.of((path, symbol.removesuffix(".__init__")), self.order)
            self._callers[path, symbol] = found
        return found

    def scope(self, site: CallSite) -> Scope:
        """The scope in which a call stands."""
        return self._program.code.scope(site.module.path, site.symbol)

    def value(self, scope: Scope, value: Value, steps: int = 0) -> Settled:
        """What an expression is by default."""
        if steps > _MOST_STEPS:
            return Unsettled()
        scope, value = self._resolver.value_of(scope, value)
        match value:
            case Constant():
                return Known(value.value)
            case Name():
                return self._name(scope, value, steps)
            case Call():
                return self._call(scope, value, steps)
            case Conditional():
                condition = self.truth(scope, value.condition, steps + 1)
                if condition is None:
                    return Unsettled()
                return self.value(scope, value.then if condition else value.otherwise, steps + 1)
            case Operation():
                return self._operation(scope, value, steps)
            case Subscript():
                return self._subscript(scope, value, steps)
            case Attribute():
                # `uuid4().int` is another one in each run as `uuid4()` is.
                inner = self.value(scope, value.of, steps + 1)
                return inner if isinstance(inner, Computed) else Unsettled()
            case _:
                return Unsettled()

    def truth(self, scope: Scope, value: Value, steps: int = 0) -> bool | None:
        """Whether a condition holds by default; None when that cannot be known."""
        if steps > _MOST_STEPS:
            return None
        if isinstance(value, Operation):
            if value.operator == "not":
                inner = self.truth(scope, value.operands[0], steps + 1)
                return None if inner is None else not inner
            if value.operator in {"and", "or"}:
                parts = [self.truth(scope, operand, steps + 1) for operand in value.operands]
                deciding = value.operator == "or"
                if deciding in parts:
                    return deciding
                return None if None in parts else not deciding
        settled = self.value(scope, value, steps + 1)
        return bool(settled.value) if isinstance(settled, Known) else None

    # ---------------------------------------------------------------------------------------------------- the kinds

    def _name(self, scope: Scope, name: Name, steps: int) -> Settled:
        owner, _, last = name.dotted.rpartition(".")
        if not owner:
            found = self.parameter_of(scope, name)
            if found is not None:
                return self._argument(*found, steps)
            started = self._bound_when_started(scope, name.dotted)
            return Unsettled(name.dotted) if started is None else self.value(*started, steps + 1)
        options = self._resolver.resolve(scope, _named(name, owner)).name
        if options.endswith((".parse_args()", ".parse_known_args()")) or options in PARSED_FLAGS:
            return self._option(last, steps)
        origin_scope, origin = self.origin(scope, _named(name, owner), steps)
        if isinstance(origin, Call):
            # A function of the project that gives back parsed options counts like the parser itself.
            given = self._field(origin_scope, origin, last)
            if given is not None:
                return self._as_default(*given, steps + 1)
            gives = self._resolver.resolve(origin_scope, origin).name
            called = self._resolver.resolve(origin_scope, origin.target)
            if gives.endswith((".parse_args()", ".parse_known_args()")) or called.method in {
                "parse_args",
                "parse_known_args",
            }:
                return self._option(last, steps)
        configured = self._configured(scope, _named(name, owner), last)
        if configured is not None:
            return configured
        if isinstance(origin, Name) and origin.dotted != owner:
            settled = self.value(origin_scope, _named(name, f"{origin.dotted}.{last}"), steps + 1)
            if not isinstance(settled, Unsettled):
                return settled
        assigned = assigned_attribute(self._program, self._given, scope, name)
        return Unsettled(name.dotted) if assigned is None else self._as_default(*assigned, steps + 1)

    def field_default(self, scope: Scope, name: Name) -> tuple[Scope, Value] | None:
        """The default that `args.seed` has: of a dataclass's field that the command line fills, or assigned; None for other names."""
        owner, _, last = name.dotted.rpartition(".")
        if not owner:
            return None
        where, origin = self.origin(scope, _named(name, owner))
        found = self._field(where, origin, last) if isinstance(origin, Call) else None
        return found or assigned_attribute(self._program, self._given, scope, name)

    def _field(self, scope: Scope, call: Call, name: str) -> tuple[Scope, Value] | None:
        """The default of a field of a dataclass that a call fills from the command line; None for other calls."""
        if self._resolver.resolve(scope, call.target).name not in _FILLED_FROM_THE_COMMAND_LINE:
            return None
        of = call.positional[0] if call.positional else call.argument("config_class")
        target = None if of is None else self._resolver.resolve(scope, of)
        if target is None or target.kind is not TargetKind.CLASS:
            return None
        inner = self._program.code.scope(target.path, target.symbol)
        bindings = inner.bindings.get(name, ())
        if len(bindings) != 1 or bindings[0].value is None:
            return None
        return inner, bindings[0].value

    def _configured(self, scope: Scope, owner: Value, key: str) -> Settled | None:
        """The value of a setting of a configuration file; None when the owner is nothing of that kind."""
        read = setting_read(self._program, self, scope, owner, key)
        if read is None:
            return None
        if read.setting is None or (isinstance(read.setting.value, str) and "${" in read.setting.value):
            return Unsettled(read.key)
        return Known(read.setting.value, is_default=True)

    def _primary_config(self, scope: Scope) -> ConfigFile | None:
        return primary_config(scope, self._resolver, self._program.configs) if self._program.configs else None

    def _bound_when_started(self, scope: Scope, name: str) -> tuple[Scope, Value] | None:
        """What a name is bound to once, under nothing but `if __name__ == "__main__"`."""
        home = scope.home_of(name)
        bindings = [] if home is None else home.bindings[name]
        if home is None or len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNED:
            return None
        for step in self._program.code.unit(home.module.path, home.function_scope.symbol).steps:
            if (
                isinstance(step, AssignSite)
                and step.assign.value is bindings[0].value
                and bindings[0].value is not None
            ):
                if all(
                    condition is not None and wanted and is_main_test(condition) for condition, wanted in step.under
                ):
                    return home, bindings[0].value
                return None
        return None

    def origin(self, scope: Scope, value: Value, steps: int = 0) -> tuple[Scope, Value]:
        """The expression that makes a value, followed through names and through the only caller of a function."""
        for _ in range(_MOST_STEPS - steps):
            scope, value = self._resolver.value_of(scope, value)
            if not isinstance(value, Name) or "." in value.dotted:
                break
            found = self.parameter_of(scope, value)
            if found is None or self._primary_config(found[0]) is not None:
                break
            given = self._given(*found)
            if len(given) != 1:
                break
            scope, value = given[0]
        return scope, value

    def _given(self, home: Scope, parameter: Parameter) -> list[tuple[Scope, Value]]:
        """What the callers of a function give for a parameter, its default where they give nothing."""
        key = (home.module.path, home.symbol, parameter.name)
        if key not in self._givens:
            unknown: list[tuple[Scope, Value]] = [(home, _named(parameter, "?"))]
            if self._given_depth > _MOST_STEPS:
                return unknown
            self._givens[key] = unknown  # what a function that calls itself finds
            self._given_depth += 1
            try:
                self._givens[key] = self._find_given(home, parameter)
            finally:
                self._given_depth -= 1
        return self._givens[key]

    def _find_given(self, home: Scope, parameter: Parameter) -> list[tuple[Scope, Value]]:
        assert isinstance(home.definition, Function)
        names = [one.name for one in home.definition.parameters if one.kind in {"positional-only", "positional"}]
        position = names.index(parameter.name) if parameter.name in names else -1
        is_method = home.parent is not None and home.parent.kind == "class"
        given: list[tuple[Scope, Value]] = []
        for site in self.callers(home.module.path, home.symbol):
            at = position - (1 if is_method and position > 0 else 0)
            direct = site.call.argument(parameter.name, at)
            if direct is not None or not site.call.has_star:
                found = Given(direct, self.scope(site))
            else:
                found = self.mappings.argument(self.scope(site), site.call, parameter.name, at)
            if found.value is not None and found.scope is not None:
                given.append((found.scope, found.value))
            elif parameter.default is not None and found.is_absent:
                given.append((home.parent or home, parameter.default))
            else:
                given.append((home, _named(parameter, "?")))
        if not given and parameter.default is not None:
            given.append((home.parent or home, parameter.default))
        return given

    def _argument(self, home: Scope, parameter: Parameter, steps: int) -> Settled:
        key = (home.module.path, home.symbol, parameter.name)
        if key not in self._arguments:
            self._arguments[key] = Unsettled(parameter.name)  # what a function that calls itself finds
            self._arguments[key] = self._find_argument(home, parameter, steps)
            # What was worked out meanwhile may rest on what was to be found.
            self._operations.clear()
        return self._arguments[key]

    def _find_argument(self, home: Scope, parameter: Parameter, steps: int) -> Settled:
        option = self._decorated_option(home, parameter, steps)
        if option is not None:
            return option
        values = [
            self._as_default(where, value, steps) if value is parameter.default else self.value(where, value, steps + 1)
            for where, value in self._given(home, parameter)
        ]
        if values and all(value == values[0] for value in values) and not isinstance(values[0], Unsettled):
            return values[0]
        return Unsettled(parameter.name)

    def _decorated_option(self, home: Scope, parameter: Parameter, steps: int) -> Settled | None:
        """The default that click gives a parameter."""
        assert isinstance(home.definition, Function)
        outer = home.parent or home
        for decorator in home.definition.decorators:
            if not isinstance(decorator, Call):
                continue
            name = self._resolver.resolve(outer, decorator.target).name
            if name == "click.option" and parameter.name in _option_names(decorator):
                default = decorator.argument("default")
                return Known(None, is_default=True) if default is None else self._as_default(outer, default, steps)
        return None

    def option_sites(self, name: str) -> list[CallSite]:
        """The `add_argument` or `DEFINE_…` calls of an option by the attribute under which its value is found."""
        if name not in self._options:
            self._options[name] = self._added.of(name, self.order)
        return self._options[name]

    def parameter_of(self, scope: Scope, name: Name) -> tuple[Scope, Parameter] | None:
        """The function parameter that a plain name means where it stands, and the scope of its function."""
        home = scope.home_of(name.dotted)
        if home is None or not isinstance(home.definition, Function):
            return None
        first, *others = home.bindings[name.dotted]
        # In `rng = default_rng(rng)` the name is still the parameter.
        if first.kind is not BindingKind.PARAMETER or any(
            one.kind is not BindingKind.ASSIGNED or one.value is None or not covers(one.value, name) for one in others
        ):
            return None
        assert isinstance(first.record, Parameter)
        return home, first.record

    def _option(self, name: str, steps: int) -> Settled:
        """The default of a command line option of argparse or absl; options of several parsers must agree."""
        defaults: list[Settled] = []
        for site in self.option_sites(name):
            given = site.call.argument("default", default_position(site.name))
            action = site.call.argument("action")
            if given is not None:
                defaults.append(self._as_default(self.scope(site), given, steps))
            elif isinstance(action, Constant) and action.value in {"store_true", "store_false"}:
                defaults.append(Known(action.value == "store_false", is_default=True))
            elif site.call.argument("required") is not None or site.call.has_star:
                defaults.append(Unsettled(name))
            else:
                defaults.append(Known(None, is_default=True))
        if defaults and all(default == defaults[0] for default in defaults):
            return defaults[0]
        return Unsettled(name)

    def _as_default(self, scope: Scope, value: Value, steps: int) -> Settled:
        settled = self.value(scope, value, steps + 1)
        return Known(settled.value, is_default=True) if isinstance(settled, Known) else settled

    def _call(self, scope: Scope, call: Call, steps: int) -> Settled:
        target = self._resolver.resolve(scope, call.target)
        name = target.name
        if name in {"builtins.int", "builtins.abs", "builtins.float", "builtins.str"} and len(call.positional) == 1:
            inner = self.value(scope, call.positional[0], steps + 1)
            return _applied(_CASTS[name], inner) if isinstance(inner, Known) else inner
        if name in {"os.environ.get", "os.getenv"}:
            default = call.argument("default", 1)
            return Known(None, is_default=True) if default is None else self._as_default(scope, default, steps)
        gotten = self._gotten(scope, call, steps)
        if gotten is not None:
            return gotten
        if name in {"typer.Option", "typer.Argument"}:
            default = call.argument("default", 0)
            return Unsettled() if default is None else self._as_default(scope, default, steps)
        returned = self._resolver.returned_value(scope, call)
        if returned is not None:
            inner = self.value(*returned, steps + 1)
            if not isinstance(inner, Unsettled):
                return inner
        return Computed(name, call, scope)

    def _gotten(self, scope: Scope, call: Call, steps: int) -> Settled | None:
        """What `settings.get("key", default)` gives; None where the settings are not known."""
        target = call.target
        of: Value | None = None
        if isinstance(target, Name) and target.dotted.endswith(".get"):
            of = _named(target, target.dotted.removesuffix(".get"))
        elif isinstance(target, Attribute) and target.name == "get":
            of = target.of
        key = call.positional[0] if call.positional else None
        written = key.value if isinstance(key, Constant) and isinstance(key.value, str) else ""
        if of is None or not written:
            return None
        configured = self._configured(scope, of, written)
        if configured is not None:
            return configured
        given = self.mappings.item(scope, of, written, steps + 1)
        if given.value is not None and given.scope is not None:
            return self.value(given.scope, given.value, steps + 1)
        if not given.is_absent:
            return None
        default = call.argument("default", 1)
        return Known(None) if default is None else self.value(scope, default, steps + 1)

    def _operation(self, scope: Scope, value: Operation, steps: int) -> Settled:
        """What an operation gives; constants that are made of others several times over are worked out once."""
        key = (id(scope), id(value))
        known = self._operations.get(key)
        # What was found nearer to the question rests on more.
        if known is None or known[1] > steps:
            known = self._operations[key] = (value, steps, self._find_operation(scope, value, steps))
        return known[2]

    def _find_operation(self, scope: Scope, value: Operation, steps: int) -> Settled:
        if value.operator in {"or", "and"}:
            settled: Settled = Unsettled()
            for operand in value.operands:
                settled = self.value(scope, operand, steps + 1)
                if not isinstance(settled, Known) or bool(settled.value) == (value.operator == "or"):
                    break
            return settled
        operands = [self.value(scope, operand, steps + 1) for operand in value.operands]
        computed = next((operand for operand in operands if isinstance(operand, Computed)), None)
        if computed is not None:
            return computed
        known = [operand for operand in operands if isinstance(operand, Known)]
        calculate = _OPERATORS.get(value.operator)
        if len(known) < len(operands) or calculate is None:
            return Unsettled()
        if value.operator in _ARITHMETIC and not all(_is_small(operand.value) for operand in known):
            return Unsettled()
        if value.operator == "**" and not all(abs(operand.value) <= _MOST_TO_THE_POWER for operand in known):
            return Unsettled()
        try:
            result = calculate(*[operand.value for operand in known])
        except (TypeError, ValueError, ArithmeticError):
            return Unsettled()
        return Known(result, is_default=any(operand.is_default for operand in known))

    def _subscript(self, scope: Scope, value: Subscript, steps: int) -> Settled:
        """An item of a literal; `os.environ["SEED"]` and the like are not settled."""
        given = self.mappings.subscript(scope, value, steps + 1)
        if given.value is not None and given.scope is not None:
            return self.value(given.scope, given.value, steps + 1)
        configured = self._configured(scope, value, "")
        if configured is not None:
            return configured
        inner = self.value(scope, value.of, steps + 1)
        return inner if isinstance(inner, Computed) else Unsettled()


_CASTS: dict[str, Callable[[Any], Any]] = {
    "builtins.int": int,
    "builtins.abs": abs,
    "builtins.float": float,
    "builtins.str": str,
}

_OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "^": operator.xor,
    "u-": operator.neg,
    "not": operator.not_,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "is": operator.is_,
    "is not": operator.is_not,
}


_ARITHMETIC = frozenset({"+", "-", "*", "//", "%", "**", "^", "u-"})
_MOST_TO_THE_POWER = 64


def _is_small(value: Any) -> bool:
    """Numbers that are cheap to calculate with; the project's source must not make us work."""
    return isinstance(value, int | float) and abs(value) < 2**64


def _applied(function: Callable[[Any], Any], inner: Known) -> Settled:
    try:
        return Known(function(inner.value), inner.is_default)
    except (TypeError, ValueError, OverflowError):
        return Unsettled()


def _calls_in(unit: Unit) -> Iterator[tuple[tuple[str, str], CallSite]]:
    return (((site.target.path, site.target.symbol), site) for site in unit.calls if site.target.path)


def _options_in(unit: Unit) -> Iterator[tuple[str, CallSite]]:
    for site in unit.calls:
        if site.target.method == "add_argument":
            for name in _option_names(site.call):
                yield name, site
        elif defines_flag(site.name) and site.call.positional:
            first = site.call.positional[0]
            if isinstance(first, Constant) and isinstance(first.value, str):
                yield first.value, site


def _option_names(call: Call) -> list[str]:
    """The attributes under which an option's value is found: `dest`, else the first long flag."""
    dest = call.argument("dest")
    if isinstance(dest, Constant) and isinstance(dest.value, str):
        return [dest.value]
    flags = [value.value for value in call.positional if isinstance(value, Constant) and isinstance(value.value, str)]
    long = [flag for flag in flags if flag.startswith("--")] or flags
    return [long[0].lstrip("-").replace("-", "_")] if long else []


def _named(node: Name | Parameter, dotted: str) -> Name:
    return Name(node.line, node.column, node.end_line, node.end_column, dotted)
