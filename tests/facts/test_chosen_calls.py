"""What a program calls that it chooses by a name."""

from __future__ import annotations

import pytest

from repro_gui.facts.ways import way_of
from tests.facts.test_program import trace

TABLE = "from lib import a, b\nTABLE = {'a': a, 'b': b}\n"
ARGS = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--name', default='b')\nargs = p.parse_args()\n"
REGISTER = """
TABLE = {}
def register(name):
    def keep(thing):
        TABLE[name] = thing
        return thing
    return keep
@register("a")
def first(): ...
@register(name="b")
class Second: ...
"""
BY_NAME = """
TABLE = dict()
def register(thing):
    TABLE[thing.__name__] = thing
    return thing
@register
def first(): ...
"""


def called(source: str, **modules: str) -> list[str]:
    """What the call on the last line calls, a `?` behind what is not certain by default."""
    files = {"one.py": "model.fit(1)\n" + source, **{f"{name}.py": text for name, text in modules.items()}}
    program = trace(files, "one.py")
    way = way_of(program, program.result_entry_points[0])
    own = [site for site in way.calls if site.module.path == "one.py"]
    last = max(site.call.line for site in own)
    made = [site for site in own if site.call.line == last]
    # The outermost call begins first and ends last.
    end = max((site.call.end_line, site.call.end_column) for site in made)
    outer = [site for site in made if (site.call.end_line, site.call.end_column) == end]
    return [f"{site.name}{'?' if site.choice == 'open' else ''}" for site in outer]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (TABLE + "TABLE['a']()\n", ["lib.a"]),
        (TABLE + "NAME = 'b'\nTABLE[NAME]()\n", ["lib.b"]),
        (TABLE + "TABLE.get('a')()\n", ["lib.a"]),
        (TABLE + ARGS + "TABLE[args.name]()\n", ["lib.b"]),
        (TABLE + ARGS + "make = TABLE[args.name]\nmake()\n", ["lib.b"]),
        (TABLE + "def f(name='a'):\n    return TABLE[name]\nTABLE[input()]()\n", ["lib.a?", "lib.b?"]),
        (TABLE + "TABLE['c']()\n", [""]),
        (TABLE + "TABLE.update(load())\nTABLE[input()]()\n", [""]),
        ("TABLE = load()\nTABLE[input()]()\n", [""]),
        ("TABLE = {'a': {'b': print}}\nTABLE['a']['b']()\n", ["builtins.print"]),
        ("import lib\ngetattr(lib, 'a')()\n", ["lib.a"]),
        ("import lib\n" + ARGS + "getattr(lib, args.name)()\n", ["lib.b"]),
        ("import lib\ngetattr(lib, input())()\n", [""]),
        (REGISTER + "TABLE['a']()\n", ["one.first"]),
        (REGISTER + "TABLE['b']()\n", ["one.Second"]),
        (REGISTER + "TABLE[input()]()\n", ["one.first?", "one.Second?"]),
        (REGISTER + "TABLE['c']()\n", [""]),
        (REGISTER + "TABLE[input()] = 3\nTABLE['a']()\n", [""]),
        (BY_NAME + "TABLE['first']()\n", ["one.first"]),
    ],
)
def test_what_is_chosen(source: str, expected: list[str]) -> None:
    assert called(source) == expected


def test_a_registry_of_another_module() -> None:
    source = "import nets\nfrom registry import TABLE\nTABLE['net']()\n"
    nets = "from registry import register\n@register('net')\ndef net(): ...\n"
    assert called(source, nets=nets, registry=REGISTER) == ["nets.net"]
