"""From expressions of Python's syntax tree to tuples in the shape of the values of `facts/events.py`.

One function for each kind of node, found by its type: own recursion over a dictionary is the fastest way through a tree.
A tuple takes a tenth of the time of a record; it is encoded as it is.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_gui.facts.sources import ImportedName

# A tuple in the shape of a record: (tag, line, column, end line, end column, fields…).
Record = tuple[Any, ...]

ENCODE = msgspec.msgpack.Encoder().encode

_LONG_DISPLAY = 64
_KEPT_OF_LONG_DISPLAY = 8
_LONG_STRING = 4_000
_LONG_SUM = 400


class Collected:
    """What is collected beside the records while one module is visited."""

    __slots__ = ("aliases", "called", "deferred", "guarded", "imports", "scopes", "typing", "walrus", "yields")

    def __init__(self) -> None:
        self.called: set[str] = set()
        self.aliases: set[tuple[str, str]] = set()
        self.imports: list[ImportedName] = []
        self.guarded = 0
        self.typing = 0
        self.deferred = 0
        self.yields = False
        self.scopes = False
        self.walrus = False


def _constant(n: Any, _: Collected) -> Record:
    value = n.value
    kind = type(value)
    if kind is str:
        if len(value) > _LONG_STRING:
            return (17, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, "str")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                return (17, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, "str")
    elif kind is int:
        if not -(2**63) <= value < 2**63:
            return (17, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, "int")
    elif kind is bytes or kind is complex or value is ...:
        return (17, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, kind.__name__)
    return (1, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, value)


def _name(n: Any, _: Collected) -> Record:
    return (2, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, n.id)


def _attribute(n: Any, s: Collected) -> Record:
    of = n.value
    if type(of) is ast.Name:
        return (2, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, f"{of.id}.{n.attr}")
    of = VALUES[type(of)](of, s)
    if of[0] == 2:
        return (2, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, f"{of[5]}.{n.attr}")
    return (3, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, of, n.attr)


def _call(n: Any, s: Collected) -> Record:
    target = n.func
    target = VALUES[type(target)](target, s)
    if target[0] == 2:
        s.called.add(target[5])
    elif target[0] == 3:
        s.called.add("." + target[6])
    else:
        s.called.add("()")
    positional = n.args
    keywords = n.keywords
    if keywords:
        return (
            4,
            n.lineno,
            n.col_offset,
            n.end_lineno,
            n.end_col_offset,
            target,
            [VALUES[type(e)](e, s) for e in positional] if positional else (),
            keyword_records(keywords, s),
        )
    return (
        4,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        target,
        [VALUES[type(e)](e, s) for e in positional] if positional else (),
    )


def keyword_records(keywords: list[Any], s: Collected) -> list[Record]:
    """Records of the keyword arguments of a call or class."""
    return [
        (
            k.lineno,
            k.col_offset,
            k.end_lineno,
            k.end_col_offset,
            k.arg or "",
            VALUES[type(k.value)](k.value, s),
        )
        for k in keywords
    ]


def _starred(n: Any, s: Collected) -> Record:
    return (5, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, VALUES[type(n.value)](n.value, s))


def _sequence(kind: str) -> Callable[[Any, Collected], Record]:
    def visit(n: Any, s: Collected) -> Record:
        elements = n.elts
        length = len(elements)
        if length > _LONG_DISPLAY and all(map(_is_plain, elements)):
            elements = elements[:_KEPT_OF_LONG_DISPLAY]
        return (
            6,
            n.lineno,
            n.col_offset,
            n.end_lineno,
            n.end_col_offset,
            kind,
            [VALUES[type(e)](e, s) for e in elements],
            length,
        )

    return visit


def _mapping(n: Any, s: Collected) -> Record:
    keys, values = n.keys, n.values
    length = len(keys)
    if length > _LONG_DISPLAY and all(map(_is_plain, values)) and all(map(_is_plain, keys)):
        keys, values = keys[:_KEPT_OF_LONG_DISPLAY], values[:_KEPT_OF_LONG_DISPLAY]
    return (
        7,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        [None if key is None else VALUES[type(key)](key, s) for key in keys],
        [VALUES[type(value)](value, s) for value in values],
        length,
    )


def _is_plain(n: Any) -> bool:
    """True for a literal without names, so that nothing is evaluated in it that could matter."""
    kind = type(n)
    if kind is ast.Constant:
        return True
    if kind is ast.Tuple or kind is ast.List:
        return all(map(_is_plain, n.elts))
    if kind is ast.UnaryOp:
        return type(n.operand) is ast.Constant
    if kind is ast.Dict:
        return all(map(_is_plain, n.values)) and all(map(_is_plain, n.keys))
    return False


BINARY_OPERATORS: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
}
_UNARY: dict[type, str] = {ast.Not: "not", ast.USub: "u-", ast.UAdd: "u+", ast.Invert: "u~"}
_COMPARED: dict[type, str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def _binary(n: Any, s: Collected) -> Record:
    left = n.left
    if type(left) is not ast.BinOp:
        return (
            8,
            n.lineno,
            n.col_offset,
            n.end_lineno,
            n.end_col_offset,
            BINARY_OPERATORS[type(n.op)],
            (VALUES[type(left)](left, s), VALUES[type(n.right)](n.right, s)),
        )
    # A long sum is a deep tree to the left: go down in a loop. The records nest as deeply and only go so far.
    spine = [n]
    while type(left) is ast.BinOp:
        spine.append(left)
        left = left.left
    if len(spine) > _LONG_SUM:
        return (17, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, "deep")
    value = VALUES[type(left)](left, s)
    for part in reversed(spine):
        value = (
            8,
            part.lineno,
            part.col_offset,
            part.end_lineno,
            part.end_col_offset,
            BINARY_OPERATORS[type(part.op)],
            (value, VALUES[type(part.right)](part.right, s)),
        )
    return value


def _unary(n: Any, s: Collected) -> Record:
    operand = n.operand
    if type(n.op) is ast.USub and type(operand) is ast.Constant:
        number: Any = operand.value
        if type(number) is float or (type(number) is int and number <= 2**63):
            return (1, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, -number)
    return (
        8,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        _UNARY[type(n.op)],
        (VALUES[type(operand)](operand, s),),
    )


def _boolean(n: Any, s: Collected) -> Record:
    return (
        8,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        "and" if type(n.op) is ast.And else "or",
        [VALUES[type(e)](e, s) for e in n.values],
    )


def _compare(n: Any, s: Collected) -> Record:
    left = VALUES[type(n.left)](n.left, s)
    if len(n.ops) == 1:
        right = n.comparators[0]
        return (
            8,
            n.lineno,
            n.col_offset,
            n.end_lineno,
            n.end_col_offset,
            _COMPARED[type(n.ops[0])],
            (left, VALUES[type(right)](right, s)),
        )
    pairs = []
    for operator, comparator in zip(n.ops, n.comparators, strict=True):
        right = VALUES[type(comparator)](comparator, s)
        pairs.append((8, left[1], left[2], right[3], right[4], _COMPARED[type(operator)], (left, right)))
        # Evaluated once: where the middle operand does something, the second mention of it is opaque.
        left = right if right[0] in {1, 2} else (17, *right[1:5], "again")
    return (8, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, "and", pairs)


def _conditional(n: Any, s: Collected) -> Record:
    return (
        9,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        VALUES[type(n.test)](n.test, s),
        VALUES[type(n.body)](n.body, s),
        VALUES[type(n.orelse)](n.orelse, s),
    )


def _subscript(n: Any, s: Collected) -> Record:
    return (
        10,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        VALUES[type(n.value)](n.value, s),
        VALUES[type(n.slice)](n.slice, s),
    )


def _slice(n: Any, s: Collected) -> Record:
    return (
        11,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        maybe(n.lower, s),
        maybe(n.upper, s),
        maybe(n.step, s),
    )


def _formatted(n: Any, s: Collected) -> Record:
    parts = []
    for part in n.values:
        if type(part) is ast.Constant:
            parts.append(_constant(part, s))
        else:
            parts.append(VALUES[type(part.value)](part.value, s))
            if part.format_spec is not None:
                parts.extend(_formatted(part.format_spec, s)[5])
    return (12, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, parts)


def _lambda(n: Any, s: Collected) -> Record:
    yields = s.yields
    s.deferred += 1
    parameters = parameter_records(n.args, s)
    body = VALUES[type(n.body)](n.body, s)
    s.deferred -= 1
    s.yields = yields
    return (13, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, parameters, body)


def _comprehension(kind: str) -> Callable[[Any, Collected], Record]:
    def visit(n: Any, s: Collected) -> Record:
        clauses = [
            (
                c.target.lineno,
                c.target.col_offset,
                c.target.end_lineno,
                c.target.end_col_offset,
                VALUES[type(c.target)](c.target, s),
                VALUES[type(c.iter)](c.iter, s),
                [VALUES[type(e)](e, s) for e in c.ifs] if c.ifs else (),
            )
            for c in n.generators
        ]
        # 3.15 allows `{**m for m in maps}`, where the value is None.
        made = (n.key, n.value) if kind == "dict" else (n.elt,)
        elements = [VALUES[type(e)](e, s) for e in made if e is not None]
        return (14, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, kind, elements, clauses)

    return visit


def _yield(kind: str) -> Callable[[Any, Collected], Record]:
    def visit(n: Any, s: Collected) -> Record:
        if kind != "await":
            s.yields = True
        return (15, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, kind, maybe(n.value, s))

    return visit


def _walrus(n: Any, s: Collected) -> Record:
    s.walrus = True
    return (
        16,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        VALUES[type(n.target)](n.target, s),
        VALUES[type(n.value)](n.value, s),
    )


def maybe(n: Any, s: Collected) -> Record | None:
    """The record of an expression that may not be there."""
    return None if n is None else VALUES[type(n)](n, s)


def parameter_records(arguments: Any, s: Collected) -> list[Record]:
    """Records of the parameters of a function or lambda."""
    found: list[Record] = []
    positional = [(a, "positional-only") for a in arguments.posonlyargs]
    positional += [(a, "positional") for a in arguments.args]
    undefaulted = len(positional) - len(arguments.defaults)
    for index, (a, kind) in enumerate(positional):
        default = arguments.defaults[index - undefaulted] if index >= undefaulted else None
        found.append(_parameter(a, kind, default, s))
    if arguments.vararg is not None:
        found.append(_parameter(arguments.vararg, "*", None, s))
    for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(_parameter(a, "keyword-only", default, s))
    if arguments.kwarg is not None:
        found.append(_parameter(arguments.kwarg, "**", None, s))
    return found


def _parameter(a: Any, kind: str, default: Any, s: Collected) -> Record:
    return (
        a.lineno,
        a.col_offset,
        a.end_lineno,
        a.end_col_offset,
        a.arg,
        kind,
        None if default is None else VALUES[type(default)](default, s),
        None if a.annotation is None else VALUES[type(a.annotation)](a.annotation, s),
    )


VALUES: dict[type, Callable[[Any, Collected], Record]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Starred: _starred,
    ast.List: _sequence("list"),
    ast.Tuple: _sequence("tuple"),
    ast.Set: _sequence("set"),
    ast.Dict: _mapping,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.JoinedStr: _formatted,
    ast.Lambda: _lambda,
    ast.ListComp: _comprehension("list"),
    ast.SetComp: _comprehension("set"),
    ast.DictComp: _comprehension("dict"),
    ast.GeneratorExp: _comprehension("generator"),
    ast.Yield: _yield("yield"),
    ast.YieldFrom: _yield("yield from"),
    ast.Await: _yield("await"),
    ast.NamedExpr: _walrus,
}
if hasattr(ast, "TemplateStr"):  # Python 3.14
    VALUES[ast.TemplateStr] = _formatted
