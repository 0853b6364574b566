"""What literal mappings give for a parameter, and when that is not known."""

from __future__ import annotations

import pytest

from repro_gui.facts.default_values import Known
from repro_gui.facts.program import Program
from repro_gui.facts.ways import Way
from tests.projects_in_memory import facts_of

ABSENT, UNSEEN = "absent", "unseen"


def given(code: str, **modules: str) -> object:
    """What the only call of `make` gets for `seed`: a value, or that there is none, or that it is not known."""
    files = {"train.py": (code + "\nmodel.fit(1)\n").encode()}
    files |= {f"{name}.py": content.encode() for name, content in modules.items()}
    program = facts_of(files, ["train.py"]).program
    assert isinstance(program, Program)
    way = Way(program, program.result_entry_points[0])
    [site] = [site for site in way.calls if site.call.written == "make"]
    found = way.values.mappings.argument(way.values.scope(site), site.call, "seed", 1)
    if found.value is None or found.scope is None:
        return ABSENT if found.is_absent else UNSEEN
    settled = way.values.value(found.scope, found.value)
    return settled.value if isinstance(settled, Known) else settled


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("make(x, 3)", 3),
        ("make(x, seed=3)", 3),
        ("make(x)", ABSENT),
        ("make(*rows)", UNSEEN),
        ("make(**load())", UNSEEN),
        ("make(**{'seed': 3})", 3),
        ("make(**{'a': 3})", ABSENT),
        ("P = {'seed': 3}\nmake(**P)", 3),
        ("P = {'a': 3}\nmake(**P)", ABSENT),
        ("P = dict(seed=3)\nmake(**P)", 3),
        ("P = dict(a=1)\nmake(**P)", ABSENT),
        ("A = {'seed': 3}\nP = dict(A, a=1)\nmake(**P)", 3),
        ("A = {'seed': 3}\nP = {**A, 'a': 1}\nmake(**P)", 3),
        ("A = {'seed': 3}\nP = {**A, 'seed': 4}\nmake(**P)", 4),
        ("A = {'seed': 3}\nP = {'seed': 4, **A}\nmake(**P)", 3),
        ("A = {'seed': 3}\nmake(**(A | {'b': 1}))", 3),
        ("A = {'seed': 3}\nmake(**A, b=1)", 3),
        ("A = {'seed': 3}\nmake(**A.copy())", 3),
        ("import copy\nA = {'seed': 3}\nmake(**copy.deepcopy(A))", 3),
        ("KEY = 'seed'\nP = {KEY: 3}\nmake(**P)", 3),
        ("P = {name(): 3}\nmake(**P)", UNSEEN),
        ("P = {'a': {'seed': 3}}\nmake(**P['a'])", 3),
        ("P = {'a': {'b': 3}}\nmake(**P['a'])", ABSENT),
        ("P = {'a': {'b': 3}}\nmake(**P['c'])", UNSEEN),
        ("L = [{'seed': 3}]\nmake(**L[0])", 3),
        ("P = {'a': 1} if x else {}\nmake(**P)", UNSEEN),
        ("P = {'seed': 1} if True else {}\nmake(**P)", 1),
        # What changes a mapping, and what does not.
        ("P = {'a': 1}\nP['seed'] = 5\nmake(**P)", 5),
        ("P = {'a': 1}\nmake(**P)\nP['seed'] = 5", UNSEEN),
        ("P = {'a': 1}\nP['b'] = 5\nmake(**P)", ABSENT),
        ("P = {'a': 1}\nP[x] = 5\nmake(**P)", UNSEEN),
        ("P = {'a': 1}\nif x:\n    P['seed'] = 5\nmake(**P)", UNSEEN),
        ("P = {'a': 1}\nP.update(seed=5)\nmake(**P)", UNSEEN),
        ("P = {'a': 1}\nP.update({'b': 5})\nmake(**P)", ABSENT),
        ("P = {'a': 1}\nP.update(load())\nmake(**P)", UNSEEN),
        ("P = {'seed': 1}\nP.pop('seed')\nmake(**P)", UNSEEN),
        ("P = {'seed': 1}\nP.pop('a', None)\nmake(**P)", 1),
        ("P = {'a': 1}\nQ = P\nQ['seed'] = 1\nmake(**P)", UNSEEN),
        ("def fill(q):\n    q['seed'] = 1\nP = {'a': 1}\nfill(P)\nmake(**P)", UNSEEN),
        ("def show(q):\n    print(q['a'])\nP = {'a': 1}\nshow(P)\nmake(**P)", ABSENT),
        ("P = {'a': 1}\nprint(P)\nmake(**P)", ABSENT),
        ("P = {'a': 1}\nP = other()\nmake(**P)", UNSEEN),
        # Keywords handed on from caller to caller.
        ("def f(**kw):\n    make(**kw)\nf(seed=3)", 3),
        ("def f(**kw):\n    make(**kw)\nf(a=3)", ABSENT),
        ("def f(**kw):\n    make(**kw)\nf(a=3)\nf(seed=1)", UNSEEN),
        ("def f(**kw):\n    make(**kw)\nf(seed=1)\nf(seed=1)", 1),
        ("def f(seed, **kw):\n    make(**kw)\nf(seed=1)", ABSENT),
        ("def f(**kw):\n    kw.setdefault('seed', 1)\n    make(**kw)\nf()", UNSEEN),
        ("def f(**kw):\n    make(**kw)\ndef g(**kw):\n    f(**kw)\ng(seed=4)", 4),
        ("def f(**kw):\n    make(**kw)\n    f(**kw)\nf(seed=4)", UNSEEN),
        ("def f(p):\n    make(**p)\nf({'seed': 4})", 4),
        ("def f(p={'seed': 4}):\n    make(**p)\nf()", 4),
        ("def p():\n    return {'seed': 4}\nmake(**p())", 4),
        ("def p():\n    if x:\n        return {}\n    return {'seed': 4}\nmake(**p())", UNSEEN),
        ("class C:\n    P = {'seed': 4}\nmake(**C.P)", 4),
        (
            "class C:\n    def __init__(self):\n        self.p = {'seed': 4}\n    def go(self):\n        make(**self.p)\nC().go()",
            4,
        ),
        ("class C:\n    P = {'a': 4}\nC.P['seed'] = 1\nmake(**C.P)", 1),
        ("P = {" + ", ".join(f"'k{n}': {n}" for n in range(100)) + "}\nmake(**P)", UNSEEN),
        ("P = {**P}\nmake(**P)", UNSEEN),
        ("P = P['seed']\nmake(**P)", UNSEEN),
        ("i = P[i]\nP = {'a': P[i]}\nmake(**P[i])", UNSEEN),
    ],
)
def test_what_a_call_gets(code: str, expected: object) -> None:
    assert given(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from config import P\nmake(**P)", 3),
        ("import config\nmake(**config.P)", 3),
        ("from config import P\nP['seed'] = 5\nmake(**P)", 5),
        ("import config\nconfig.P['seed'] = 5\nmake(**config.P)", 5),
        ("import config\nfrom config import P\nP['seed'] = x\nP['seed'] = 5\nmake(**config.P)", UNSEEN),
    ],
)
def test_a_mapping_of_another_module(code: str, expected: object) -> None:
    assert given(code, config="P = {'seed': 3}\n") == expected
