"""Sources that nobody wrote by hand, or that were meant to mislead: every check comes to an end and claims nothing wrong."""

from __future__ import annotations

import pytest

from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Pillar
from repro_gui.checks.find_checks import all_checks
from tests.projects_in_memory import facts_of

CHECKS = [
    check
    for check in all_checks()
    if check.pillar is Pillar.RANDOMNESS or check.id in {"unpinned-split", "unordered-files"}
]
SEEDED = "import numpy as np\nnp.random.seed(0)\n"
DRAWN = "model.fit(np.random.rand(3))\n"

MANY_FUNCTIONS = (
    SEEDED
    + "".join(
        f"def f{n}(x=f{max(n - 1, 0)} if {n} else 0, **kw):\n    return f{(n * 7 + 1) % 2000}(f{(n * 3) % 2000}(x, **kw), **kw) + np.random.rand()\n"
        for n in range(2000)
    )
    + "f1999(seed=1)\n"
    + DRAWN
)
CHAIN_OF_KEYWORDS = (
    SEEDED
    + "".join(f"def g{n}(**kw):\n    return g{n + 1}(**kw, k{n}=1)\n" for n in range(500))
    + "from sklearn.ensemble import RandomForestClassifier\ndef g500(**kw):\n    return RandomForestClassifier(**kw)\ng0()\n"
    + DRAWN
)
MERGED = (
    SEEDED
    + "m0 = {'a': 1}\n"
    + "".join(f"m{n + 1} = {{**m{n}, 'k{n}': {n}}}\n" for n in range(600))
    + ("from sklearn.ensemble import RandomForestClassifier\nmodel = RandomForestClassifier(**m600)\n" + DRAWN)
)
RECURSIVE_TABLES = (
    SEEDED
    + (
        "a = {**b}\nb = {**c}\nc = {**a}\nT = {'x': T}\nT['x']['x']['x']()\nU = {'k': lambda: U['k']()}\nU['k']()\n"
        "def r(**kw):\n    return r(**{**kw, **r(**kw)})\nr()\nmodel = M(**a)\n"
    )
    + DRAWN
)
MANY_RETURNS = (
    SEEDED
    + "def f(x):\n"
    + "".join(f"    if x == {n}:\n        return {n}\n" for n in range(2000))
    + ("    np.random.seed(x)\n    return x\nf(3)\n" + DRAWN)
)
MANY_BRANCHES = (
    SEEDED
    + "if x == 0:\n    pass\n"
    + "".join(f"elif x == {n}:\n    np.random.rand({n})\n" for n in range(1, 900))
    + DRAWN
)
DEEP_BLOCKS = SEEDED + "".join(f"{' ' * n}if y{n}:\n" for n in range(90)) + " " * 90 + "np.random.rand()\n" + DRAWN
DEEP_VALUE = SEEDED + "z = " + "f(" * 150 + "np.random.rand()" + ")" * 150 + "\n" + DRAWN
THREE_MEGABYTES = SEEDED + "TABLE = [\n" + "    (1, 'a', 2.5, None),\n" * 130_000 + "]\n" + DRAWN
MANY_CALLS = SEEDED + "np.random.rand(3)\n" * 20_000 + DRAWN
LONG_CHAIN = SEEDED + "w = model" + ".step(1)" * 1500 + "\n" + DRAWN
LONG_NAMES = SEEDED + "".join(f"n{n + 1} = n{n}\n" for n in range(3000)) + "np.random.seed(n3000)\n" + DRAWN
REGISTRY = SEEDED + "T = {" + ", ".join(f"'k{n}': np.random.rand" for n in range(3000)) + "}\nT[name]()\n" + DRAWN
CLASSES = (
    SEEDED
    + "".join(
        f"class C{n}(C{(n + 1) % 300}):\n    def __init__(self):\n        super().__init__()\n        self.c = C{(n * 7) % 300}()\n"
        f"    def go(self):\n        return self.c.go() + np.random.rand()\n"
        for n in range(300)
    )
    + "C0().go()\n"
    + DRAWN
)
EVALUATED = (
    SEEDED
    + "".join(f"eval('f{n}(eval(\"np.random.rand({n})\"))')\n" for n in range(300))
    + "exec('exec(' * 90 + ')' * 90)\n"
    + DRAWN
)

SOURCES = {
    "many functions": MANY_FUNCTIONS,
    "keywords handed on": CHAIN_OF_KEYWORDS,
    "merged mappings": MERGED,
    "tables in circles": RECURSIVE_TABLES,
    "many returns": MANY_RETURNS,
    "many branches": MANY_BRANCHES,
    "deep blocks": DEEP_BLOCKS,
    "deep value": DEEP_VALUE,
    "three megabytes": THREE_MEGABYTES,
    "many calls": MANY_CALLS,
    "long chain": LONG_CHAIN,
    "long names": LONG_NAMES,
    "large registry": REGISTRY,
    "classes in a circle": CLASSES,
    "evaluated strings": EVALUATED,
}
# What Python 3.11 does not parse, and Python 2.
NOT_READ = {
    "generics": SEEDED + "type Row[T] = list[T]\ndef first[T](x: T) -> T:\n    return x\n" + DRAWN,
    "template strings": SEEDED + "print(t'{model}')\n" + DRAWN,
    "Python 2": SEEDED + "print 'hello'\nexec 'x = 1'\n" + DRAWN,
    "torn": SEEDED + DRAWN + "def f(:\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_check_comes_to_an_end_and_claims_nothing_wrong(name: str) -> None:
    facts = facts_of({"train.py": SOURCES[name].encode()}, ["train.py"])
    for check in CHECKS:
        result = run_check(facts, check)
        assert result.outcome is not Outcome.COULD_NOT_RUN or result.undecided, (check.id, result.why_not)
        # NumPy is seeded in the first line: no must-finding is right.
        assert [note.message for note in result.findings if note.weight == "must"] == [], check.id


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_not_parsed_is_not_judged(name: str) -> None:
    facts = facts_of(
        {"train.py": NOT_READ[name].encode(), "run.py": b"import train\nmodel.fit(1)\n"}, ["run.py", "train.py"]
    )
    for check in CHECKS:
        assert not [note for note in run_check(facts, check).findings if note.weight == "must"], check.id


def test_modules_in_a_circle() -> None:
    files = {
        f"m{n}.py": f"from m{(n + 1) % 40} import *\nimport m{(n * 7) % 40}\ndef f{n}():\n    return f{(n + 1) % 40}()\n".encode()
        for n in range(40)
    }
    files["train.py"] = (SEEDED + "from m0 import f39\nf39()\n" + DRAWN).encode()
    facts = facts_of(files, ["train.py"])
    for check in CHECKS:
        assert not [note for note in run_check(facts, check).findings if note.weight == "must"], check.id
