"""What expressions are when nobody gives the program another value."""

from __future__ import annotations

import pytest

from repro_gui.facts.default_values import Computed, Known, Settled, Unsettled
from repro_gui.facts.program import Program
from repro_gui.facts.ways import Way
from tests.projects_in_memory import facts_of

ARGPARSE = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("-s", "--the-seed", type=int, {})
parser.add_argument("--flag", action="store_true")
parser.add_argument("--no-shuffle", dest="shuffle", action="store_false")
args = parser.parse_args()
"""


def value_in(code: str, **modules: str) -> Settled:
    """The value of the argument of the only call of `look`."""
    files = {"train.py": (code + "\nmodel.fit(1)\n").encode()}
    files |= {f"{name}.py": content.encode() for name, content in modules.items()}
    program = facts_of(files, ["train.py"]).program
    assert isinstance(program, Program)
    way = Way(program, program.result_entry_points[0])
    [site] = [site for site in way.calls if site.call.written == "look"]
    return way.values.value(way.values.scope(site), site.call.positional[0])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("look(3)", Known(3)),
        ("SEED = 3\nlook(SEED)", Known(3)),
        ("SEED = BASE = 4\nlook(SEED)", Known(4)),
        # The last of several in a row is what counts, where none of them depends on anything.
        ("A = 1\nA = 2\nlook(A)", Known(2)),
        ("A = 1\nif x:\n    A = 2\nlook(A)", Unsettled("A")),
        ("if x:\n    A = 1\nlook(A)", Unsettled("A")),
        ("look(2 + 3 * 4)", Known(14)),
        ("look(1 // 0)", Unsettled()),
        ("look('a' * 10**12)", Unsettled()),
        ("look(9**9**9)", Unsettled()),
        ("look(None or 5)", Known(5)),
        ("look(1 if 2 > 1 else 3)", Known(1)),
        ("look(int('7'))", Known(7)),
        ("look(int('x'))", Unsettled()),
        ("class C:\n    seed = 5\nlook(C.seed)", Known(5)),
        ("from config import SEED\nlook(SEED)", Known(8)),
        ("import config\nlook(config.SEED)", Known(8)),
        ("import os\nlook(os.environ.get('SEED', 3))", Known(3, is_default=True)),
        ("import os\nlook(os.getenv('SEED'))", Known(None, is_default=True)),
        (ARGPARSE.format("default=3") + "look(args.the_seed)", Known(3, is_default=True)),
        (ARGPARSE.format("help=''") + "look(args.the_seed)", Known(None, is_default=True)),
        (ARGPARSE.format("required=True") + "look(args.the_seed)", Unsettled("the_seed")),
        (ARGPARSE.format("default=3") + "look(args.flag)", Known(value=False, is_default=True)),
        (ARGPARSE.format("default=3") + "look(args.shuffle)", Known(value=True, is_default=True)),
        (ARGPARSE.format("default=3") + "look(args.other)", Unsettled("other")),
        ("def f(seed=6):\n    look(seed)\nf()", Known(6, is_default=True)),
        ("def f(seed=6):\n    look(seed)\nf(7)", Known(7)),
        ("def f(seed=6):\n    look(seed)\nf(seed=7)\nf()", Unsettled("seed")),
        ("def f(seed=6):\n    look(seed)\nf(*x)", Unsettled("seed")),
        ("def f(seed):\n    g(seed)\ndef g(value):\n    look(value)\nf(9)", Known(9)),
        ("def f(n):\n    look(n)\n    f(n - 1)\nf(3)", Unsettled("n")),
        ("class A:\n    def __init__(self, seed):\n        look(seed)\nA(4)", Known(4)),
        ("class A:\n    def f(self, a, seed):\n        look(seed)\nA().f(1, 4)", Known(4)),
        (
            "import click\n@click.command()\n@click.option('--seed', default=5)\ndef f(seed):\n    look(seed)\nf()",
            Known(5, is_default=True),
        ),
        ("import typer\ndef f(seed: int = typer.Option(5)):\n    look(seed)\nf()", Known(5, is_default=True)),
        ("if __name__ == '__main__':\n    SEED = 4\n    look(SEED)", Known(4)),
    ],
)
def test_values(code: str, expected: Settled) -> None:
    assert value_in(code, config="SEED = 8\n") == expected


def test_what_a_call_gives_is_named() -> None:
    found = value_in("import time\nlook(int(time.time()) % 1000)")
    assert isinstance(found, Computed)
    assert found.name == "time.time"


def test_options_go_along_with_their_object() -> None:
    code = (
        ARGPARSE.format("default=3")
        + "def main(options):\n    inner(options)\ndef inner(o):\n    look(o.the_seed)\nmain(args)"
    )
    assert value_in(code) == Known(3, is_default=True)
