"""Where new statements can go in Python source or in a notebook cell, and what names are bound there."""

from __future__ import annotations

import ast
import bisect
import re
import sys
from collections.abc import Iterable, Sequence

from repro_gui.errors import CannotPlan
from repro_gui.facts.source_edits import parse_source
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.text import text


class SourceOutline:
    """The statements of one source; raises `CannotPlan` when it cannot be parsed.

    Lines count from 1. `unit` is one step of indentation as this file writes it.
    """

    def __init__(self, source: SourceText) -> None:
        tree = parse_source(source.text)
        if tree is None:
            raise CannotPlan(
                text("{path} does not parse as Python.", path=source.path), text("Mend the syntax, then audit again.")
            )
        self.source = source
        self.tree = tree
        self.unit = _indentation_unit(tree, source)
        self._line_count = source.text.count("\n") + (0 if source.text.endswith("\n") or not source.text else 1)

    # -------------------------------------------------------------------------------------------------- statements

    def prologue_end(self) -> int:
        """Index of the first top-level statement after the docstring and `from __future__` imports."""
        body = self.tree.body
        index = 1 if body and (_is_docstring(body[0]) or self.source.lines.line(body[0].lineno).startswith("%%")) else 0
        while index < len(body) and isinstance(future := body[index], ast.ImportFrom) and future.module == "__future__":
            index += 1
        return index

    def import_block_end(self) -> int:
        """Index of the first top-level statement after the leading imports.

        Guarded imports and short preparations between imports (`sys.path`, environment variables, warnings) belong to the
        block; definitions end it.
        """
        body = self.tree.body
        end = index = self.prologue_end()
        while index < len(body) and not _ends_import_block(body[index]):
            index += 1
            if _imports_something(body[index - 1]):
                end = index
        return end

    def main_guard(self) -> ast.If | None:
        """The `if __name__ == "__main__":` statement."""
        for statement in self.tree.body:
            if isinstance(statement, ast.If) and _is_main_test(statement.test):
                return statement
        return None

    def function(self, symbol: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The function of that qualified name, the last one where a name is defined twice."""
        body: Sequence[ast.stmt] = self.tree.body
        found: ast.stmt | None = None
        for part in symbol.split("."):
            found = None
            for statement in _statements(body):
                if (
                    isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                    and statement.name == part
                ):
                    found = statement
            if found is None:
                return None
            body = found.body
        return found if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef) else None

    def statement_index(self, line: int) -> int:
        """Index of the top-level statement that covers a line, or of the next one after it."""
        starts = [_first_line(statement) for statement in self.tree.body]
        index = bisect.bisect_right(starts, line) - 1
        if index >= 0 and line <= (self.tree.body[index].end_lineno or 0):
            # Several statements on one line: the first of them.
            while index > 0 and starts[index - 1] == starts[index]:
                index -= 1
            return index
        return index + 1

    def statement_at(self, line: int, column: int) -> ast.stmt:
        """The innermost statement round a place; raises `CannotPlan` where there is none."""
        found: tuple[tuple[int, int], ast.stmt] | None = None
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.stmt):
                continue
            start = (node.lineno, self._column(node.lineno, node.col_offset) + 1)
            last = node.end_lineno or 0
            end = (last, self._column(last, node.end_col_offset or 0) + 1)
            if start <= (line, column) < end and (found is None or found[0] <= start):
                found = start, node
        if found is None:
            raise CannotPlan(
                text("{path} has no statement at line {line} any more.", path=self.source.path, line=line),
                text("Audit the project again."),
            )
        return found[1]

    def index_when_run(self, line: int) -> int | None:
        """Index of the top-level statement with which a line runs; None in a function, which runs when the rest is there."""
        index = self.statement_index(line)
        inside = self.tree.body[index : index + 1]
        is_deferred = any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            and node.lineno <= line <= (node.end_lineno or 0)
            for statement in inside
            for node in ast.walk(statement)
        )
        return None if is_deferred else index

    # ------------------------------------------------------------------------------------------------------- names

    def modules_bound(self, before: int | None = None) -> dict[str, str]:
        """Dotted names of imported things and the name each has, over top-level imports before a statement's index.

        `import numpy as np` gives {"numpy": "np"}, `from torch import nn` {"torch.nn": "nn"}; imports in an `else` or a
        handler are not certain to run and left out.
        """
        bound: dict[str, str] = {}
        for statement in _certain(self.tree.body[:before]):
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    if alias.asname:
                        bound.setdefault(alias.name, alias.asname)
                    else:
                        top = alias.name.split(".")[0]
                        bound.setdefault(top, top)
            elif isinstance(statement, ast.ImportFrom) and not statement.level and statement.module:
                for alias in statement.names:
                    if alias.name != "*":
                        bound.setdefault(f"{statement.module}.{alias.name}", alias.asname or alias.name)
        return bound

    def names_bound(self) -> set[str]:
        """Every name bound anywhere in this source, whatever the scope."""
        names: set[str] = set()
        for node in ast.walk(self.tree):
            match node:
                case ast.Name(ctx=ast.Store() | ast.Del()):
                    names.add(node.id)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    names.add(node.name)
                case ast.arg():
                    names.add(node.arg)
                case ast.alias():
                    names.add(node.asname or node.name.split(".")[0])
                case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                    names.add(name)
                case _:
                    pass
        return names

    def free_name(self, *wanted: str) -> str:
        """The first of the wanted names that nothing here is bound to."""
        taken = self.names_bound()
        for name in wanted:
            if name not in taken:
                return name
        number = 2
        while f"{wanted[0]}_{number}" in taken:
            number += 1
        return f"{wanted[0]}_{number}"

    # -------------------------------------------------------------------------------------------------- insertions

    def insert_before_statement(self, index: int, lines: Sequence[str], *, blank: int = 0) -> list[Splice]:
        """Insert top-level lines before the statement of that index (its number of statements: at the end).

        Comments right above a statement stay above it. `blank` lines are kept free before and after. Where statements
        share a line, the lines go before the first of them.
        """
        body = self.tree.body
        while 0 < index < len(body) and (body[index - 1].end_lineno or 0) >= _first_line(body[index]):
            index -= 1
        above = (body[index - 1].end_lineno or 0) if index else self._header_end()
        below = _first_line(body[index]) if index < len(body) else self._line_count + 1
        # What is written right below the statement before belongs to it no more than to the next one.
        line = self._without_comments_above(below, above) if index < len(body) else above + 1
        return self._insert(line, lines, "", blank if index or above else 0, blank)

    def insert_after_imports(
        self, lines: Sequence[str], *, before: int, blank: int = 0, blank_after: int | None = None
    ) -> list[Splice]:
        """Insert top-level lines directly below the statement before an index."""
        body = self.tree.body
        while 0 < before < len(body) and (body[before - 1].end_lineno or 0) >= _first_line(body[before]):
            before -= 1
        if not before:
            return self.insert_before_statement(0, lines, blank=blank)
        after = blank if blank_after is None else blank_after
        return self._insert((body[before - 1].end_lineno or 0) + 1, lines, "", blank, after)

    def insert_imports(self, imports: Sequence[str], before: int | None = None) -> list[Splice]:
        """Insert import lines: the standard library's above the other imports, the rest below them, all before an index."""
        if not imports:
            return []
        first, end = self.prologue_end(), self.import_block_end()
        if before is not None:
            end = max(first, min(end, before))
        if end == first:
            return self.insert_after_imports(imports, before=first, blank=1)
        above = [line for line in imports if line.split()[1].partition(".")[0] in sys.stdlib_module_names]
        below = [line for line in imports if line not in above]
        splices: list[Splice] = []
        if above:
            splices += self.insert_before_statement(first, above)
        if below:
            splices += self.insert_after_imports(below, before=end)
        return splices

    def insert_into_body(self, owner: ast.stmt, lines: Sequence[str]) -> list[Splice]:
        """Insert lines as the first statements of a function (below its docstring) or of an `if`.

        A body on the line of its header takes only single expressions or assignments: they are put before it.
        """
        body: list[ast.stmt] = owner.body  # type: ignore[attr-defined]
        first, above = body[0], owner.lineno
        if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef) and _is_docstring(first):
            if len(body) == 1:
                return self.insert_after_statement(first, lines)
            first, above = body[1], first.end_lineno or 0
        if self._text_before(first).strip():
            return self._insert_inline(first, lines)
        line = self._without_comments_above(_first_line(first), above)
        return self._insert(line, lines, self._indent_of(first), 0, 0)

    def insert_after_statement(self, statement: ast.stmt, lines: Sequence[str]) -> list[Splice]:
        """Insert lines directly below a statement, with its indentation; beside it where others share its line."""
        end = statement.end_lineno or 0
        after = self.source.lines.line(end)[self._column(end, statement.end_col_offset or 0) :]
        if self._text_before(statement).strip() or after.split("#")[0].strip():
            self._only_simple(lines)
            offset = self._offset(end, statement.end_col_offset or 0)
            return [Splice(offset, offset, "".join(f"; {line}" for line in lines))]
        return self._insert(end + 1, lines, self._indent_of(statement), 0, 0)

    def body_with(self, statement: ast.stmt) -> list[ast.stmt]:
        """The list of statements that a statement stands in."""
        for node in ast.walk(self.tree):
            for field in ("body", "orelse", "finalbody"):
                body = getattr(node, field, None)
                if isinstance(body, list) and any(one is statement for one in body):
                    return body
        raise CannotPlan(
            text("{path} does not have that statement any more.", path=self.source.path),
            text("Audit the project again."),
        )

    def move_before(self, statement: ast.stmt, other: ast.stmt) -> list[Splice]:
        """Move whole lines of a statement, with the comment behind it, above another one of the same body.

        Raises `CannotPlan` where either shares its lines with something else.
        """
        splice = self.whole_lines(statement)
        written = self.source.text[splice.start : splice.end]
        if self._text_before(other).strip() or not written.endswith("\n"):
            raise self._shares_lines()
        target = self.source.offset(_first_line(other), 1)
        return [Splice(target, target, written), splice]

    def whole_lines(self, statement: ast.stmt) -> Splice:
        """Take out the lines of a statement, with the comment behind it; raises `CannotPlan` where it shares them."""
        end = statement.end_lineno or 0
        after = self.source.lines.line(end)[self._column(end, statement.end_col_offset or 0) :]
        if self._text_before(statement).strip() or after.split("#")[0].strip():
            raise self._shares_lines()
        start = self.source.offset(_first_line(statement), 1)
        stop = len(self.source.text) if end >= self._line_count else self.source.offset(end + 1, 1)
        return Splice(start, stop, "")

    def _shares_lines(self) -> CannotPlan:
        return CannotPlan(
            text("A statement in {path} shares its line with another.", path=self.source.path),
            text("Put it on a line of its own, then audit again."),
        )

    # -------------------------------------------------------------------------------------------------- arithmetic

    def _insert(
        self, line: int, lines: Sequence[str], indent: str, blank_before: int, blank_after: int
    ) -> list[Splice]:
        newline = self.source.newline
        block = [f"{indent}{one}" if one else "" for one in lines]
        at_end = line > self._line_count
        offset = len(self.source.text) if at_end else self.source.offset(line, 1)
        free_above = self._blank_lines(range(line - 1, 0, -1))
        free_below = self._blank_lines(range(line, self._line_count + 1))
        before = max(blank_before - free_above, 0) if line > 1 else 0
        after = 0 if at_end else max(blank_after - free_below, 0)
        written = newline * before + newline.join(block)
        if at_end:
            # The file may lack its last line end, and keeps lacking it.
            if self.source.text and not self.source.text.endswith("\n"):
                return [Splice(offset, offset, newline + written)]
            return [Splice(offset, offset, written + newline)]
        return [Splice(offset, offset, written + newline + newline * after)]

    def _insert_inline(self, first: ast.stmt, lines: Sequence[str]) -> list[Splice]:
        self._only_simple(lines)
        offset = self._offset(first.lineno, first.col_offset)
        return [Splice(offset, offset, "".join(f"{line}; " for line in lines))]

    def _only_simple(self, lines: Sequence[str]) -> None:
        if any(not line or line[0].isspace() or line.rstrip().endswith(":") for line in lines):
            raise CannotPlan(
                text("There is no room for the change on one line of {path}.", path=self.source.path),
                text("Put the statements on that line on lines of their own, then audit again."),
            )

    def _blank_lines(self, numbers: Iterable[int]) -> int:
        count = 0
        for number in numbers:
            if self.source.lines.line(number).strip():
                break
            count += 1
        return count

    def _without_comments_above(self, line: int, bound: int) -> int:
        """The first of the comment lines directly above a line, not going past `bound`."""
        while line - 1 > bound and self.source.lines.line(line - 1).lstrip().startswith("#"):
            line -= 1
        return line

    def _header_end(self) -> int:
        """The last line of the leading `#!`, encoding and other comments (and of a cell's leading magic)."""
        line = 0
        while line < self._line_count and re.match(r"[ \t]*(#|%%|$)", self.source.lines.line(line + 1)):
            line += 1
        while line and not self.source.lines.line(line).strip():
            line -= 1
        return line

    def _text_before(self, statement: ast.stmt) -> str:
        """What stands before a statement on its line: white space, unless it shares the line."""
        line = _first_line(statement)
        column = statement.col_offset
        return self.source.lines.line(line)[: self._column(line, column)] if line == statement.lineno else ""

    def _indent_of(self, statement: ast.stmt) -> str:
        written = self.source.lines.line(_first_line(statement))
        return written[: len(written) - len(written.lstrip())]

    def _column(self, line: int, column: int) -> int:
        """A column of `ast` (UTF-8 bytes from 0) in characters from 0."""
        written = self.source.lines.line(line)
        return (
            column
            if written.isascii()
            else len(written.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))
        )

    def _offset(self, line: int, column: int) -> int:
        return self.source.offset(line, self._column(line, column) + 1)


def import_lines(outline: SourceOutline, module: str, alias: str, before: int | None = None) -> tuple[str, list[str]]:
    """The name that a module has before a top-level statement, and the import line it still needs (or none).

    An alias that means something else here is not taken: `import random as random_module`. What is imported only later is
    imported once more, under the same name.
    """
    known = outline.modules_bound(before).get(module)
    if known is not None:
        return known, []
    name = outline.modules_bound().get(module, "")
    if not name:
        name = alias if alias not in outline.names_bound() else outline.free_name(f"{alias}_module")
    if name == module:
        return name, [f"import {module}"]
    parent, _, last = module.rpartition(".")
    if parent and name == last:
        return name, [f"from {parent} import {last}"]
    return name, [f"import {module} as {name}"]


def _indentation_unit(tree: ast.Module, source: SourceText) -> str:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.Lambda | ast.IfExp) or not isinstance(body, list) or not body:
            continue
        inner = source.lines.line(body[0].lineno)
        outer = source.lines.line(node.lineno)  # type: ignore[attr-defined]
        indent = inner[: len(inner) - len(inner.lstrip())]
        base = outer[: len(outer) - len(outer.lstrip())]
        if body[0].lineno > node.lineno and indent.startswith(base) and len(indent) > len(base):  # type: ignore[attr-defined]
            return indent[len(base) :]
    return "    "


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *[decorator.lineno for decorator in decorators]])


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _is_main_test(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = [test.left, test.comparators[0]]
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )


def _imports_something(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(statement))


def _ends_import_block(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.Pass():
            return False
        case ast.Try() | ast.If():
            return _is_main_test(statement.test) if isinstance(statement, ast.If) else not _imports_something(statement)
        case ast.With():
            return not _imports_something(statement)
        case _:
            return True


def _statements(body: Sequence[ast.stmt]) -> Iterable[ast.stmt]:
    """Statements of a body with those in branches, loops and `try`, not in functions and classes."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, name, []))
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body)


def _certain(body: Sequence[ast.stmt]) -> Iterable[ast.stmt]:
    """Statements that run whenever the module does."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.With):
            yield from _certain(statement.body)
