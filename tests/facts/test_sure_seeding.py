"""Whether something seeds before each draw, whichever way a program takes."""

from __future__ import annotations

import pytest

from repro_gui.facts.random_use import random_use
from repro_gui.facts.seeding import SeedState, library_seeding
from repro_gui.knowledge import load_knowledge
from tests.facts.test_program import trace

SEEDED, UNKNOWN = SeedState.SEEDED, SeedState.UNKNOWN
BOTH = "if unknown:\n    np.random.seed(0)\nelse:\n    np.random.seed(1)\n"
DRAW = "np.random.rand()\n"
FUNCTIONS = "def a():\n    np.random.seed(0)\ndef b():\n    np.random.seed(1)\ndef c():\n    pass\n"
RETURNS = "def a():\n    if other:\n        return\n    np.random.seed(0)\ndef b():\n    np.random.seed(1)\n"
INHERITED = "class A:\n    def __init__(self):\n        np.random.seed(0)\nclass B(A):\n    pass\n"
IN_MAIN = "def main():\n    if unknown:\n        a()\n    else:\n        b()\n    draw()\ndef draw():\n    np.random.rand()\nmain()\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (BOTH + DRAW, SEEDED),
        (DRAW + BOTH + DRAW, UNKNOWN),
        ("if unknown:\n    np.random.seed(0)\nelif other:\n    np.random.seed(1)\n" + DRAW, UNKNOWN),
        (
            "if unknown:\n    np.random.seed(0)\nelif other:\n    np.random.seed(1)\nelse:\n    np.random.seed(2)\n"
            + DRAW,
            SEEDED,
        ),
        # What stands in one arm with its seed is seeded, whatever the other does.
        ("if unknown:\n    np.random.seed(0)\n    " + DRAW, SEEDED),
        ("if unknown:\n    np.random.seed(0)\n    " + DRAW + "else:\n    " + DRAW, UNKNOWN),
        ("if unknown:\n    np.random.seed(0)\nif not unknown:\n    " + DRAW, UNKNOWN),
        ("try:\n    load()\nexcept OSError:\n    np.random.seed(0)\n" + DRAW, UNKNOWN),
        (FUNCTIONS + "if unknown:\n    a()\nelse:\n    b()\n" + DRAW, SEEDED),
        (FUNCTIONS + "if unknown:\n    a()\nelse:\n    c()\n" + DRAW, UNKNOWN),
        (RETURNS + "if unknown:\n    a()\nelse:\n    b()\n" + DRAW, UNKNOWN),
        (FUNCTIONS + IN_MAIN, SEEDED),
        (FUNCTIONS + IN_MAIN + "draw()\n", SEEDED),
        (FUNCTIONS + IN_MAIN.replace("main()\n", "draw()\nmain()\n"), UNKNOWN),
        (INHERITED + "kind = {'a': A, 'b': B}[unknown]\nkind()\n" + DRAW, SEEDED),
        (FUNCTIONS + "{'a': a, 'b': b}[unknown]()\n" + DRAW, SEEDED),
        (FUNCTIONS + "{'a': a, 'c': c}[unknown]()\n" + DRAW, UNKNOWN),
        (
            FUNCTIONS
            + "def f():\n    f()\n    if unknown:\n        f()\n    else:\n        a()\n    f()\nf()\n"
            + DRAW,
            UNKNOWN,
        ),
    ],
)
def test_whichever_way_is_taken(source: str, expected: SeedState) -> None:
    program = trace({"one.py": "import numpy as np\nmodel.fit(1)\n" + source}, "one.py")
    knowledge = load_knowledge()
    use = random_use(program, program.result_entry_points[0], knowledge)
    assert library_seeding(program, knowledge, use, knowledge.randomness.generator("numpy")).state is expected
