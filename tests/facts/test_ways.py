"""The way from an entry point: what happens by default on it, and what does not."""

from __future__ import annotations

import pytest

from repro_gui.facts.ways import Happens, way_of
from tests.facts.test_program import trace

HELPER = """
import numpy as np
def draw(): return np.random.rand()
if __name__ == "__main__":
    model.fit(draw())
"""


def test_what_only_a_started_module_does_is_not_on_the_way_of_who_imports_it() -> None:
    program = trace({"helper.py": HELPER, "show.py": "import helper\nhelper.draw()\nopen('out.csv', 'w').write('1')\n"})
    by_path = {entry.path: entry for entry in program.entry_points}
    assert by_path["helper.py"].makes_results
    shown = [step.location.path for step in way_of(program, by_path["show.py"]).calls if step.target.method == "fit"]
    assert shown == []
    started = [step for step in way_of(program, by_path["helper.py"]).calls if step.target.method == "fit"]
    assert len(started) == 1


def test_the_other_branch_of_a_main_test_is_for_who_imports() -> None:
    source = """
    if __name__ == "__main__":
        second()
    else:
        first()
    """
    program = trace({"one.py": source, "two.py": "import one\nmodel.fit(1)\n"}, "one.py", "two.py")
    one, two = program.result_entry_points
    way = way_of(program, one)
    assert {site.call.written for site in way.calls if way.happens(site)} == {"second"}
    assert {site.call.written for site in way_of(program, two).calls} == {"first", "model.fit"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if True:\n    target()\n", Happens.YES),
        ("if False:\n    target()\n", Happens.NO),
        ("if False:\n    pass\nelse:\n    target()\n", Happens.YES),
        ("if unknown:\n    target()\n", Happens.UNKNOWN),
        ("if unknown:\n    if False:\n        target()\n", Happens.NO),
        ("for one in many:\n    target()\n", Happens.YES),
        ("try:\n    first()\nexcept ValueError:\n    target()\n", Happens.UNKNOWN),
        ("try:\n    first()\nfinally:\n    target()\n", Happens.YES),
        ("match one:\n    case 1:\n        target()\n", Happens.UNKNOWN),
        ("def f():\n    target()\nf()\n", Happens.YES),
        ("def f():\n    target()\nif False:\n    f()\n", Happens.NO),
        ("def f(on=False):\n    if on:\n        target()\nf()\n", Happens.NO),
        ("def f(on=False):\n    if on:\n        target()\nf(on=True)\n", Happens.YES),
        ("if False:\n    class A:\n        target()\n", Happens.NO),
        ("ON = None\nON and target()\n", Happens.NO),
        ("ON = None\nON or target()\n", Happens.YES),
        ("ON = 1\nON and target()\n", Happens.YES),
        ("unknown and target()\n", Happens.UNKNOWN),
        ("ON = False\nx = target() if ON else 0\n", Happens.NO),
        ("ON = False\nx = 0 if ON else target()\n", Happens.YES),
        ("x = target() if unknown else 0\n", Happens.UNKNOWN),
        ("later = lambda: target()\n", Happens.UNKNOWN),
    ],
)
def test_whether_a_call_happens_by_default(source: str, expected: Happens) -> None:
    program = trace({"train.py": f"def target(): pass\n{source}model.fit(1)\n"}, "train.py")
    way = way_of(program, program.result_entry_points[0])
    sites = [site for site in way.calls if site.call.written == "target"]
    assert [way.happens(site) for site in sites] == [expected]


@pytest.mark.parametrize(
    ("make", "field", "expected"),
    [
        ("tyro.cli(Args)", "on: bool = True", Happens.YES),
        ("tyro.cli(Args)", "on: bool = False", Happens.NO),
        ("tyro.cli(Args)", "on: bool", Happens.UNKNOWN),
        ("pyrallis.parse(config_class=Args)", "on: bool = False", Happens.NO),
        ("tyro.cli(unknown)", "on: bool = True", Happens.UNKNOWN),
        ("other(Args)", "on: bool = True", Happens.UNKNOWN),
    ],
)
def test_fields_that_a_command_line_fills_have_their_defaults(make: str, field: str, expected: Happens) -> None:
    source = f"""
    from dataclasses import dataclass
    import pyrallis, tyro
    @dataclass
    class Args:
        {field}
    if __name__ == "__main__":
        args = {make}
        if args.on:
            target()
        model.fit(1)
    """
    program = trace({"train.py": source}, "train.py")
    way = way_of(program, program.result_entry_points[0])
    (site,) = (site for site in way.calls if site.call.written == "target")
    assert way.happens(site) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # An exit that defaults decide counts, one that nothing decides is left to `certainly_before`.
        ("def f(seed=None):\n    if seed is None:\n        return\n    target()\nf()\n", Happens.NO),
        ("def f(seed=None):\n    if seed is None:\n        return\n    target()\nf(3)\n", Happens.YES),
        ("def f(seed=None):\n    if seed is not None:\n        return\n    target()\nf()\n", Happens.YES),
        ("def f():\n    if unknown:\n        return\n    target()\nf()\n", Happens.YES),
        ("def f(a=True, b=True):\n    if a:\n        if b:\n            return\n    target()\nf()\n", Happens.NO),
        ("def f(a=True, b=False):\n    if a:\n        if b:\n            return\n    target()\nf()\n", Happens.YES),
        ("def f():\n    for one in many:\n        return\n    target()\nf()\n", Happens.YES),
        ("def f():\n    with lock:\n        other()\n    target()\nf()\n", Happens.YES),
        ("for one in many:\n    if True:\n        continue\n    target()\n", Happens.NO),
        ("for one in many:\n    if True:\n        break\ntarget()\n", Happens.YES),
        # A failure makes no result; what it guards is judged as if it did not happen.
        ("def f(seed=None):\n    if seed is None:\n        raise ValueError\n    target()\nf()\n", Happens.YES),
        ("def f(seed=None):\n    if seed is None:\n        sys.exit(1)\n    target()\nf()\n", Happens.YES),
        # Nobody starts a program so that it only complains.
        (
            "def main(path=None):\n    if path is None:\n        print('usage')\n        return\n    target()\nmain()\n",
            Happens.YES,
        ),
        ("def main(only=True):\n    if only:\n        evaluate()\n        return\n    target()\nmain()\n", Happens.NO),
    ],
)
def test_what_may_end_before(source: str, expected: Happens) -> None:
    program = trace({"one.py": source + "model.fit(1)\n"}, "one.py")
    way = way_of(program, program.result_entry_points[0])
    [target] = [site for site in way.calls if site.call.written == "target"]
    assert way.happens(target) is Happens(expected)


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    return 1\n    target()\nf()\n",
        "def f():\n    raise ValueError\n    target()\nf()\n",
        "def f():\n    with lock:\n        return 1\n    target()\nf()\n",
        "for one in many:\n    continue\n    target()\n",
        "model.fit(1)\nraise SystemExit\ntarget()\n",
    ],
)
def test_what_stands_behind_an_exit_never_runs(source: str) -> None:
    program = trace({"one.py": "model.fit(1)\n" + source}, "one.py")
    assert all(site.call.written != "target" for site in way_of(program, program.result_entry_points[0]).calls)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("first()\nsecond()\n", True),
        ("def f():\n    if unknown:\n        return\n    first()\nf()\nsecond()\n", False),
        ("def f():\n    if unknown:\n        return\n    first()\n    second()\nf()\n", True),
        ("def f():\n    if unknown:\n        return\n    first()\n    g()\ndef g():\n    second()\nf()\n", True),
        ("def f():\n    g()\n    if unknown:\n        return\n    first()\ndef g():\n    second()\nf()\n", False),
        ("for one in many:\n    if one:\n        continue\n    first()\nsecond()\n", False),
        ("for one in many:\n    if one:\n        continue\n    first()\n    second()\n", True),
        ("while True:\n    if one:\n        break\n    first()\nsecond()\n", False),
        ("try:\n    if one:\n        raise ValueError\n    first()\nexcept ValueError:\n    pass\nsecond()\n", True),
    ],
)
def test_what_may_come_between(source: str, *, expected: bool) -> None:
    program = trace({"one.py": "model.fit(1)\n" + source}, "one.py")
    way = way_of(program, program.result_entry_points[0])
    [first] = [site for site in way.calls if site.call.written == "first"]
    [second] = [site for site in way.calls if site.call.written == "second"]
    assert way.certainly_before(first, second) is expected
