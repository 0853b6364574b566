"""Whether the order in which files are listed enters what is made of the listing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_gui.facts.events import (
    Assert,
    Assign,
    Attribute,
    Branch,
    Call,
    Comprehension,
    Conditional,
    Constant,
    Evaluate,
    Event,
    FormattedString,
    Jump,
    Lambda,
    Loop,
    Name,
    Operation,
    Raise,
    Return,
    Starred,
    Subscript,
    Value,
)
from repro_gui.facts.steps import CallSite
from repro_gui.facts.value_paths import covers, events_in, place_in, values_in
from repro_gui.facts.walk import own_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.knowledge import Knowledge
    from repro_gui.facts.scopes import Scope
    from repro_gui.facts.ways import Way

_REMOVING = frozenset({"os.remove", "os.unlink", "os.rmdir", "shutil.rmtree"})
_REMOVING_METHODS = frozenset({"unlink", "rmdir"})
_SORTING = frozenset({"builtins.sorted", "natsort.natsorted"})
# What keeps the order of what it is given, besides progress bars.
_KEEPING = frozenset({"builtins.list", "builtins.tuple", "builtins.iter", "builtins.map", "builtins.filter"})
# Whole numbers: their sum is the same in any order.
_WHOLE = frozenset({"builtins.len", "builtins.int", "os.path.getsize", "os.path.isfile", "os.path.isdir"})
_ASKING = frozenset({"startswith", "endswith", "exists", "is_file", "is_dir"})
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not", "not"})
# Keys by which different files are often equal, so that which of them comes first decides.
_COARSE_KEYS = frozenset({"builtins.len"})


class _Kept(Exception):
    """Something uses the order."""


def is_order_lost(way: Way, site: CallSite, knowledge: Knowledge) -> bool:
    """Whether what uses the listing sorts it, or does not care for its order, as far as its names are seen."""
    scope = way.program.code.scope(site.module.path, site.symbol)
    try:
        _Uses(way, knowledge, site).follow(scope, site.call)
    except _Kept:
        return False
    return True


class _Uses:
    def __init__(self, way: Way, knowledge: Knowledge, site: CallSite) -> None:
        self._way = way
        self._blind = knowledge.randomness.order_blind
        self._site = site
        self._seen: set[str] = set()

    def follow(self, scope: Scope, record: Value) -> None:
        """Go outwards from a value that has the order to where the order is lost; raises `_Kept` where it is not."""
        place = place_in(scope.body, record)
        if place is None:
            raise _Kept
        event, above = place
        inner: Value = record
        # Behind a call that is not known only what loses any order is taken for it.
        is_open = False
        for value in reversed(above):
            if isinstance(value, Call):
                name = self._name(scope, value.target)
                if name in self._blind and not self._has_coarse_key(scope, value):
                    return
                if name == "builtins.bool" or (name == "builtins.sum" and self._is_whole(scope, inner)):
                    return
                is_open = is_open or not (name in _KEEPING or name.startswith(("tqdm.", "rich.progress.")))
            elif self._is_lost_in(event, value, inner, scope, is_open=is_open):
                return
            inner = value
        self._in_statement(scope, event, inner, is_open=is_open)

    def _is_lost_in(self, event: Event, value: Value, inner: Value, scope: Scope, *, is_open: bool) -> bool:
        """Whether a value round another one does away with its order; False where it keeps it, raises where it uses it."""
        if isinstance(value, Comprehension):
            if value.kind == "set":
                return True
            if value.kind == "dict" and not is_open:
                raise _Kept
            return False
        if isinstance(value, Operation):
            if value.operator in {"in", "not in"} and value.operands[-1] is inner:
                return True
            if not is_open and value.operator == "not":
                return True
            if not is_open and value.operator in {"and", "or"} and isinstance(event, Branch | Assert):
                return True
            if value.operator == "+":
                return False
        if isinstance(value, Conditional) and value.condition is inner and not is_open:
            return True
        if isinstance(value, FormattedString) and isinstance(event, Assert | Raise):
            # Told when the program ends.
            return True
        if isinstance(value, Subscript) and isinstance(inner, Name) and _is_single(scope, inner.dotted):
            return True
        if not isinstance(value, Starred | Conditional):
            raise _Kept
        return False

    def _in_statement(self, scope: Scope, event: Event, inner: Value, *, is_open: bool) -> None:
        if isinstance(event, Branch | Assert | Raise) and not is_open:
            return
        if isinstance(event, Loop) and inner is event.iterable and not is_open:
            if all(self._is_free(scope, event, one) for one in event.body):
                return
            raise _Kept
        targets = event.targets if isinstance(event, Assign) else ()
        names = [target.dotted for target in targets if isinstance(target, Name)]
        if not names or len(names) != len(targets):
            raise _Kept
        for name in names:
            if not self._is_sorted_later(name):
                if is_open:
                    raise _Kept
                self._follow_name(scope, event, name)

    def _follow_name(self, scope: Scope, bound: Event, name: str) -> None:
        """Every place that reads a name; of a name of a module only where nobody else can read it."""
        path, symbol = self._site.module.path, self._site.symbol
        if "." in name or (not symbol and path != self._way.entry.path):
            raise _Kept
        if name in self._seen:
            return
        self._seen.add(name)
        code = self._way.program.code
        inside = [one for one in code.symbols(path) if not symbol or one == symbol or one.startswith(f"{symbol}.")]
        uses = [
            (one, value)
            for one in dict.fromkeys((symbol, *inside))
            for value in _names_in(code.scope(path, one), name)
            if not (isinstance(bound, Assign) and any(value is target for target in bound.targets))
        ]
        if not uses:
            raise _Kept
        for one, value in uses:
            if value.dotted != name:
                raise _Kept
            self.follow(code.scope(path, one) if one != symbol else scope, value)

    def _is_free(self, scope: Scope, loop: Loop, event: Event) -> bool:
        """Whether a part of a loop does the same in whatever order: takes files away, counts, collects in a set, takes a maximum."""
        if isinstance(event, Branch):
            return all(self._is_free(scope, loop, one) for one in (*event.then, *event.otherwise))
        if isinstance(event, Jump):
            return event.kind == "continue"
        if isinstance(event, Assign):
            return self._is_free_assignment(scope, loop, event)
        if not isinstance(event, Evaluate) or not isinstance(event.value, Call):
            return False
        target = self._way.program.code.resolver.resolve(scope, event.value.target)
        return target.name in _REMOVING or target.method in _REMOVING_METHODS or self._fills_set(scope, event.value)

    def _is_free_assignment(self, scope: Scope, loop: Loop, event: Assign) -> bool:
        if len(event.targets) != 1 or not isinstance(event.targets[0], Name) or event.value is None:
            return False
        name = event.targets[0].dotted
        if event.operator == "+=":
            return isinstance(event.value, Constant) and isinstance(event.value.value, int)
        if event.operator != "=" or "." in name:
            return False
        if isinstance(event.value, Call) and self._name(scope, event.value.target) in {"builtins.max", "builtins.min"}:
            return any(isinstance(one, Name) and one.dotted == name for one in event.value.positional)
        # A name of the loop's own.
        return all(
            any(covers(one, value) for one in loop.body)
            for value in _names_in(scope, name)
            if value is not event.targets[0]
        )

    def _fills_set(self, scope: Scope, call: Call) -> bool:
        owner, _, method = call.target.dotted.rpartition(".") if isinstance(call.target, Name) else ("", "", "")
        if method != "add" or "." in owner or owner not in scope.bindings:
            return False
        made = [binding.value for binding in scope.bindings[owner]]
        return bool(made) and all(
            isinstance(one, Call) and self._name(scope, one.target) == "builtins.set" for one in made
        )

    def _is_whole(self, scope: Scope, given: Value) -> bool:
        if not isinstance(given, Comprehension):
            return False
        return all(
            (isinstance(one, Constant) and isinstance(one.value, int))
            or (isinstance(one, Call) and self._name(scope, one.target) in _WHOLE)
            or (isinstance(one, Operation) and one.operator in _COMPARISONS)
            or (isinstance(one, Attribute) and one.name == "st_size")
            or _method_of(one) in _ASKING
            for one in given.elements
        )

    def _has_coarse_key(self, scope: Scope, call: Call) -> bool:
        key = call.keyword("key")
        return key is not None and self._name(scope, key.value) in _COARSE_KEYS

    def _is_sorted_later(self, name: str) -> bool:
        """Whether the same code sorts the variable that holds the listing: `names.sort()`, `for name in sorted(names)`."""
        site = self._site
        for step in self._way.program.code.unit(site.module.path, site.symbol).steps:
            if not isinstance(step, CallSite) or (step.call.line, step.call.column) <= (
                site.call.line,
                site.call.column,
            ):
                continue
            target = step.call.target
            if isinstance(target, Name) and target.dotted == f"{name}.sort":
                return True
            if step.name in _SORTING and step.call.positional:
                first = step.call.positional[0]
                if isinstance(first, Name) and first.dotted == name:
                    return True
        return False

    def _name(self, scope: Scope, target: Value) -> str:
        return self._way.program.code.resolver.resolve(scope, target).name


def _method_of(value: Value) -> str:
    target = value.target if isinstance(value, Call) else None
    if isinstance(target, Name):
        return target.dotted.rpartition(".")[2]
    return target.name if isinstance(target, Attribute) else ""


def _names_in(scope: Scope, name: str) -> Iterator[Name]:
    """Where code names a variable, or something of it, but for functions inside of it."""
    for event in events_in(scope.body):
        for whole in own_values(event):
            for value, _ in values_in(whole):
                # What a function without a name reads has no place in an event: whoever follows it finds none.
                inside = values_in(value.body) if isinstance(value, Lambda) else [(value, ())]
                for one, _ in inside:
                    if isinstance(one, Name) and (one.dotted == name or one.dotted.startswith(f"{name}.")):
                        yield one


def _is_single(scope: Scope, name: str) -> bool:
    """Whether code goes on only where a listing has one file: `assert len(found) == 1`."""
    for event in events_in(scope.body):
        if isinstance(event, Assert) and _counts(event.condition, "==", name):
            return True
        if isinstance(event, Branch) and event.then and _counts(event.condition, "!=", name):
            last = event.then[-1]
            if isinstance(last, Raise | Return) or (isinstance(last, Jump) and last.kind == "continue"):
                return True
    return False


def _counts(condition: Value, operator: str, name: str) -> bool:
    if not isinstance(condition, Operation) or condition.operator != operator or len(condition.operands) != 2:
        return False
    call, one = condition.operands
    if not isinstance(call, Call) or not isinstance(call.target, Name) or call.target.dotted != "len":
        return False
    first = call.positional[0] if call.positional else None
    return isinstance(first, Name) and first.dotted == name and isinstance(one, Constant) and one.value == 1
