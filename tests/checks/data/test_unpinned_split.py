"""Which splits are pinned, and that the fix changes the call and nothing else."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from repro_gui.audit.report import Outcome
from tests.projects_in_memory import fixed, result_of

SKLEARN = "from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold, train_test_split\n"
FIT = "\nmodel.fit(parts)\n"


def outcome(code: str, **more: str) -> Outcome:
    files = {"train.py": code.encode(), **{f"{name}.py": content.encode() for name, content in more.items()}}
    return result_of("unpinned-split", files).outcome


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "train_test_split has no random_state, and nothing seeds"),
        (", random_state=None", "train_test_split has no random_state, and nothing seeds"),
        (", random_state=args.seed", "train_test_split gets no random_state by default, and nothing seeds"),
    ],
)
def test_a_seed_that_nobody_need_give_is_not_called_missing(given: str, said: str) -> None:
    code = f"""import argparse

from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
args = parser.parse_args()
parts = train_test_split([[1], [2]], [0, 1]{given})
model.fit(parts)
"""
    (finding,) = result_of("unpinned-split", {"train.py": code.encode()}).findings
    assert said in str(finding.message)


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("train_test_split(X, y)", Outcome.FAILED),
        ("train_test_split(X, y, random_state=None)", Outcome.FAILED),
        ("train_test_split(X, y, random_state=0)", Outcome.PASSED),
        ("train_test_split(X, y, random_state=rng)", Outcome.PASSED),
        ("train_test_split(X, y, shuffle=False)", Outcome.NOT_APPLICABLE),
        ("train_test_split(X, y, shuffle=flag)", Outcome.COULD_NOT_RUN),
        ("train_test_split(X, y, **options)", Outcome.COULD_NOT_RUN),
        ("KFold(5)", Outcome.NOT_APPLICABLE),
        ("KFold(5, True)", Outcome.FAILED),
        ("StratifiedKFold(n_splits=5, shuffle=True)", Outcome.FAILED),
        ("StratifiedKFold(n_splits=5, shuffle=True, random_state=1)", Outcome.PASSED),
        ("ShuffleSplit(5)", Outcome.FAILED),
    ],
)
def test_what_pins_a_split(split: str, expected: Outcome) -> None:
    assert outcome(f"{SKLEARN}parts = {split}{FIT}") is expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("np.random.seed(0)", Outcome.PASSED),
        ("rnd = np.random\nrnd.seed(1)", Outcome.PASSED),
        ("np.random.seed(None)", Outcome.FAILED),
        ("np.random.seed()", Outcome.FAILED),
        ("np.random.seed(int(time.time()))", Outcome.FAILED),
        ("if False:\n    np.random.seed(0)", Outcome.FAILED),
        ("def seed():\n    np.random.seed(0)", Outcome.FAILED),
        ("def seed():\n    np.random.seed(0)\nseed()", Outcome.PASSED),
        ("text = 'np.random.seed(0)'  # np.random.seed(0)", Outcome.FAILED),
        ("rng = np.random.RandomState(0)", Outcome.FAILED),
        ("np.random.default_rng(0)", Outcome.FAILED),
        ("from transformers import set_seed\nset_seed(1)", Outcome.PASSED),
    ],
)
def test_a_global_seed_pins_it_too(before: str, expected: Outcome) -> None:
    assert outcome(f"import time\nimport numpy as np\n{SKLEARN}{before}\nparts = train_test_split(X){FIT}") is expected


def test_a_function_of_that_name_of_the_project_is_no_split() -> None:
    code = f"def train_test_split(x):\n    return x\nparts = train_test_split(X){FIT}"
    assert outcome(code) is Outcome.NOT_APPLICABLE


def test_a_split_in_another_module_is_followed() -> None:
    helper = f"{SKLEARN}def halves(X):\n    return train_test_split(X, test_size=0.5)\n"
    code = f"from helper import halves\nparts = halves(X){FIT}"
    files = {"train.py": code.encode(), "helper.py": helper.encode()}
    [finding] = result_of("unpinned-split", files).findings
    assert (finding.path, finding.line) == ("helper.py", 3)
    assert [(place.path, place.line) for place in finding.places] == [("helper.py", 3), ("train.py", 2)]
    mended = fixed(["unpinned-split"], files)
    assert mended["train.py"] == files["train.py"]
    assert b"test_size=0.5, random_state=42)" in mended["helper.py"]


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("SEED = 5\nparts = train_test_split(X)", "train_test_split(X, random_state=SEED)"),
        ("parts = train_test_split(X)\nSEED = 5", "train_test_split(X, random_state=42)"),
        (
            "def cut(X, seed=3):\n    return train_test_split(X)\nparts = cut(X)",
            "train_test_split(X, random_state=seed)",
        ),
        (
            "def cut(X, seed=None):\n    return train_test_split(X)\nparts = cut(X)",
            "train_test_split(X, random_state=42)",
        ),
        (
            "def cut(X):\n    return train_test_split(X)\nSEED = 5\nparts = cut(X)",
            "train_test_split(X, random_state=SEED)",
        ),
        ("SEED = 'a'\nparts = train_test_split(X)", "train_test_split(X, random_state=42)"),
        ("if a:\n    SEED = 1\nparts = train_test_split(X)", "train_test_split(X, random_state=42)"),
        ("from settings import SEED\nparts = train_test_split(X)", "train_test_split(X, random_state=SEED)"),
        (
            "class A:\n    SEED = 1\n    def f(self):\n        return train_test_split(X)\nparts = A().f()",
            "train_test_split(X, random_state=42)",
        ),
    ],
)
def test_the_seed_is_the_projects_own(code: str, written: str) -> None:
    files = {"train.py": f"{SKLEARN}{code}{FIT}".encode(), "settings.py": b"SEED = 9\n"}
    assert written in fixed(["unpinned-split"], files)["train.py"].decode()


def test_in_a_notebook() -> None:
    cells = [
        ["%pip install scikit-learn\n", SKLEARN],
        ["parts = train_test_split(X,\n", "    y)\n", "model.fit(parts)"],
    ]
    document = json.dumps(
        {
            "cells": [
                {"cell_type": "code", "source": cell, "outputs": [], "execution_count": None, "metadata": {}}
                for cell in cells
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    )
    files = {"a.ipynb": document.encode()}
    [finding] = result_of("unpinned-split", files).findings
    assert (finding.cell, finding.line) == (1, 1)
    mended = fixed(["unpinned-split"], files)["a.ipynb"].decode()
    assert mended == document.replace('"    y)\\n"', '"    y,\\n", "    random_state=42)\\n"')


VALUES = st.sampled_from(
    [
        "X",
        "y",
        "data['a, b']",
        "f(1, (2))",
        "[1, 2]",
        "0.2",
        "'# no'",
        "lambda a: (a, a)",
        "{**d}",
        "\n    X",
        "X  # rows\n",
        "X if a else y",
    ]
)
KEYWORDS = st.lists(
    st.sampled_from(
        [
            "test_size=0.2",
            "stratify=y",
            "train_size = n",
            "shuffle=True",
            "shuffle=(True)",
            "random_state=None",
            "random_state = None",
        ]
    ),
    max_size=3,
    unique_by=lambda one: one.split("=")[0].strip(),
)


@given(
    values=st.lists(VALUES, min_size=1, max_size=3),
    keywords=KEYWORDS,
    gap=st.sampled_from([", ", ",\n\t\t", ",  # why\n    ", " , "]),
    tail=st.sampled_from(["", ",", ",\n", "\n", "  # end\n"]),
    around=st.sampled_from(
        [
            "parts = {}\n",
            "for part in [{}]: pass\n",
            "def cut(): return {}\ncut()\n",
            "class A:\n\tparts = ({},)\n",
            "a = 1; b = {}; c = 2\n",
        ]
    ),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_any_call_is_pinned_and_nothing_else_changes(
    values: list[str], keywords: list[str], gap: str, tail: str, around: str, newline: str
) -> None:
    call = f"train_test_split({gap.join([*values, *keywords])}{tail})"
    code = (SKLEARN + around.replace("{}", call) + FIT).replace("\n", newline)
    call = call.replace("\n", newline)
    try:
        tree = ast.parse(code)
    except SyntaxError:
        assume(False)
    files = {"train.py": code.encode()}
    assert result_of("unpinned-split", files).outcome is Outcome.FAILED
    mended = fixed(["unpinned-split"], files)["train.py"].decode()
    assert result_of("unpinned-split", {"train.py": mended.encode()}).outcome is Outcome.PASSED
    start = code.index(call)
    assert mended.startswith(code[:start])
    assert mended.endswith(code[start + len(call) :])
    [found] = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "train_test_split"
    ]
    found.keywords = [one for one in found.keywords if one.arg != "random_state"]
    [changed] = [
        node
        for node in ast.walk(ast.parse(mended))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "train_test_split"
    ]
    [pinned] = [one for one in changed.keywords if one.arg == "random_state"]
    assert ast.unparse(pinned.value) == "42"
    changed.keywords.remove(pinned)
    assert ast.dump(changed) == ast.dump(found)
