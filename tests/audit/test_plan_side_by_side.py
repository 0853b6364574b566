"""Fixes whose findings do not depend on one another: planned together they write what they write one by one."""

from __future__ import annotations

import functools

import msgspec
import pytest

from repro_gui.audit.plan_fix import plan_fix
from repro_gui.changes.change_set import ChangeSet
from repro_gui.checks.check import Check, Sketch
from repro_gui.checks.find_checks import all_checks
from repro_gui.knowledge import load_knowledge
from tests.sketches import answer_from, snapshot_of

TRAIN = """\
import os
import random

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

import more

names = [os.listdir(folder) for folder in os.listdir("data")]
rng, other = np.random.default_rng(), np.random.default_rng()
mine = random.Random()
options = {"n_estimators": 10}
first, second = RandomForestClassifier(**options), RandomForestClassifier(**options)
third = SGDClassifier(); fourth = SGDClassifier(alpha=0.1)
train, test = train_test_split(names)
inner, outer = train_test_split(train, test_size=0.5)
for word in {"a", "b"}:
    for letter in {word, "c"}:
        print(word, letter, rng.random(), other.random(), mine.random())
for one in (first, second, third, fourth):
    one.fit(train, test).score(inner, outer)
more.run(names)
"""

MORE = """\
import glob
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import KFold


def run(rows):
    for path in glob.glob("*.csv"):
        for model in (ExtraTreesClassifier(), ExtraTreesClassifier(n_estimators=3)):
            model.fit(path, rows).predict(rows)
    return KFold(shuffle=True).split(rows), KFold(3, shuffle=True).split(rows)
"""

REQUIREMENTS = "numpy>=1\npandas  # arrays\nscikit-learn\nnumpy\nother\n"

SKETCH = Sketch(
    {"train.py": TRAIN, "more.py": MORE, "requirements.txt": REQUIREMENTS},
    installed={"python": "3.11.9", "numpy": "1.26.4", "pandas": "2.2.2", "scikit-learn": "1.5.0"},
)

APART = [check for check in all_checks() if check.fix is not None and check.fix.settles is not None]


def one_by_one(check: Check) -> Check:
    assert check.fix is not None
    return msgspec.structs.replace(check, fix=msgspec.structs.replace(check.fix, settles=None))


@pytest.mark.parametrize("check", APART, ids=[check.id for check in APART])
def test_planned_together_they_write_what_they_write_one_by_one(check: Check) -> None:
    snapshot, answer = snapshot_of(SKETCH), functools.partial(answer_from, SKETCH)
    together = plan_fix(snapshot, load_knowledge(), [(check, None)], answer)
    alone = plan_fix(snapshot, load_knowledge(), [(one_by_one(check), None)], answer)
    assert len(together.mended) > 1
    assert together == alone


def test_all_at_once_they_write_what_they_write_one_by_one() -> None:
    snapshot, answer = snapshot_of(SKETCH), functools.partial(answer_from, SKETCH)
    together = plan_fix(snapshot, load_knowledge(), [(check, None) for check in APART], answer)
    alone = plan_fix(snapshot, load_knowledge(), [(one_by_one(check), None) for check in APART], answer)
    assert isinstance(together.change_set, ChangeSet)
    assert together == alone
