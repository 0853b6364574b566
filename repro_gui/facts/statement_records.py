"""From statements of Python's syntax tree to tuples in the shape of the events of `facts/events.py`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from repro_gui.facts.events import Import
from repro_gui.facts.sources import ImportedName
from repro_gui.facts.value_records import (
    BINARY_OPERATORS,
    ENCODE,
    VALUES,
    Collected,
    Record,
    keyword_records,
    maybe,
    parameter_records,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_IMPORT_FAILURES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def statement_records(nodes: list[Any], s: Collected) -> list[Record]:
    """Events of statements; what is a tuple already (a magic of a notebook) stays."""
    events: list[Record] = []
    for n in nodes:
        kind = type(n)
        if kind is ast.Expr:
            value = n.value
            if type(value) is not ast.Constant:
                events.append(
                    (1, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, VALUES[type(value)](value, s))
                )
        elif kind is ast.Assign:
            value = VALUES[type(n.value)](n.value, s)
            targets = [VALUES[type(e)](e, s) for e in n.targets]
            if value[0] in _MAY_BE_AN_ALIAS:
                _note_aliases(targets, value, s)
            events.append((2, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, targets, value))
        elif kind is ast.Return:
            events.append((8, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, maybe(n.value, s)))
        elif kind is ast.Pass:
            pass
        elif kind is tuple:
            events.append(n)  # a record already: a magic of a notebook
        else:
            made = _STATEMENTS[kind](n, s)
            if isinstance(made, list):
                events.extend(made)
            else:
                events.append(made)
    return events


# A name, a call (`partial(f, …)`), `a or b`.
_MAY_BE_AN_ALIAS = frozenset({2, 4, 8})


def _note_aliases(targets: Sequence[Record], value: Record, s: Collected) -> None:
    """Note the other names that an assignment gives to a function: `fetch = request.urlretrieve`."""
    if value[0] == 4:
        if value[5][0] != 2 or not value[5][5].endswith("partial") or not value[6]:
            return
        value = value[6][0]
    elif value[0] == 8:
        value = value[6][-1]
    if value[0] not in {2, 3}:
        return
    last = value[-1].rpartition(".")[2]
    for target in targets:
        if target[0] in {2, 3}:
            name = target[-1].rpartition(".")[2]
            if name != last:
                s.aliases.add((last, name))


def _annotated(n: Any, s: Collected) -> Record:
    targets = (VALUES[type(n.target)](n.target, s),)
    value = maybe(n.value, s)
    if value is not None and value[0] in _MAY_BE_AN_ALIAS:
        _note_aliases(targets, value, s)
    annotation = VALUES[type(n.annotation)](n.annotation, s)
    return (2, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, targets, value, "=", annotation)


def _augmented(n: Any, s: Collected) -> Record:
    return (
        2,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        (VALUES[type(n.target)](n.target, s),),
        VALUES[type(n.value)](n.value, s),
        BINARY_OPERATORS[type(n.op)] + "=",
    )


def _type_alias(n: Any, s: Collected) -> Record:
    return (
        2,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        (VALUES[type(n.name)](n.name, s),),
        VALUES[type(n.value)](n.value, s),
    )


def _import(n: Any, s: Collected) -> list[Record]:
    return [
        _imported(a, s, a.name, "", a.asname or a.name.split(".", 1)[0], 0, renamed=a.asname is not None)
        for a in n.names
    ]


def _import_from(n: Any, s: Collected) -> list[Record]:
    module = n.module or ""
    return [
        _imported(
            a,
            s,
            module,
            a.name,
            "" if a.name == "*" else a.asname or a.name,
            n.level or 0,
            renamed=a.asname is not None,
        )
        for a in n.names
    ]


def _imported(a: Any, s: Collected, module: str, name: str, alias: str, level: int, *, renamed: bool) -> Record:
    place = (a.lineno, a.col_offset, a.end_lineno, a.end_col_offset, module, name, alias, level, renamed)
    s.imports.append(ImportedName(Import(*place), s.guarded > 0, s.typing > 0, s.deferred > 0))
    return (3, *place)


def _branch(n: Any, s: Collected) -> Record:
    condition = VALUES[type(n.test)](n.test, s)
    for_typing = _mentions(n.test, "TYPE_CHECKING")
    by_version = not for_typing and (_mentions(n.test, "version_info") or _mentions(n.test, "platform"))
    by_presence = not by_version and _asks_for_presence(n.test)
    s.typing += for_typing
    s.guarded += by_version + by_presence
    then = statement_records(n.body, s)
    s.typing -= for_typing
    s.guarded -= by_presence
    otherwise = statement_records(n.orelse, s) if n.orelse else ()
    s.guarded -= by_version
    return (4, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, condition, then, otherwise)


_PRESENCE = frozenset({"find_spec", "is_colab", "in_colab", "is_kaggle", "in_kaggle"})


def _asks_for_presence(test: Any) -> bool:
    """`if find_spec("wandb"):`, `if is_wandb_available():`, `if HAS_WANDB:`: what is imported there may be absent."""
    kind = type(test)
    if kind is ast.Call:
        return _asks_for_presence(test.func)
    if kind is ast.Compare:
        # `"google.colab" in sys.modules`
        in_modules = any(type(one) is ast.Attribute and one.attr == "modules" for one in test.comparators)
        return in_modules or _asks_for_presence(test.left)
    if kind is ast.BoolOp:
        return any(_asks_for_presence(one) for one in test.values)
    name = test.id if kind is ast.Name else test.attr if kind is ast.Attribute else ""
    lower = name.lower()
    return lower in _PRESENCE or lower.startswith("has_") or lower.endswith(("_available", "_installed"))


def _mentions(test: Any, name: str) -> bool:
    kind = type(test)
    if kind is ast.Name:
        return bool(test.id == name)
    if kind is ast.Attribute:
        return bool(test.attr == name)
    if kind is ast.Compare:
        return _mentions(test.left, name)
    if kind is ast.Subscript:
        return _mentions(test.value, name)
    return False


def _for(kind: str) -> Callable[[Any, Collected], Record]:
    def visit(n: Any, s: Collected) -> Record:
        iterable = VALUES[type(n.iter)](n.iter, s)
        return (
            5,
            n.lineno,
            n.col_offset,
            n.end_lineno,
            n.end_col_offset,
            kind,
            VALUES[type(n.target)](n.target, s),
            iterable,
            statement_records(n.body, s),
            statement_records(n.orelse, s) if n.orelse else (),
        )

    return visit


def _while(n: Any, s: Collected) -> Record:
    return (
        5,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        "while",
        None,
        VALUES[type(n.test)](n.test, s),
        statement_records(n.body, s),
        statement_records(n.orelse, s) if n.orelse else (),
    )


def _try(n: Any, s: Collected) -> Record:
    guards = any(_catches_import_failure(handler.type) for handler in n.handlers)
    s.guarded += guards
    body = statement_records(n.body, s)
    handlers = [
        (
            h.lineno,
            h.col_offset,
            h.end_lineno,
            h.end_col_offset,
            maybe(h.type, s),
            h.name or "",
            statement_records(h.body, s),
        )
        for h in n.handlers
    ]
    s.guarded -= guards
    return (
        6,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        body,
        handlers,
        statement_records(n.orelse, s) if n.orelse else (),
        statement_records(n.finalbody, s) if n.finalbody else (),
        type(n) is not ast.Try,
    )


def _catches_import_failure(kind: Any) -> bool:
    if kind is None:
        return True
    if type(kind) is ast.Tuple:
        return any(map(_catches_import_failure, kind.elts))
    return getattr(kind, "id", getattr(kind, "attr", "")) in _IMPORT_FAILURES


def _with(n: Any, s: Collected) -> Record:
    items = [
        (
            i.context_expr.lineno,
            i.context_expr.col_offset,
            i.context_expr.end_lineno,
            i.context_expr.end_col_offset,
            VALUES[type(i.context_expr)](i.context_expr, s),
            maybe(i.optional_vars, s),
        )
        for i in n.items
    ]
    # `contextlib.suppress(ImportError)` guards an import as `try` does.
    guards = any(
        item[4][0] == 4
        and item[4][5][0] == 2
        and item[4][5][5].endswith("suppress")
        and any(argument[0] == 2 and argument[5] in _IMPORT_FAILURES for argument in item[4][6])
        for item in items
    )
    s.guarded += guards
    body = statement_records(n.body, s)
    s.guarded -= guards
    return (7, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, items, body, type(n) is ast.AsyncWith)


def _raise(n: Any, s: Collected) -> Record:
    return (9, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, maybe(n.exc, s), maybe(n.cause, s))


def _jump(kind: str) -> Callable[[Any, Collected], Record]:
    def visit(n: Any, _: Collected) -> Record:
        return (10, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, kind)

    return visit


def _assert(n: Any, s: Collected) -> Record:
    return (
        11,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        VALUES[type(n.test)](n.test, s),
        maybe(n.msg, s),
    )


def _function(n: Any, s: Collected) -> Record:
    decorators = [VALUES[type(e)](e, s) for e in n.decorator_list] if n.decorator_list else ()
    parameters = parameter_records(n.args, s)
    yields, guarded = s.yields, s.guarded
    s.yields = s.scopes = False
    s.guarded = 0
    s.deferred += 1
    body = statement_records(n.body, s)
    s.deferred -= 1
    s.guarded = guarded
    is_generator, s.yields = s.yields, yields
    has_scopes, s.scopes = s.scopes, True
    return (
        12,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        n.name,
        parameters,
        decorators,
        ENCODE(body),
        type(n) is ast.AsyncFunctionDef,
        is_generator,
        maybe(n.returns, s),
        has_scopes,
    )


def _class(n: Any, s: Collected) -> Record:
    s.scopes = True
    return (
        13,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        n.name,
        [VALUES[type(e)](e, s) for e in n.bases] if n.bases else (),
        keyword_records(n.keywords, s),
        [VALUES[type(e)](e, s) for e in n.decorator_list] if n.decorator_list else (),
        statement_records(n.body, s),
    )


def _delete(n: Any, s: Collected) -> Record:
    return (
        14,
        n.lineno,
        n.col_offset,
        n.end_lineno,
        n.end_col_offset,
        [VALUES[type(e)](e, s) for e in n.targets],
    )


def _declare(kind: str) -> Callable[[Any, Collected], Record]:
    def visit(n: Any, s: Collected) -> Record:
        s.scopes = True
        return (15, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, kind, n.names)

    return visit


def _match(n: Any, s: Collected) -> Record:
    cases = []
    for case in n.cases:
        values: list[Record] = []
        binds: list[str] = []
        _pattern(case.pattern, s, values, binds)
        pattern = case.pattern
        cases.append(
            (
                pattern.lineno,
                pattern.col_offset,
                pattern.end_lineno,
                pattern.end_col_offset,
                values,
                binds,
                maybe(case.guard, s),
                statement_records(case.body, s),
                type(pattern) is ast.MatchAs and pattern.pattern is None,
            )
        )
    subject = VALUES[type(n.subject)](n.subject, s)
    return (16, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset, subject, cases)


def _pattern(p: Any, s: Collected, values: list[Record], binds: list[str]) -> None:  # noqa: PLR0912 -- a case per pattern
    kind = type(p)
    if kind is ast.MatchValue:
        values.append(VALUES[type(p.value)](p.value, s))
    elif kind is ast.MatchSingleton:
        values.append((1, p.lineno, p.col_offset, p.end_lineno, p.end_col_offset, p.value))
    elif kind is ast.MatchClass:
        values.append(VALUES[type(p.cls)](p.cls, s))
        for inner in (*p.patterns, *p.kwd_patterns):
            _pattern(inner, s, values, binds)
    elif kind is ast.MatchMapping:
        values.extend(VALUES[type(key)](key, s) for key in p.keys)
        for inner in p.patterns:
            _pattern(inner, s, values, binds)
        if p.rest:
            binds.append(p.rest)
    elif kind is ast.MatchAs:
        if p.pattern is not None:
            _pattern(p.pattern, s, values, binds)
        if p.name:
            binds.append(p.name)
    elif kind is ast.MatchStar:
        if p.name:
            binds.append(p.name)
    else:  # MatchSequence, MatchOr
        for inner in p.patterns:
            _pattern(inner, s, values, binds)


_STATEMENTS: dict[type, Callable[[Any, Collected], Record | list[Record]]] = {
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.If: _branch,
    ast.For: _for("for"),
    ast.AsyncFor: _for("async for"),
    ast.While: _while,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Raise: _raise,
    ast.Break: _jump("break"),
    ast.Continue: _jump("continue"),
    ast.Assert: _assert,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Delete: _delete,
    ast.Global: _declare("global"),
    ast.Nonlocal: _declare("nonlocal"),
    ast.Match: _match,
}
if hasattr(ast, "TypeAlias"):  # Python 3.12
    _STATEMENTS[ast.TypeAlias] = _type_alias
