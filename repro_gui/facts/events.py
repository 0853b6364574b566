"""What a module does, as compact records: events in the order of the source, and the values in them.

A module body, function, class, lambda or notebook cell is a tuple of events; an event holds values, a value may hold
values. Calls stand inside the values where they are evaluated, so that `walk.evaluated` can give them in Python's order
of evaluation. Names are as written (`np.random.seed`); `facts/scopes.py` tells what they mean.

Records carry their place as the parser counts: lines from 1, columns in UTF-8 bytes from 0, end exclusive, notebook
cells one below the other. `ModuleSummary.location(record)` makes a `Location` of it.
"""

from __future__ import annotations

import functools

import msgspec

# What a node takes in an encoded body, on average.
BYTES_OF_A_NODE = 12


class Node(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A record with its place; see the module for how it counts."""

    line: int
    column: int
    end_line: int
    end_column: int


class Constant(Node, frozen=True, tag=1):
    """A literal; what msgpack cannot hold (bytes, complex, huge integers, `...`) is `Opaque`."""

    value: bool | int | float | str | None


class Name(Node, frozen=True, tag=2):
    """A name with the attributes after it as written: `np.random.seed`, `self.rng`, `x`."""

    dotted: str


class Attribute(Node, frozen=True, tag=3):
    """An attribute of something that is not a dotted name: `load().data`, `parts[0].size`."""

    of: Value
    name: str


class Call(Node, frozen=True, tag=4):
    """A call; `positional` may hold `Starred`, a keyword without name is `**mapping`."""

    target: Value
    positional: tuple[Value, ...] = ()
    keywords: tuple[Keyword, ...] = ()

    @property
    def written(self) -> str:
        """The target as written when it is a dotted name, else empty."""
        return self.target.dotted if isinstance(self.target, Name) else ""

    def keyword(self, name: str) -> Keyword | None:
        """The keyword argument of that name."""
        for keyword in self.keywords:
            if keyword.name == name:
                return keyword
        return None

    def argument(self, name: str, position: int = -1) -> Value | None:
        """The value given by keyword or at that position; None when it is not given in the call itself.

        Positions after a `*args` do not count, since its length is not known here.
        """
        given = self.keyword(name)
        if given is not None:
            return given.value
        if 0 <= position < len(self.positional) and not any(
            isinstance(value, Starred) for value in self.positional[: position + 1]
        ):
            return self.positional[position]
        return None

    @property
    def has_star(self) -> bool:
        """True when `*args` or `**kwargs` may bring arguments that are not seen here."""
        return any(not keyword.name for keyword in self.keywords) or any(
            isinstance(value, Starred) for value in self.positional
        )


class Keyword(Node, frozen=True):
    """`name=value` in a call or class; an empty name is `**value`."""

    name: str
    value: Value


class Starred(Node, frozen=True, tag=5):
    """`*value` in a call, a sequence or a target."""

    value: Value


class Sequence(Node, frozen=True, tag=6):
    """A list, tuple or set display; `kind` is "list", "tuple" or "set".

    `length` counts all elements; long displays of constants keep only the first few.
    """

    kind: str
    elements: tuple[Value, ...]
    length: int


class Mapping(Node, frozen=True, tag=7):
    """A dict display; a None key is `**value`; long displays of constants keep only the first few items."""

    keys: tuple[Value | None, ...]
    values: tuple[Value, ...]
    length: int


class Operation(Node, frozen=True, tag=8):
    """Operators over operands.

    "and", "or", "not"; arithmetic "+" "-" "*" "/" "//" "%" "**" "@" "<<" ">>" "|" "&" "^"; unary "u-" "u+" "u~";
    one comparison "==" "!=" "<" "<=" ">" ">=" "is" "is not" "in" "not in". A chain `a < b < c` is an "and" of
    comparisons; a middle operand that does something is an `Opaque` "again" in the second one, since it is evaluated
    once.
    """

    operator: str
    operands: tuple[Value, ...]


class Conditional(Node, frozen=True, tag=9):
    """`then if condition else otherwise`."""

    condition: Value
    then: Value
    otherwise: Value


class Subscript(Node, frozen=True, tag=10):
    """`of[index]`."""

    of: Value
    index: Value


class Slice(Node, frozen=True, tag=11):
    """`start:stop:step` inside a subscript."""

    start: Value | None
    stop: Value | None
    step: Value | None


class FormattedString(Node, frozen=True, tag=12):
    """An f-string (or t-string): its literal parts and the values between them in order."""

    parts: tuple[Value, ...]


class Lambda(Node, frozen=True, tag=13):
    """A lambda; its body is evaluated at each call."""

    parameters: tuple[Parameter, ...]
    body: Value


class Comprehension(Node, frozen=True, tag=14):
    """`kind` is "list", "set", "dict" or "generator"; a dict has two elements (key, value).

    The first clause's iterable is evaluated in the enclosing scope, everything else in a scope of its own.
    """

    kind: str
    elements: tuple[Value, ...]
    clauses: tuple[Clause, ...]


class Clause(Node, frozen=True):
    """`for target in iterable if condition …` of a comprehension; placed where its target is."""

    target: Value
    iterable: Value
    conditions: tuple[Value, ...]


class Yield(Node, frozen=True, tag=15):
    """`kind` is "yield", "yield from" or "await"."""

    kind: str
    value: Value | None


class Walrus(Node, frozen=True, tag=16):
    """`target := value`."""

    target: Value
    value: Value


class Opaque(Node, frozen=True, tag=17):
    """Something no rule looks into; `kind` says what ("bytes", "complex", "ellipsis", "int", "str", "deep", "again")."""

    kind: str


Value = (
    Constant
    | Name
    | Attribute
    | Call
    | Starred
    | Sequence
    | Mapping
    | Operation
    | Conditional
    | Subscript
    | Slice
    | FormattedString
    | Lambda
    | Comprehension
    | Yield
    | Walrus
    | Opaque
)


class Parameter(Node, frozen=True):
    """A parameter; `kind` is "positional-only", "positional", "keyword-only", "*" or "**"."""

    name: str
    kind: str
    default: Value | None
    annotation: Value | None


class Evaluate(Node, frozen=True, tag=1):
    """An expression statement; constants alone (docstrings) are left out."""

    value: Value


class Assign(Node, frozen=True, tag=2):
    """An assignment, also annotated (`annotation`, `value` may be None) and augmented (`operator` "+=", …)."""

    targets: tuple[Value, ...]
    value: Value | None
    operator: str = "="
    annotation: Value | None = None


class Import(Node, frozen=True, tag=3):
    """One imported name.

    `import a.b` binds `a`: module "a.b", name "", alias "a"; `import a.b as c`: alias "c"; `from ..p import n as m`: module "p",
    level 2, name "n", alias "m"; a star import has name "*" and an empty alias.
    """

    module: str
    name: str
    alias: str
    level: int = 0
    is_renamed: bool = False


class Branch(Node, frozen=True, tag=4):
    """`if condition`; `elif` is a branch in `otherwise`."""

    condition: Value
    then: tuple[Event, ...]
    otherwise: tuple[Event, ...] = ()


class Loop(Node, frozen=True, tag=5):
    """`kind` is "for", "async for" or "while" (then without target, `iterable` is the condition)."""

    kind: str
    target: Value | None
    iterable: Value
    body: tuple[Event, ...]
    otherwise: tuple[Event, ...] = ()


class Try(Node, frozen=True, tag=6):
    """`try`: its parts in order; `is_group` for `except*`."""

    body: tuple[Event, ...]
    handlers: tuple[Handler, ...]
    otherwise: tuple[Event, ...]
    finally_: tuple[Event, ...]
    is_group: bool = False


class Handler(Node, frozen=True):
    """One `except kind as name`; `kind` None catches all."""

    kind: Value | None
    name: str
    body: tuple[Event, ...]


class With(Node, frozen=True, tag=7):
    """`with context as target, …`."""

    items: tuple[WithItem, ...]
    body: tuple[Event, ...]
    is_async: bool = False


class WithItem(Node, frozen=True):
    """One context manager and what it is bound to; placed where the context expression is."""

    context: Value
    target: Value | None


class Return(Node, frozen=True, tag=8):
    """`return value`."""

    value: Value | None


class Raise(Node, frozen=True, tag=9):
    """`raise value from cause`."""

    value: Value | None
    cause: Value | None = None


class Jump(Node, frozen=True, tag=10):
    """`kind` is "break" or "continue"."""

    kind: str


class Assert(Node, frozen=True, tag=11):
    """`assert condition, message`."""

    condition: Value
    message: Value | None


class Function(Node, frozen=True, tag=12):
    """A function definition: decorators and defaults are evaluated here, the body at each call.

    The body stays encoded until somebody looks into it, since most functions of a large project are never reached. `has_scopes`:
    something in it defines a function or class, or declares a name `global` or `nonlocal`.
    """

    name: str
    parameters: tuple[Parameter, ...]
    decorators: tuple[Value, ...]
    encoded: bytes
    is_async: bool = False
    is_generator: bool = False
    annotation: Value | None = None
    has_scopes: bool = False

    @property
    def nodes(self) -> int:
        """About how many nodes the body has."""
        return len(self.encoded) // BYTES_OF_A_NODE

    @property
    def body(self) -> tuple[Event, ...]:
        """The events of the body, decoded anew at each call: hold on to them, or to the `Scope` that does."""
        return decode_events(self.encoded)


class Class(Node, frozen=True, tag=13):
    """A class definition: everything, the body too, is evaluated here."""

    name: str
    bases: tuple[Value, ...]
    keywords: tuple[Keyword, ...]
    decorators: tuple[Value, ...]
    body: tuple[Event, ...]


class Delete(Node, frozen=True, tag=14):
    """`del targets`."""

    targets: tuple[Value, ...]


class Declare(Node, frozen=True, tag=15):
    """`kind` is "global" or "nonlocal"."""

    kind: str
    names: tuple[str, ...]


class Match(Node, frozen=True, tag=16):
    """`match subject`."""

    subject: Value
    cases: tuple[Case, ...]


class Case(Node, frozen=True):
    """One case; `pattern` is the values it compares with and calls by class, `binds` the names it sets.

    `is_wildcard` is true when it always matches (apart from the guard).
    """

    pattern: tuple[Value, ...]
    binds: tuple[str, ...]
    guard: Value | None
    body: tuple[Event, ...]
    is_wildcard: bool = False


class Cell(Node, frozen=True, tag=17):
    """A code cell of a notebook, in the order of the document; `cell` counts all cells from 0.

    `execution_count` is 0 when the cell never ran or the count was cleared.
    """

    cell: int
    events: tuple[Event, ...]
    execution_count: int = 0


class Magic(Node, frozen=True, tag=18):
    """An IPython line or cell magic or shell escape.

    `kind` is the magic's name ("run", "time", …), "!" for the shell or "?" for help; `text` is what follows. `target` is set for
    `x = !ls` and `x = %magic`.
    """

    kind: str
    text: str
    target: Value | None = None


Event = (
    Evaluate
    | Assign
    | Import
    | Branch
    | Loop
    | Try
    | With
    | Return
    | Raise
    | Jump
    | Assert
    | Function
    | Class
    | Delete
    | Declare
    | Match
    | Cell
    | Magic
)


def decode_events(encoded: bytes) -> tuple[Event, ...]:
    """The events of a body as `summarise` encodes them."""
    return _decoder().decode(encoded)


@functools.cache
def _decoder() -> msgspec.msgpack.Decoder[tuple[Event, ...]]:
    return msgspec.msgpack.Decoder(tuple[Event, ...])
