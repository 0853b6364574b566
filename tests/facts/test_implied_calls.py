"""Methods that run where no call is written."""

from __future__ import annotations

import pytest

from repro_gui.facts.ways import Happens
from tests.facts.test_overriding_calls import UNKNOWN, YES, happening, way_through

ROWS = """
from torch.utils.data import Dataset
class Rows(Dataset):
    def __getitem__(self, index):
        item()
    def own(self):
        return self[0]
class Stream:
    def __iter__(self):
        loop()
        yield 1
    def __getitem__(self, index):
        ...
class Words(list):
    def __getitem__(self, index):
        word()
rows, stream, words = Rows(), Stream(), Words()
"""


@pytest.mark.parametrize(
    ("source", "item", "loop"),
    [
        ("rows[0]\n", YES, UNKNOWN),
        ("Rows()[0]\n", YES, UNKNOWN),
        ("rows.own()\n", YES, UNKNOWN),
        ("def show(given: Rows):\n    given[0]\nshow(unknown)\n", YES, UNKNOWN),
        ("for row in rows:\n    pass\n", YES, UNKNOWN),
        ("kept = [row for row in rows]\n", YES, UNKNOWN),
        ("kept = list(rows)\n", YES, UNKNOWN),
        ("for row in stream:\n    pass\n", UNKNOWN, YES),
        ("for number, row in enumerate(stream):\n    pass\n", UNKNOWN, YES),
        # Storing reads nothing, and a class that is given parameters makes nothing.
        ("rows[0] = 1\n", UNKNOWN, UNKNOWN),
        ("rows[0], other = 1, 2\n", UNKNOWN, UNKNOWN),
        ("del rows[0]\n", UNKNOWN, UNKNOWN),
        ("kind = Rows[int]\n", UNKNOWN, UNKNOWN),
        ("def show(given: Rows[int]): ...\nshow(1)\n", UNKNOWN, UNKNOWN),
        ("rows[rows[0]] = 1\n", YES, UNKNOWN),
    ],
)
def test_what_runs_where_no_call_is_written(source: str, item: Happens, loop: Happens) -> None:
    assert happening(way_through(ROWS + source), "item", "loop") == [item, loop]


def test_a_list_goes_through_itself() -> None:
    assert happening(way_through(ROWS + "kept = list(words)\n"), "word") == [UNKNOWN]
    assert happening(way_through(ROWS + "kept = words[0]\n"), "word") == [YES]


def test_an_object_of_another_module() -> None:
    way = way_through("from data import rows\nprint(rows[0])\n", data=ROWS)
    assert happening(way, "item") == [YES]
