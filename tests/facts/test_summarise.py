"""Summaries: shape, positions, encodings, everything that is no proper Python."""

from __future__ import annotations

import ast
import gc
import textwrap
import warnings

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repro_gui.facts import events
from repro_gui.facts.sources import ModuleSummary, PythonSources
from repro_gui.facts.summarise import read_statements, summarise
from repro_gui.facts.walk import evaluated, inner_bodies, own_values
from repro_gui.location import LineIndex


def summary(source: str) -> ModuleSummary:
    return summarise("m.py", textwrap.dedent(source).encode())


def all_values(body: tuple[events.Event, ...]) -> list[events.Value]:
    found: list[events.Value] = []
    for event in body:
        for value in own_values(event):
            found.extend(evaluated(value))
        for inner in inner_bodies(event):
            found += all_values(inner)
        if isinstance(event, events.Function):
            found += all_values(event.body)
    return found


def all_calls(module: ModuleSummary) -> list[events.Call]:
    return [value for value in all_values(module.body) if isinstance(value, events.Call)]


def text_at(source: str, module: ModuleSummary, node: events.Node) -> str:
    place = module.location(node)
    index = LineIndex(source)
    return source[index.offset(place.line, place.column) : index.offset(place.end_line, place.end_column)]


EVERYTHING = '''\
"""A docstring."""
from __future__ import annotations
import a.b, c as d
from . import e
from ..f import g as h, i
from j import *

@decorate(1)
async def work(x, /, y: int = f(2), *args, z=3, **more) -> None:
    global total
    async with open(x) as file, lock:
        await file.read()
    async for item in rows():
        yield item
    return

class Net(Module, metaclass=Meta):
    size: int = 3
    def forward(self, x):
        total = 0
        def inner():
            nonlocal total
            total += x @ self.w ** -2
        return [inner(), *x], {1, 2}, {"a": 1, **x}, x[1:2, ::3], not x, x if x else -x

try:
    value = (lambda q=g(): q)(4)
except (KeyError, ValueError) as error:
    raise RuntimeError from error
else:
    pass
finally:
    del value, d.x[0]

while (n := next(e)) < 10 < 20 and n is not None:
    if n in {x for x in range(3) if x}: continue
    elif n: break
    else: assert n, f"no {n!r:>{width()}} {n}"
else:
    print({k: v for k, v in d})

match n:
    case 1 | Point(x=0): pass
    case {"a": [first, *rest], **others} if others: pass
    case None as nothing: pass
    case _: (yield)
try:
    ...
except* OSError:
    pass
x = y = 3; z: str
big = 10 ** 3 + 99999999999999999999999 + 1j; raw = b"x"; dots = ...
'''


def test_every_kind_of_statement_and_expression_becomes_records() -> None:
    module = summarise("m.py", EVERYTHING.encode())
    assert module.not_parsed is None
    kinds = {type(value).__name__ for value in all_values(module.body)}
    assert kinds >= {
        "Constant", "Name", "Call", "Starred", "Sequence", "Mapping", "Operation", "Conditional", "Subscript", "Slice", "FormattedString",
        "Lambda", "Comprehension", "Yield", "Walrus", "Opaque",
    }  # fmt: skip
    assert {"width", "rows", "next", "f", "g", "inner"} <= {call.written for call in all_calls(module)}


def test_header_answers_without_the_body() -> None:
    module = summary(
        """
        import numpy as np
        __all__ = ["a"]
        __all__ += ["b"]
        try:
            import tqdm
        except ImportError:
            tqdm = None
        if TYPE_CHECKING:
            import typing_only
        if sys.version_info >= (3, 11):
            import tomllib
        if importlib.util.find_spec("present"):
            import present
        if is_other_available() and HAS_MORE:
            import more
        if "kaggle_secrets" in sys.modules or IS_COLAB:
            import there
        if available:
            import sure
        with contextlib.suppress(ImportError):
            import extra
        class A: pass
        def f():
            import inner
            np.random.seed(0)
            model().fit()
        for i in range(3): x, *y = i
        if __name__ == "__main__":
            f()
        """
    )
    flags = {one.what.module: (one.is_guarded, one.is_for_typing, one.is_deferred) for one in module.imports}
    assert flags == {
        "numpy": (False, False, False),
        "tqdm": (True, False, False),
        "typing_only": (False, True, False),
        "tomllib": (True, False, False),
        "present": (True, False, False),
        "more": (True, False, False),
        "there": (True, False, False),
        "sure": (False, False, False),
        "extra": (True, False, False),
        "inner": (False, False, True),
    }
    assert module.binds == (
        "np",
        "__all__",
        "tqdm",
        "typing_only",
        "tomllib",
        "present",
        "more",
        "there",
        "sure",
        "extra",
        "A",
        "f",
        "i",
        "x",
        "y",
    )
    assert module.exports == ("a", "b")
    assert module.has_main_guard
    assert {"np.random.seed", ".fit", "model"} <= set(module.called)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(): pass\nclass A: x = g()\nlogger = logging.getLogger()\n", False),
        ("import sys\nsys.path.append('..')\n", False),
        ("train()\n", True),
        ("for x in y: f(x)\n", True),
        ("with open(x) as f: f.read()\n", True),
        ("if __name__ == '__main__': train()\n", False),
        ("if DEBUG: train()\n", True),
        ("await train()\n", True),
    ],
)
def test_effects_at_top_level(source: str, expected: bool) -> None:
    assert summarise("m.py", source.encode()).has_effects is expected


def test_calls_come_in_the_order_in_which_they_happen() -> None:
    module = summary("x[k()] = a(b(), c=d())(e()) if f() else [g() for _ in h()]\n")
    written = [call.written for call in all_calls(module)]
    assert written == ["f", "b", "d", "a", "e", "", "h", "g", "k"]


def test_long_displays_of_literals_are_cut_but_not_those_with_calls() -> None:
    module = summary(f"a = {list(range(1000))}\nb = [{', '.join('f()' for _ in range(100))}]\n")
    short, long = (event.value for event in module.body if isinstance(event, events.Assign))
    assert isinstance(short, events.Sequence)
    assert (short.length, len(short.elements)) == (1000, 8)
    assert isinstance(long, events.Sequence)
    assert (long.length, len(long.elements)) == (100, 100)


def test_positions_count_characters_also_after_wide_ones() -> None:
    source = 'é = "ü𝄞"; f("→", x="ß", y=g(1))\nh("a")\n'
    module = summarise("m.py", source.encode())
    assert [text_at(source, module, call) for call in all_calls(module)] == ["g(1)", 'f("→", x="ß", y=g(1))', 'h("a")']


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ('# -*- coding: latin-1 -*-\nf("é")\n'.encode("latin-1"), "latin-1"),
        (b'\xef\xbb\xbff("\xc3\xa9")\n', "utf-8"),
        ('#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nf("é")\n'.encode("cp1252"), "cp1252"),
        ('# coding: utf-8\r\nf("é")\r\n'.encode(), "utf-8"),
    ],
)
def test_encodings_as_python_reads_them(content: bytes, encoding: str) -> None:
    module = summarise("m.py", content)
    assert module.not_parsed is None
    assert module.encoding == encoding
    (call,) = all_calls(module)
    argument = call.argument("", 0)
    assert isinstance(argument, events.Constant)
    assert argument.value == "é"
    assert module.location(call).end_column - module.location(call).column == len('f("é")')


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        (b"x = 1\ny = '\xe9'\n", "encoding utf-8", 2),
        (b"# coding: klingon\n", "klingon", 1),
        (b"# coding: rot13\nx = 1\n", "rot13", 1),
        (b"# coding: idna\nx = '\xff'\n", "idna", 0),
        (b"x = 1\n\0\n", "NUL", 2),
        ("import x".encode("utf-16"), "UTF-16", 0),
        (b"def f(:\n", "parse", 1),
        (b"x = " + b"(" * 10_000, "", 1),
        (b"x = " + b"-" * 100_000 + b"1", "", 0),
        (b"\x80\x04\x95junk\x00" * 100, "NUL", 1),
    ],
)
def test_what_is_no_python_says_why(content: bytes, reason: str, line: int) -> None:
    module = summarise("m.py", content)
    assert module.not_parsed is not None
    assert reason in str(module.not_parsed.reason)
    if line:
        assert module.not_parsed.line == line
    assert module.body == () or module.is_evidence_only


def test_empty_files_are_python() -> None:
    for content in (b"", b"\n", b"# only a comment", b"\xef\xbb\xbf"):
        assert summarise("m.py", content).not_parsed is None


def test_too_large_a_file_is_left_with_its_reason() -> None:
    module = summarise("m.py", b"x = 1\n" * 1000, most_bytes=100)
    assert module.not_parsed is not None
    assert "100" in str(module.not_parsed.reason)


def test_deep_trees_end_in_a_reason_or_an_opaque_value_never_in_an_error() -> None:
    deep_call = "f(" * 180 + ")" * 180
    chain = "x" + ".a()" * 2_000
    sum_of_many = " + ".join(["x"] * 5_000)
    nested = "".join(" " * depth + "if x:\n" for depth in range(95)) + " " * 95 + "pass\n"
    for source in (deep_call, chain, sum_of_many, nested, "[" * 190 + "]" * 190):
        module = summarise("m.py", source.encode())
        if module.not_parsed is None:
            assert module.body


def test_python_2_is_read_for_evidence() -> None:
    source = textwrap.dedent(
        """
        import numpy as np, os
        from sklearn.cross_validation import train_test_split as tts
        print "training"
        def main(argv):
            np.random.seed(3)
            exec "x = 1"
            try:
                tts(X, random_state=0, *rest)
            except ValueError, error:
                raise IOError, "no"
        class A:
            def f(self): self.model.fit(1)
        """
    )
    module = summarise("old.py", source.encode())
    assert module.not_parsed is not None
    assert module.not_parsed.line == 4
    assert module.is_evidence_only
    assert [(one.what.module, one.what.name, one.what.alias) for one in module.imports] == [
        ("numpy", "", "np"), ("os", "", "os"), ("sklearn.cross_validation", "train_test_split", "tts"),
    ]  # fmt: skip
    assert set(module.called) >= {"np.random.seed", "tts", "self.model.fit"}
    split = next(call for call in all_calls(module) if call.written == "tts")
    state = split.argument("random_state")
    assert isinstance(state, events.Constant)
    assert state.value == 0
    assert module.location(split).line == 9
    assert text_at(source, module, split) == "tts(X, random_state=0, *rest)"
    assert module.binds == ("main", "A")


def test_templates_give_no_imports_that_nobody_wrote() -> None:
    module = summarise("t.py", b"import os\nfrom {{ cookiecutter.name }}.config import SECRET\nos.getcwd()\n")
    assert [one.what.module for one in module.imports] == ["os"]


def test_syntax_of_newer_pythons_is_read_for_evidence_or_whole() -> None:
    module = summarise("new.py", b"import torch\ntype X[T] = list[T]\ndef f[T](x: T): torch.manual_seed(0)\n")
    assert "torch.manual_seed" in module.called
    assert [one.top_level for one in module.imports] == ["torch"]


def test_warnings_of_the_parser_are_not_ours() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert summarise("m.py", b"x = '\\d'\nassert (1, 'x')\nif x is 1: pass\ny = 1if x else 2\n").not_parsed is None


def test_the_garbage_collector_is_as_it_was() -> None:
    assert gc.isenabled()
    for content in (b"x = 1", b"x = (", b"\0"):
        summarise("m.py", content)
        assert gc.isenabled()
    gc.disable()
    try:
        summarise("m.py", b"x = 1")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_summary_survives_its_encoding() -> None:
    module = summarise("m.py", EVERYTHING.encode())
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(module), type=ModuleSummary)
    assert again == module
    assert again.body == module.body


def test_facts_after_a_change() -> None:
    sources = PythonSources().after({"b.py": b"x = 1", "a.py": b"y()", "c.txt": b""})
    assert [module.path for module in sources.modules] == ["a.py", "b.py"]
    later = sources.after({"a.py": None, "b.py": b"z()"})
    assert [module.path for module in later.modules] == ["b.py"]
    assert later.by_path["b.py"].called == ("z",)
    assert sources.after({"c.txt": b"1"}) is sources


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(content: bytes) -> None:
    module = summarise("m.py", content)
    assert isinstance(module.body, tuple)


@given(st.text(alphabet=st.sampled_from("()[]{}:,.=+-*@!%'\"\\\n\t #abé𝄞01fifforlambdadef"), max_size=200))
def test_arbitrary_text_never_raises(source: str) -> None:
    summarise("m.py", source.encode())


NAMES = st.sampled_from(["a", "np", "é", "f", "self"])
ATOMS = st.one_of(
    NAMES,
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(repr).filter(lambda written: written not in {"nan", "inf", "-inf"}),
    st.text(max_size=5).map(repr),
    st.binary(max_size=3).map(repr),
    st.sampled_from(["None", "True", "..."]),
)


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(
            inner, st.lists(inner, max_size=3), st.lists(st.tuples(NAMES, inner), max_size=2, unique_by=lambda p: p[0])
        ).map(lambda t: f"({t[0]})({', '.join([*t[1], *(f'{n} = {v}' for n, v in t[2])])})"),
        st.tuples(NAMES, st.lists(inner, max_size=2)).map(lambda t: f"{t[0]}.x({', '.join(t[1])})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        pair.map(lambda p: f"({p[0]} + {p[1]})"),
        pair.map(lambda p: f"({p[0]} if {p[1]} else {p[0]})"),
        pair.map(lambda p: f"({p[0]} < {p[1]} <= 3)"),
        pair.map(lambda p: f"[é for é in {p[0]} if {p[1]}]"),
        pair.map(lambda p: f"({p[0]} and not {p[1]})"),
        pair.map(lambda p: f"({p[0]})[{p[1]}:]"),
        inner.map(lambda one: f"(lambda a=1: {one})"),
        inner.map(lambda one: f"{{'k': {one}, **{one}}}"),
    )


EXPRESSIONS = st.recursive(ATOMS, _grow, max_leaves=12)
STATEMENTS = st.one_of(
    EXPRESSIONS,
    EXPRESSIONS.map(lambda e: f"a, é = {e}"),
    EXPRESSIONS.map(lambda e: f"if {e}:\n    f({e})\nelse:\n    pass"),
    EXPRESSIONS.map(lambda e: f"for a in {e}:\n    a({e})"),
    EXPRESSIONS.map(lambda e: f"def f(a={e}):\n    return {e}"),
    EXPRESSIONS.map(lambda e: f"with f({e}) as a:\n    pass"),
)


@example("(lambda a=1: (a < a.x() <= 3))")
@given(st.lists(STATEMENTS, min_size=1, max_size=4).map("\n".join))
def test_the_text_at_every_place_is_the_value_again(source: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    module = summarise("m.py", source.encode())
    assert module.not_parsed is None
    calls = [call for call in _everything(module) if isinstance(call, events.Call)]
    assert len(calls) == len(expected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        texts = sorted(ast.dump(ast.parse(text_at(source, module, call), mode="eval").body) for call in calls)
    assert texts == sorted(ast.dump(node) for node in expected)


def _everything(module: ModuleSummary) -> list[events.Value]:
    """All values, bodies of lambdas too."""
    found: list[events.Value] = []
    pending = all_values(module.body)
    while pending:
        value = pending.pop()
        found.append(value)
        if isinstance(value, events.Lambda):
            pending.extend(evaluated(value.body))
    return found


def test_statements_in_a_string_stand_where_they_are_evaluated() -> None:
    at = events.Name(3, 4, 5, 6, "eval")
    [event] = read_statements(" a.b = f(1)\n", at)
    assert isinstance(event, events.Assign)
    assert isinstance(event.value, events.Call)
    for record in (event, event.targets[0], event.value, event.value.positional[0]):
        assert (record.line, record.column, record.end_line, record.end_column) == (3, 4, 5, 6)
    assert read_statements("this is no Python", at) == ()
    assert read_statements("(" * 500 + ")" * 500, at) == ()
    assert read_statements("\0", at) == ()


def test_of_a_source_with_too_many_nodes_only_the_header_is_kept() -> None:
    content = b"import os\n" + b"x = f(1)\n" * 2_000
    whole = summarise("m.py", content)
    assert whole.not_parsed is None
    assert 4_000 < whole.nodes < 12_000
    cut = summarise("m.py", content, most_nodes=4_000)
    assert cut.not_parsed is not None
    assert "more than 4000 nodes" in str(cut.not_parsed.reason)
    assert cut.is_evidence_only
    assert cut.body == ()
    assert (cut.imports, cut.called) == (whole.imports, whole.called)
