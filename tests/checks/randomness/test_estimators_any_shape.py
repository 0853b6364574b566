"""For any way to make an estimator: after the fix it is Python, the finding is gone, and nothing else has changed."""

from __future__ import annotations

import ast
import difflib
import re

from hypothesis import given, note
from hypothesis import strategies as st

from repro_gui.audit.report import Outcome
from tests.projects_in_memory import fixed, result_of

NAMES = st.sampled_from(
    [
        ("from sklearn.ensemble import RandomForestClassifier\n", "RandomForestClassifier"),
        ("import sklearn.ensemble\n", "sklearn.ensemble.RandomForestClassifier"),
        ("from sklearn import ensemble as e  # short\n", "e.ExtraTreesClassifier"),
    ]
)
# What a mapping holds before the fix, and how it is laid out.
ITEMS = st.lists(st.sampled_from(["n_estimators", "max_depth", "n_jobs", "min_samples_leaf"]), unique=True, max_size=3)
NONE = st.sampled_from([False, False, True])
LAYOUT = st.sampled_from(["one line", "one line, comma", "many lines", "many lines, no comma", "comments"])
QUOTE = st.sampled_from(["'", '"'])
SHAPES = st.sampled_from(
    [
        "model = MAKE(**MAPPING)\n",
        "PARAMS = MAPPING\nmodel = MAKE(**PARAMS)\n",
        "PARAMS = MAPPING  # tuned\nmodel = MAKE(\n    **PARAMS,\n)\n",
        "PARAMS = MAPPING\nOTHERS = {**PARAMS}\nmodel = MAKE(**OTHERS)\n",
        "CONFIG = {'model': MAPPING}\nmodel = MAKE(**CONFIG['model'])\n",
        "class Config:\n    params = MAPPING\n\n\nmodel = MAKE(**Config.params)\n",
        "def make(**options):\n    return MAKE(**options)\n\n\nmodel = make(KEYWORDS)\n",
        "def make(options):\n    return MAKE(**options)\n\n\nmodel = make(MAPPING)\n",
        "def parameters():\n    return MAPPING\n\n\nmodel = MAKE(**parameters())\n",
        "def make(random_state=None):\n    return MAKE(random_state=random_state)\n\n\nmodel = make()\n",
        "class Trainer:\n    def __init__(self, state = None):\n        self.state = state\n        self.model = MAKE(random_state=self.state)\n\n\nmodel = Trainer().model\n",
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--state', type=int)\nargs = parser.parse_args()\nmodel = MAKE(random_state=args.state)\n",
        "STATE = None\nmodel = MAKE(random_state=STATE)\n",
        "MODELS = {'a': MAKE}\nmodel = MODELS['a'](KEYWORDS)\n",
        "model = MAKE(KEYWORDS)\n",
    ]
)
VALUES = {"n_estimators": "10", "max_depth": "None", "n_jobs": "1", "min_samples_leaf": "2", "random_state": "None"}


def mapping(items: list[str], layout: str, quote: str) -> str:
    pairs = [f"{quote}{name}{quote}: {VALUES[name]}" for name in items]
    if not pairs:
        return "{}"
    if layout.startswith("one line"):
        return "{" + ", ".join(pairs) + ("," if "comma" in layout else "") + "}"
    note_ = "  # why" if layout == "comments" else ""
    last = "" if "no comma" in layout else ","
    return "{\n" + "".join(f"    {pair},{note_}\n" for pair in pairs[:-1]) + f"    {pairs[-1]}{last}{note_}\n" + "}"


def without_state(code: str) -> str:
    """The code without what the fix may write, and without what may go with it."""
    code = re.sub(r"""["']?random_state["']?\s*[=:]\s*(None|42|SEED)\b""", "", code)
    code = re.sub(r"""(state = |STATE = |type=int|default=)(None|42|SEED)?""", "", code)
    return re.sub(r"[\s,]+", "", code)


@given(
    named=NAMES,
    items=ITEMS,
    none=NONE,
    layout=LAYOUT,
    quote=QUOTE,
    shape=SHAPES,
    seed=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_any_estimator(
    named: tuple[str, str], items: list[str], none: bool, layout: str, quote: str, shape: str, seed: bool, newline: str
) -> None:
    given_items = [*items, "random_state"] if none else items
    code = named[0] + ("SEED = 7\n" if seed else "") + shape.replace("MAKE", named[1])
    code = code.replace("MAPPING", mapping(given_items, layout, quote))
    code = code.replace("KEYWORDS", ", ".join(f"{name}={VALUES[name]}" for name in given_items))
    code = (code + "model.fit(X, y)\n# naïve end\n").replace("\n", newline)
    note(code)
    files = {"train.py": code.encode()}
    assert result_of("unseeded-estimator", files, ["train.py"]).outcome is Outcome.FAILED
    mended = fixed(["unseeded-estimator"], files, ["train.py"])["train.py"].decode()
    note(mended)
    ast.parse(mended)
    assert result_of("unseeded-estimator", {"train.py": mended.encode()}, ["train.py"]).outcome is Outcome.PASSED
    assert without_state(mended) == without_state(code)
    assert ("\r\n" in mended) == (newline == "\r\n")
    assert "\n" not in mended.replace("\r\n", "") or newline == "\n"
    # At most the line that is written to, and one new one beside it.
    lines = list(difflib.ndiff(code.split("\n"), mended.split("\n")))
    assert sum(line.startswith("- ") for line in lines) <= 1
    assert sum(line.startswith("+ ") for line in lines) <= 2
    assert [line[2:] for line in lines if line.startswith(("  ", "- "))] == code.split("\n")
