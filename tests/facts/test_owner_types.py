"""Of what type an object is whose method is called: bound anew from itself, handed in, given back."""

from __future__ import annotations

import pytest

from repro_gui.facts.owner_types import typed_method
from repro_gui.facts.program import Program
from repro_gui.facts.ways import Way
from repro_gui.knowledge import load_knowledge
from tests.projects_in_memory import facts_of

IMPORTS = "import tensorflow as tf\nimport pandas as pd\nimport numpy as np\nD = tf.data.Dataset\n"
SHUFFLE = "tensorflow.data.Dataset.shuffle"


def method_of_last_shuffle(code: str) -> str:
    program = facts_of({"train.py": (IMPORTS + code + "\nmodel.fit(1)\n").encode()}, ["train.py"]).program
    assert isinstance(program, Program)
    way = Way(program, program.result_entry_points[0])
    site = [site for site in way.calls if site.target.method == "shuffle" or site.call.written.endswith(".shuffle")][-1]
    return typed_method(way, load_knowledge().randomness, site)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("d = D.range(3)\nd.shuffle(1)", SHUFFLE),
        ("d = D.range(3)\nd = d.map(f)\nd = d.batch(2)\nd.shuffle(1)", SHUFFLE),
        ("d = D.range(3)\nif x:\n    d = d.repeat().cache()\nd.batch(2).shuffle(1)", SHUFFLE),
        ("d = D.range(3) if x else tf.data.TFRecordDataset(x)\nd.shuffle(1)", SHUFFLE),
        ("def get(d):\n    d = d.map(f)\n    return d.shuffle(3)\nget(D.range(3))\nget(D.range(4))", SHUFFLE),
        ("def get(d):\n    return d.batch(3)\nget(D.range(3)).shuffle(1)", SHUFFLE),
        ("class A:\n    def get(self, d):\n        return d.shuffle(3)\nA().get(D.range(3))", SHUFFLE),
        # Something else, or something that nobody knows.
        ("d = D.range(3)\nd = np.array(d)\nd.shuffle(1)", ""),
        ("d = load()\nd = d.map(f)\nd.shuffle(1)", ""),
        ("d = d.map(f)\nd.shuffle(1)", ""),
        ("def get(d):\n    return d.shuffle(3)\nget(D.range(3))\nget(load())", ""),
        ("def get(d):\n    return d.shuffle(3)\nget(*rows)", ""),
        ("def get(d):\n    yield d\nget(D.range(3)).shuffle(1)", ""),
        ("def get(d):\n    if x:\n        return 1\n    return d\nget(D.range(3)).shuffle(1)", ""),
        ("def a():\n    return b()\ndef b():\n    return a()\na().shuffle(1)", ""),
        ("d = D.range(3).reduce(0, f)\nd = d.x\nd.shuffle(1)", ""),
        ("rows['a'].shuffle(1)", ""),
    ],
)
def test_types(code: str, expected: str) -> None:
    found = method_of_last_shuffle(code)
    # A name of another type is as good as none: nothing is known to draw under it.
    assert (found if found == SHUFFLE else "") == expected


def test_long_chains_are_bounded() -> None:
    code = "d = D.range(3)\n" + "".join(f"d{n} = d{n - 1 if n else ''}.map(f)\n" for n in range(2000))
    code += "d1999" + ".map(f)" * 80 + ".shuffle(1)"
    assert method_of_last_shuffle(code) in {"", SHUFFLE}
