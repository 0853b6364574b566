"""What an audit worked out goes with it: a window audits again with every saved file."""

from __future__ import annotations

import datetime as dt
import gc

from repro_gui.audit.answers_so_far import answers_so_far
from repro_gui.audit.audit import audit
from repro_gui.facts.program import Program
from repro_gui.facts.snapshot import snapshot_of_files
from repro_gui.knowledge import load_knowledge
from repro_gui.progress import NoProgress

FILES = {
    "lib.py": b"import random\n\ndef seed_all(seed=0):\n    random.seed(seed)\n\nclass Model:\n    def fit(self):\n        return random.random()\n",
    "train.py": b"import lib\nimport pandas\n\nif __name__ == '__main__':\n    lib.seed_all()\n    pandas.read_csv('a.csv')\n    model.fit(lib.Model().fit())\n",
}


def programs() -> set[int]:
    gc.collect()
    return {id(one) for one in gc.get_objects() if isinstance(one, Program)}


def test_no_program_outlives_its_audit() -> None:
    before = programs()
    for _ in range(2):
        snapshot = snapshot_of_files("p", FILES)
        answers_so_far(snapshot, load_knowledge(), NoProgress())
        audit(snapshot, load_knowledge(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), NoProgress())
    assert not programs() - before


def test_the_collector_works_again_after_an_audit() -> None:
    assert gc.isenabled()
    audit(snapshot_of_files("p", FILES), load_knowledge(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), NoProgress())
    assert gc.isenabled()
