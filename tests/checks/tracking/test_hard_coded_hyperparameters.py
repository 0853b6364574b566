"""Where hyperparameters stand, in the ways in which programs take them."""

from __future__ import annotations

import pytest

from repro_gui.audit.facts_for import FactsFor
from repro_gui.audit.report import Outcome
from repro_gui.audit.run import run_check
from repro_gui.checks.check import Sketch
from repro_gui.checks.tracking.hard_coded_hyperparameters import CHECK
from repro_gui.knowledge import load_knowledge
from tests.sketches import snapshot_of

HEAD = "import argparse, os, sys\nfrom sklearn.linear_model import SGDClassifier\n"
FIT = ".fit([[0.0], [1.0]], [0, 1])\n"


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        ("SGDClassifier(alpha=0.1)", Outcome.FAILED),
        ("ALPHA = 0.1\nSGDClassifier(alpha=ALPHA)", Outcome.FAILED),
        ("SGDClassifier(random_state=1)", Outcome.NOT_APPLICABLE),
        ("SGDClassifier(alpha=float(sys.argv[1]))", Outcome.COULD_NOT_RUN),
        ("SGDClassifier(max_iter=10, alpha=float(os.environ['A']))", Outcome.COULD_NOT_RUN),
        ("class CFG:\n    alpha = 0.1\nSGDClassifier(alpha=CFG.alpha)", Outcome.PASSED),
        ("params = {'alpha': 0.1}\nSGDClassifier(alpha=params['alpha'])", Outcome.PASSED),
        ("from settings import ALPHA\nSGDClassifier(alpha=ALPHA)", Outcome.PASSED),
        ("p = argparse.ArgumentParser()\np.add_argument('--alpha')\nSGDClassifier(alpha=p.parse_args().alpha)", Outcome.PASSED),
        ("p = argparse.ArgumentParser()\np.add_argument('--data')\np.parse_args()\nSGDClassifier(alpha=0.1)", Outcome.COULD_NOT_RUN),
        ("import hydra\nSGDClassifier(alpha=0.1)", Outcome.COULD_NOT_RUN),
    ],
)  # fmt: skip
def test_where_they_stand(program: str, outcome: Outcome) -> None:
    files = {"train.py": HEAD + program + FIT, "settings.py": "ALPHA = 0.1\n"}
    result = run_check(FactsFor(snapshot_of(Sketch(files)), load_knowledge()), CHECK)
    assert result.outcome is outcome, (result.why_not, [note.message for note in result.findings])
    if outcome is Outcome.FAILED:
        assert result.findings[0].values["names"] == "alpha=0.1"
