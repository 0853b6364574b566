"""A part of a change must not break the file."""

from __future__ import annotations

import pytest

from repro_gui.changes.change_set import FileChange
from repro_gui.changes.hunks import hunks_of, with_hunks
from repro_gui.errors import CannotPlan
from repro_gui.facts.partial_change import check_part

BEFORE = b"import sys\n\n\ndef main():\n    pass\n\n\nmain()\n"
AFTER = b"import sys\nimport mlflow\n\n\ndef main():\n    mlflow.log_param('a', 1)\n\n\nmain()\n"


def kept(path: str, before: bytes, after: bytes, *numbers: int) -> None:
    whole = FileChange(path, before, after)
    assert hunks_of(whole)
    check_part(whole, with_hunks(whole, numbers))


def test_use_without_its_import_is_refused_and_the_other_way_round_is_not() -> None:
    with pytest.raises(CannotPlan, match="mlflow"):
        kept("train.py", BEFORE, AFTER, 1)
    kept("train.py", BEFORE, AFTER, 0)
    kept("train.py", BEFORE, AFTER, 0, 1)
    kept("train.py", BEFORE, AFTER)


@pytest.mark.parametrize(
    ("path", "before", "after", "number"),
    [
        ("a.py", b"if x:\n    y()\nz()\n", b"try:\n    y()\nexcept OSError:\n    z()\n", 0),
        ("a.ipynb", b'{\n"a": 1\n\n}\n', b'{\n"a": 1,\n\n"b": 2\n}\n', 0),
        ("a.toml", b"a = 1\n\nb = 2\n", b"a = [\n\n2]\n", 0),
        ("a.yaml", b"a: 1\nb: 2\n", b"a: [1,\nb: 2\n]\n", 0),
    ],
)
def test_what_no_longer_parses_is_refused(path: str, before: bytes, after: bytes, number: int) -> None:
    with pytest.raises(CannotPlan, match="valid"):
        kept(path, before, after, number)


def test_text_and_files_that_did_not_parse_before_are_left_to_the_person() -> None:
    kept("README.md", b"a\n\nb\n", b"c\n\nd\n", 1)
    kept("old.py", b"print 'a'\n\nx = 1\n", b"print 'b'\n\nx = 2\n", 0)
