"""Entry points share what their functions tell; none of them may see what only another one reaches or chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from repro_gui.facts.random_use import random_use
from repro_gui.facts.ways import way_of
from repro_gui.knowledge import load_knowledge
from tests.facts.test_program import trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_gui.facts.program import Program
    from repro_gui.facts.steps import CallSite, Unit

LIBRARY = """
import argparse
import random

import numpy as np

SETTINGS = {"seed": 1}
TABLE = {"first": random.random, "second": np.random.rand}


def options(default):
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default=default)
    return parser.parse_args()


def seed_all(seed=None, numpy=False):
    if seed is not None:
        random.seed(seed)
    if numpy:
        np.random.seed(seed)


def draw(which, **given):
    make = TABLE[which]
    rng = np.random.default_rng(**given)
    return make() + rng.random() + inner()


def inner():
    return random.random()
"""
PROGRAMS = {
    "one.py": "import lib\nlib.seed_all(3)\nmodel.fit(lib.draw('first', seed=1))\n",
    "two.py": "import lib\nlib.seed_all(numpy=True)\nmodel.fit(lib.draw('second'))\n",
    "three.py": "import lib\nlib.SETTINGS['seed'] = None\nlib.seed_all(lib.SETTINGS['seed'])\nmodel.fit(lib.draw('second', seed=None))\n",
    "four.py": "import lib\nlib.seed_all(lib.SETTINGS['seed'], numpy=True)\nmodel.fit(lib.draw('first', **lib.SETTINGS))\n",
    "five.py": "import lib\ndef main(which='second'):\n    args = lib.options(7)\n    lib.seed_all(args.seed)\n    model.fit(lib.draw(which))\nmain()\n",
}


def _told(program: Program, path: str) -> list[str]:
    """What is said of one program, in words that do not name the objects."""
    (entry,) = (entry for entry in program.result_entry_points if entry.path == path)
    use = random_use(program, entry, load_knowledge())
    way = use.way
    told = [f"{one.site.location} {one.name} {one.source} {one.is_certain} {one.happens!r}" for one in use.draws]
    told += [
        f"{one.site.location} {one.name} {one.kind} {getattr(one.value, 'value', '')!r} {one.happens!r}"
        for one in use.seedings
    ]
    for site in way.calls:
        chain = [str(one.location) for one in way.chain(site.module.path, site.symbol)]
        told.append(f"{site.location} {site.name} {way.happens(site)!r} {chain}")
    told += sorted(str(root) for unit in way.units for root in way.roots(unit.path, unit.symbol))
    return told


@pytest.mark.parametrize("first", PROGRAMS)
def test_what_is_told_of_a_program_is_the_same_whoever_was_asked_before(first: str) -> None:
    files = {"lib.py": LIBRARY, **PROGRAMS}
    alone = {path: _told(trace(files), path) for path in PROGRAMS}
    together = trace(files)
    order = [first, *reversed([path for path in PROGRAMS if path != first])]
    assert {path: _told(together, path) for path in order} == alone
    # They are five programs: were they told alike, this would prove nothing.
    assert len({tuple(told) for told in alone.values()}) == len(PROGRAMS)


def test_a_program_is_told_as_if_the_others_were_not_there() -> None:
    together = trace({"lib.py": LIBRARY, **PROGRAMS})
    for path, source in PROGRAMS.items():
        assert _told(together, path) == _told(trace({"lib.py": LIBRARY, path: source}), path)


def test_a_shared_function_is_asked_once() -> None:
    program = trace({"lib.py": LIBRARY, **PROGRAMS})
    asked: list[tuple[str, str]] = []

    def tell(unit: Unit) -> Iterator[CallSite]:
        asked.append((unit.path, unit.symbol))
        return iter(unit.calls)

    for entry in program.result_entry_points:
        assert list(program.told_of(program.units(entry), tell)) == list(program.calls(entry))
    assert asked.count(("lib.py", "inner")) == 1
    assert len(asked) == len(set(asked))


def test_programs_that_choose_the_same_share_what_is_made_of_it() -> None:
    program = trace({"lib.py": LIBRARY, **PROGRAMS})
    drawing = {
        entry.path: next(unit for unit in way_of(program, entry).units if unit.symbol == "draw")
        for entry in program.result_entry_points
    }
    assert drawing["one.py"] is drawing["four.py"]
    assert drawing["two.py"] is drawing["three.py"]
    assert drawing["one.py"] is not drawing["two.py"]
