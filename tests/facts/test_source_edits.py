"""Edits of calls: what comes out is Python, has only the intended difference, and keeps every other byte."""

import ast
import codecs
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from repro_gui.errors import CannotPlan
from repro_gui.facts.source_edits import (
    edited,
    parse_source,
    remove_keyword,
    replace_expression,
    set_keyword,
    wrap_expression,
)
from repro_gui.facts.source_text import SourceText
from repro_gui.location import LineIndex, Location


def place(source: str, piece: str, cell: int = -1) -> Location:
    start = source.index(piece)
    lines = LineIndex(source)
    return Location("t.py", *lines.position(start), *lines.position(start + len(piece)), cell)


def with_keyword(source: str, call: str, value: str = "42", position: int = -1) -> str:
    opened = SourceText(source.encode(), "t.py")
    return edited(opened, set_keyword(opened, place(source, call), "random_state", value, position)).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(a, b)", "f(a, b, random_state=42)"),
        ("f()", "f(random_state=42)"),
        ("f(a, b,)", "f(a, b, random_state=42,)"),
        ("f(a,\n  b)", "f(a,\n  b,\n  random_state=42)"),
        ("f(\n    a,\n    b,  # last\n)", "f(\n    a,\n    b,  # last\n    random_state=42,\n)"),
        ("f(\r\n\ta,\r\n\tb  # last\r\n)", "f(\r\n\ta,\r\n\tb,  # last\r\n\trandom_state=42\r\n)"),
        ("f(a, b  # why\n  )", "f(a, b, random_state=42  # why\n  )"),
        ("f(  # c\n   a\n   # d\n)", "f(  # c\n   a,\n   # d\n   random_state=42\n)"),
        ("f(x for x in y)", "f((x for x in y), random_state=42)"),
        ("f(*a, **k)", "f(*a, **k, random_state=42)"),
        ("f(a, random_state=None)", "f(a, random_state=42)"),
        ("f(a, random_state = None, b=1)", "f(a, random_state = 42, b=1)"),
        ("f(a, \\\n  b)", "f(a, \\\n  b, random_state=42)"),
        ('f("""a,\n# no comment\n""", \'(\')', 'f("""a,\n# no comment\n""", \'(\', random_state=42)'),
        ("f(g(h(1, 2), [3]), lambda x: (x, 1))", "f(g(h(1, 2), [3]), lambda x: (x, 1), random_state=42)"),
        ("f(a, f'{b!r:>{c}}')", "f(a, f'{b!r:>{c}}', random_state=42)"),
        ("f(a if b else c)", "f(a if b else c, random_state=42)"),
        ("f(é, 'ü')", "f(é, 'ü', random_state=42)"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "x = {}; y = 1", "if a:\n\tz({}).w  # c", "q = [\n  {}\n]\n"])
def test_set_keyword(before: str, after: str, around: str) -> None:
    assert with_keyword(around.format(before), before) == around.format(after)


def test_a_positional_value_is_replaced() -> None:
    assert with_keyword("f(a, None)", "f(a, None)", position=1) == "f(a, 42)"
    assert with_keyword("f(a)", "f(a)", position=1) == "f(a, random_state=42)"


def test_unknown_positional_arguments_are_refused() -> None:
    with pytest.raises(CannotPlan):
        with_keyword("f(*a)", "f(*a)", position=1)


def test_a_call_over_lines_inside_other_parentheses() -> None:
    source = "x = (load(a)\n     .fit(b))\n"
    call = "load(a)\n     .fit(b)"
    assert with_keyword(source, call) == "x = (load(a)\n     .fit(b, random_state=42))\n"


def test_something_else_at_the_place_is_refused() -> None:
    source = SourceText(b"x = a + b\n", "t.py")
    with pytest.raises(CannotPlan):
        set_keyword(source, place("x = a + b\n", "a + b"), "seed", "1")
    with pytest.raises(CannotPlan):
        set_keyword(source, Location("t.py", 1), "seed", "1")


NAMES = st.sampled_from(["a", "b", "np", "self.rng", "x1", "größe"])
ATOMS = st.one_of(
    NAMES,
    st.integers(0, 99).map(str),
    st.sampled_from(
        ["'s'", '"# not a comment"', "'''two\nlines'''", "f'{a}'", "None", "...", "b'\\x00'", "(1,)", "{**d}"]
    ),
)
GAPS = st.sampled_from(["", " ", "  ", "\n    ", "  # why, (\n  ", "\n\n", " \\\n  ", "\t"])


def joined(parts: list[str], gaps: list[str]) -> str:
    return "".join(gap + part for gap, part in zip(gaps, parts, strict=False))


def arguments(value: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    keyword = st.tuples(st.sampled_from(["shuffle", "n", "k"]), value).map(lambda pair: f"{pair[0]}={pair[1]}")
    positional = st.lists(st.one_of(value, value.map("*{}".format)), max_size=3)
    return st.tuples(
        positional, st.lists(keyword, max_size=2, unique_by=lambda one: one.split("=")[0]), st.booleans()
    ).map(lambda parts: [*parts[0], *parts[1], *(["**kw"] if parts[2] else [])])


@st.composite
def calls(draw: st.DrawFn, value: st.SearchStrategy[str] = ATOMS) -> str:
    given_arguments = draw(arguments(value))
    if draw(st.integers(0, 9)) == 0:
        return f"{draw(NAMES)}({draw(GAPS)}x for x in {draw(value)}{draw(GAPS)})"
    written = ""
    for number, argument in enumerate(given_arguments):
        is_last = number == len(given_arguments) - 1
        comma = "," if not is_last or draw(st.booleans()) else ""
        written += draw(GAPS) + argument + draw(st.sampled_from(["", " "])) + comma
    return f"{draw(NAMES)}({written}{draw(GAPS)})"


EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(calls(inner), st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")),
    max_leaves=6,
)

SURROUNDINGS = st.sampled_from(
    [
        "# -*- coding: utf-8 -*-\nbefore = 1\nx = {}\nafter = 2\n",
        "def f():\n\tif a: return {}\n",
        "class A:\n    def g(self):\n        return [{}, 1]  # c\n",
        "y = 1; x = {}; z = 3",
        "@{}\ndef decorated(): pass\n",
        "x = {} \\\n    + 1\n",
        "call({}, k={{1: 2}})\n",
    ]
)


@given(call=calls(EXPRESSIONS), surrounding=SURROUNDINGS, newline=st.sampled_from(["\n", "\r\n"]), mark=st.booleans())
def test_any_call_gets_the_keyword_and_nothing_else_changes(
    call: str, surrounding: str, newline: str, mark: bool
) -> None:
    written = surrounding.format(call).replace("\n", newline)
    call = call.replace("\n", newline)
    tree = parse_source(written)
    assume(tree is not None)
    assert tree is not None
    location = place(written, call)
    found = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.get_source_segment(written, node) == call
    ]
    assume(len(found) == 1)
    content = (codecs.BOM_UTF8 if mark else b"") + written.encode()
    source = SourceText(content, "t.py")
    changed = edited(source, set_keyword(source, location, "random_state", "42"))
    start = written.index(call)
    before, after = written[:start], written[start + len(call) :]
    text = changed.decode("utf-8-sig")
    assert changed.startswith(codecs.BOM_UTF8) == mark
    assert text.startswith(before)
    assert text.endswith(after)
    found[0].keywords.append(ast.keyword("random_state", ast.Constant(42)))
    expected = ast.dump(tree)
    new_tree = parse_source(text)
    assert new_tree is not None
    assert ast.dump(new_tree) == expected
    # Taking it out again leaves the meaning that was there.
    again = SourceText(changed, "t.py")
    longer = text[start : len(text) - len(after)]
    back = edited(again, remove_keyword(again, place(text, longer), "random_state"))
    found[0].keywords.pop()
    back_tree = parse_source(back.decode("utf-8-sig"))
    assert back_tree is not None
    assert ast.dump(back_tree) == ast.dump(tree)


@given(
    call=calls(),
    lines=st.booleans(),
    indent=st.sampled_from([None, 1, 4]),
    ascii_only=st.booleans(),
    tail=st.sampled_from(["", "\n", "\nprint('é')", "\nx\n\n"]),
)
def test_in_a_notebook_only_the_call_changes(
    call: str, lines: bool, indent: int | None, ascii_only: bool, tail: str
) -> None:
    code = f"%matplotlib inline\nx = {call}{tail}"
    assume(parse_source(code) is not None)
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# é\n", "x"]},
        {
            "cell_type": "code",
            "metadata": {"z": 1, "a": "\u2028"},
            "outputs": [{"text": ['"source": [', "}"]}],
            "source": code.splitlines(keepends=True) if lines else code,
        },
    ]
    document = json.dumps({"cells": cells, "nbformat": 4}, indent=indent, ensure_ascii=ascii_only).encode()
    source = SourceText(document, "t.ipynb", 1)
    assert source.text == code
    location = place(code, call, 1)
    changed = edited(source, set_keyword(source, location, "seed", "7"))
    expected = json.loads(document)
    new_code = source.after(set_keyword(source, location, "seed", "7"))
    assert new_code != code
    parsed = json.loads(changed)
    assert "".join(parsed["cells"][1]["source"]) == new_code
    assert isinstance(parsed["cells"][1]["source"], list) == lines
    if lines:
        assert parsed["cells"][1]["source"] == new_code.splitlines(keepends=True)
    parsed["cells"][1]["source"] = expected["cells"][1]["source"]
    assert parsed == expected
    # The bytes round the cell's source are the same.
    start = document.index(b'"source"', document.index(b'"outputs"'))
    start = document.rindex(b'"source"')
    assert changed[:start] == document[:start]
    ending = document[document.rindex(b"]" if lines else b'"', 0, document.rindex(b"nbformat")) :]
    assert changed.endswith(ending)


def test_wrap_and_replace() -> None:
    code = "for name in os.listdir(d): pass\n"
    source = SourceText(code.encode(), "t.py")
    location = place(code, "os.listdir(d)")
    assert edited(source, wrap_expression(source, location, "sorted")) == b"for name in sorted(os.listdir(d)): pass\n"
    assert edited(source, replace_expression(source, location, "[]")) == b"for name in []: pass\n"


def test_an_edit_that_is_no_python_is_refused() -> None:
    source = SourceText(b"x = 1\n", "t.py")
    with pytest.raises(CannotPlan):
        edited(source, replace_expression(source, place("x = 1\n", "1"), "1 2"))


@pytest.mark.parametrize(
    "cell",
    [
        "%%time\nx = f(1)",
        "!pip install \\\n  a b\nx = f(1)",
        "files = !ls\nx = f(1)",
        "%load_ext a\n?f\nf?\nx = f(1)",
        "if a:\n    %run b.py\nx = f(1)",
        "a, b = %magic c\nx = f(1)",
    ],
)
def test_magics_are_no_obstacle(cell: str) -> None:
    tree = parse_source(cell)
    assert tree is not None
    assert tree.body[-1].lineno == cell.count("\n") + 1
