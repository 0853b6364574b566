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
