"""Minimal edits of Python source and of notebook cells, as splices: what an edit does not name stays byte for byte.

Every function takes a `SourceText` and gives `Splice`s for `edited`, which also makes sure that what was Python before is
Python after. Calls are taken apart with libcst, which keeps comments and layout; only the call itself is parsed by it.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings
from typing import TYPE_CHECKING

from repro_gui.errors import CannotPlan
from repro_gui.facts.source_text import SourceText, Splice
from repro_gui.text import text

if TYPE_CHECKING:
    import libcst

    from repro_gui.location import Location


def edited(source: SourceText, splices: list[Splice]) -> bytes:
    """The file's bytes after the splices; raises `CannotPlan` when Python would not read the result any more."""
    if _is_readable(source.text) and parse_source(source.after(splices)) is None:
        raise CannotPlan(
            text("The change does not fit into {path}.", path=source.path), text("Make the change by hand.")
        )
    return source.spliced(splices)


# Many changes of one file are planned on the same bytes.
@functools.lru_cache(maxsize=4)
def _is_readable(source: str) -> bool:
    return parse_source(source) is not None


def parse_source(source: str) -> ast.Module | None:
    """The syntax tree of Python source or of a notebook cell with magics; None when it is neither.

    Lines of magics are blanked, so that all other places stay what they were.
    """
    for candidate in (source, _without_magics(source)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # invalid escapes in the project's strings
                return ast.parse(candidate)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


_MAGIC_LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?:"
    r"(?:[%!?]|[\w., ]+=[ \t]*[%!])(?:[^\r\n\\]|\\(?!\r?\n))*(?P<more>(?:\\\r?\n(?:[^\r\n\\]|\\(?!\r?\n))*)*)"
    r"|[\w.]+\?{1,2}[ \t]*$)",
    re.MULTILINE,
)


def _without_magics(source: str) -> str:
    return _MAGIC_LINE.sub(lambda match: match["indent"] + "pass" + "\n" * (match["more"] or "").count("\n"), source)


# ------------------------------------------------------------------------------------------------------------ calls


def set_keyword(source: SourceText, location: Location, name: str, value: str, position: int = -1) -> list[Splice]:
    """Give the call at a location the keyword argument `name=value`, or replace the value it already has.

    `position` is where the parameter stands among the positional ones (-1: keyword only).
    """
    start, end = source.segment(location)
    segment = source.text[start:end]
    call, code_for = _parse_call(segment, source)
    changed = _with_keyword(call, name, value, position, source)
    return [Splice(start, end, code_for(changed)[1:-1])]


def set_first_argument(source: SourceText, location: Location, value: str) -> list[Splice]:
    """Give the call at a location, which has no arguments, a positional one."""
    import libcst as cst  # noqa: PLC0415, RUF100

    start, end = source.segment(location)
    call, code_for = _parse_call(source.text[start:end], source)
    changed = call.with_changes(args=[cst.Arg(cst.parse_expression(value))])
    return [Splice(start, end, code_for(changed)[1:-1])]


def set_item(source: SourceText, location: Location, key: str, value: str) -> list[Splice]:
    """Give the dict display or `dict(…)` call at a location one more item, laid out and quoted like those before it."""
    import libcst as cst  # noqa: PLC0415, RUF100

    start, end = source.segment(location)
    parsed, code_for = _parse_expression(source.text[start:end], source)
    if isinstance(parsed, cst.Call):
        return set_keyword(source, location, key, value)
    if not isinstance(parsed, cst.Dict):
        raise _not_as_audited(source)
    written = source.text[start:end]
    quote = "'" if "'" in written and '"' not in written else '"'
    new = cst.DictElement(cst.SimpleString(f"{quote}{key}{quote}"), cst.parse_expression(value))
    elements = list(parsed.elements)
    if not elements:
        changed = parsed.with_changes(elements=[new])
        return [Splice(start, end, code_for(changed)[1:-1])]
    last = elements[-1]
    has_comma = isinstance(last.comma, cst.Comma)
    closing = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else parsed.rbrace.whitespace_before
    before_last = parsed.lbrace.whitespace_after
    if len(elements) > 1 and isinstance(comma := elements[-2].comma, cst.Comma):
        before_last = comma.whitespace_after
    separator, closing = _separated(closing, before_last)
    before_comma = last.comma.whitespace_before if isinstance(last.comma, cst.Comma) else cst.SimpleWhitespace("")
    comma = cst.Comma(whitespace_before=before_comma, whitespace_after=separator)
    elements[-1] = last.with_changes(comma=comma)
    if has_comma:
        elements.append(new.with_changes(comma=cst.Comma(whitespace_after=closing)))
        changed = parsed.with_changes(elements=elements)
    else:
        elements.append(new)
        changed = parsed.with_changes(elements=elements, rbrace=parsed.rbrace.with_changes(whitespace_before=closing))
    return [Splice(start, end, code_for(changed)[1:-1])]


def set_option_default(source: SourceText, location: Location, value: str) -> list[Splice]:
    """Give the option that a call defines a default: `add_argument(…, default=…)`, `DEFINE_integer(name, default, help)` of absl."""
    start, end = source.segment(location)
    is_flag = source.text[start:end].partition("(")[0].rpartition(".")[2].startswith("DEFINE_")
    return set_keyword(source, location, "default", value, 1 if is_flag else -1)


def remove_keyword(source: SourceText, location: Location, name: str) -> list[Splice]:
    """Take a keyword argument out of the call at a location; nothing when the call does not have it."""
    import libcst as cst  # noqa: PLC0415, RUF100 -- heavy, and only needed for edits

    start, end = source.segment(location)
    call, code_for = _parse_call(source.text[start:end], source)
    arguments = [argument for argument in call.args if argument.keyword is None or argument.keyword.value != name]
    if len(arguments) == len(call.args):
        return []
    if arguments and arguments[-1] is not call.args[-1]:
        last = call.args[-1]
        arguments[-1] = arguments[-1].with_changes(
            comma=last.comma if isinstance(last.comma, cst.Comma) else cst.MaybeSentinel.DEFAULT,
            whitespace_after_arg=last.whitespace_after_arg,
        )
    return [Splice(start, end, code_for(call.with_changes(args=arguments))[1:-1])]


def _parse_call(segment: str, source: SourceText) -> tuple[libcst.Call, _CodeFor]:
    import libcst as cst  # noqa: PLC0415, RUF100

    parsed, code_for = _parse_expression(segment, source)
    if not isinstance(parsed, cst.Call):
        raise _not_as_audited(source)
    return parsed, code_for


def _parse_expression(segment: str, source: SourceText) -> tuple[libcst.BaseExpression, _CodeFor]:
    import libcst as cst  # noqa: PLC0415, RUF100

    # In parentheses an expression may go over several lines whatever stands around it.
    wrapped = f"({segment})"
    try:
        parsed = cst.parse_expression(wrapped, config=cst.PartialParserConfig(default_newline=source.newline))
    except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError) as error:
        raise _not_as_audited(source) from error
    code_for = _CodeFor(source.newline)
    if code_for(parsed) != wrapped:
        raise _not_as_audited(source)
    return parsed, code_for


class _CodeFor:
    """Writes a libcst node with the line ends of its file."""

    def __init__(self, newline: str) -> None:
        import libcst as cst  # noqa: PLC0415, RUF100

        self._module = cst.Module([], default_newline=newline)

    def __call__(self, node: libcst.CSTNode) -> str:
        return self._module.code_for_node(node)


def _not_as_audited(source: SourceText) -> CannotPlan:
    return CannotPlan(
        text("{path} does not hold the audited call at that place any more.", path=source.path),
        text("Audit the project again."),
    )


def _with_keyword(call: libcst.Call, name: str, value: str, position: int, source: SourceText) -> libcst.Call:
    import libcst as cst  # noqa: PLC0415, RUF100

    new_value = cst.parse_expression(value)
    arguments = list(call.args)
    for number, argument in enumerate(arguments):
        is_it = argument.keyword is not None and argument.keyword.value == name
        if argument.keyword is None and not argument.star and number == position:
            is_it = not any(earlier.star for earlier in arguments[:number])
        if is_it:
            arguments[number] = argument.with_changes(value=new_value)
            return call.with_changes(args=arguments)
    if any(argument.star == "*" for argument in arguments) and position >= 0:
        # Whether `*args` already reaches the parameter cannot be seen here.
        raise CannotPlan(
            text("The arguments of this call in {path} are not known here.", path=source.path),
            text("Add {name}={value} by hand.", name=name, value=value),
        )
    new = cst.Arg(
        value=new_value,
        keyword=cst.Name(name),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    if not arguments:
        return call.with_changes(args=[new])
    last = arguments[-1]
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        # A generator may go without parentheses of its own only as the single argument.
        bare = last.value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        last = last.with_changes(value=bare)
    arguments[-1:] = _appended(last, new, _space_before_last(call))
    return call.with_changes(args=arguments)


def _space_before_last(call: libcst.Call) -> libcst.BaseParenthesizableWhitespace:
    import libcst as cst  # noqa: PLC0415, RUF100

    if len(call.args) > 1 and isinstance(comma := call.args[-2].comma, cst.Comma):
        return comma.whitespace_after
    return call.whitespace_before_args


def _appended(
    last: libcst.Arg, new: libcst.Arg, before_last: libcst.BaseParenthesizableWhitespace
) -> tuple[libcst.Arg, libcst.Arg]:
    """The last argument and a new one after it, laid out like the arguments before them."""
    import libcst as cst  # noqa: PLC0415, RUF100

    has_comma = isinstance(last.comma, cst.Comma)
    closing = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else last.whitespace_after_arg
    separator, closing = _separated(closing, before_last)
    before_comma = last.comma.whitespace_before if isinstance(last.comma, cst.Comma) else cst.SimpleWhitespace("")
    earlier = last.with_changes(
        comma=cst.Comma(whitespace_before=before_comma, whitespace_after=separator),
        whitespace_after_arg=cst.SimpleWhitespace(""),
    )
    if has_comma:
        return earlier, new.with_changes(comma=cst.Comma(whitespace_after=closing))
    return earlier, new.with_changes(whitespace_after_arg=closing)


def _separated(
    closing: libcst.BaseParenthesizableWhitespace, before_last: libcst.BaseParenthesizableWhitespace
) -> tuple[libcst.BaseParenthesizableWhitespace, libcst.BaseParenthesizableWhitespace]:
    """What goes between the last element and a new one, and what goes behind that."""
    import libcst as cst  # noqa: PLC0415, RUF100

    separator: libcst.BaseParenthesizableWhitespace = cst.SimpleWhitespace(" ")
    if isinstance(before_last, cst.ParenthesizedWhitespace):
        # One argument a line: comments after the last one stay with it.
        if isinstance(closing, cst.ParenthesizedWhitespace):
            separator = closing.with_changes(indent=before_last.indent, last_line=before_last.last_line)
            closing = cst.ParenthesizedWhitespace(
                first_line=cst.TrailingWhitespace(), indent=closing.indent, last_line=closing.last_line
            )
        else:
            separator = cst.ParenthesizedWhitespace(
                first_line=cst.TrailingWhitespace(), indent=before_last.indent, last_line=before_last.last_line
            )
    return separator, closing


# ------------------------------------------------------------------------------------------------------ expressions


def replace_expression(source: SourceText, location: Location, replacement: str) -> list[Splice]:
    """Put other source in the place of an expression."""
    start, end = source.segment(location)
    return [Splice(start, end, replacement)]


def wrap_expression(source: SourceText, location: Location, function: str) -> list[Splice]:
    """Put `function(…)` round an expression; a bare generator keeps its parentheses."""
    start, end = source.segment(location)
    return [Splice(start, start, f"{function}("), Splice(end, end, ")")]
