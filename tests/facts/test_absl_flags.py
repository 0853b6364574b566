"""Flags of absl and of TensorFlow 1: what they are by default, and how they get another default."""

from __future__ import annotations

import pytest

from repro_gui.facts.default_values import Known, Unsettled
from repro_gui.facts.program import Program
from repro_gui.facts.source_edits import edited, set_option_default
from repro_gui.facts.source_text import SourceText
from repro_gui.facts.ways import Way
from repro_gui.location import LineIndex, Location
from tests.projects_in_memory import facts_of

ABSL = "from absl import flags\nFLAGS = flags.FLAGS\n"
OLD = "import tensorflow as tf\nflags = tf.app.flags\nFLAGS = flags.FLAGS\n"


@pytest.mark.parametrize("head", [ABSL, OLD, ABSL.replace("absl", "tensorflow.compat.v1.app")])
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("flags.DEFINE_integer('seed', 3, 'Seed.')", Known(3, is_default=True)),
        ("flags.DEFINE_integer('seed', default=3, help='Seed.')", Known(3, is_default=True)),
        ("flags.DEFINE_integer('seed', None, 'Seed.')", Known(None, is_default=True)),
        ("flags.DEFINE_integer('seed', START, 'Seed.')", Unsettled("START")),
        ("flags.DEFINE_integer('other', 3, 'Seed.')", Unsettled("seed")),
        ("flags.DEFINE_integer('seed', 3, '')\nflags.DEFINE_integer('seed', 4, '')", Unsettled("seed")),
    ],
)
def test_defaults(head: str, code: str, expected: object) -> None:
    files = {"train.py": (head + code + "\ndef run():\n    look(FLAGS.seed)\nrun()\nmodel.fit(1)\n").encode()}
    program = facts_of(files, ["train.py"]).program
    assert isinstance(program, Program)
    way = Way(program, program.result_entry_points[0])
    [site] = [site for site in way.calls if site.call.written == "look"]
    assert way.values.value(way.values.scope(site), site.call.positional[0]) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("flags.DEFINE_integer('seed', None, 'Seed.')", "flags.DEFINE_integer('seed', 42, 'Seed.')"),
        ("DEFINE_integer('seed', default=None, help='')", "DEFINE_integer('seed', default=42, help='')"),
        ("parser.add_argument('-s', '--seed', type=int)", "parser.add_argument('-s', '--seed', type=int, default=42)"),
    ],
)
def test_another_default(before: str, after: str) -> None:
    source = SourceText(before.encode(), "t.py")
    lines = LineIndex(before)
    location = Location("t.py", *lines.position(0), *lines.position(len(before)))
    assert edited(source, set_option_default(source, location, "42")).decode() == after
