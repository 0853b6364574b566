"""What the check says where other checks have the word."""

from __future__ import annotations

from repro_gui.audit.report import Outcome
from repro_gui.checks.randomness.unseeded_library import CHECK
from tests.checks.tracking.test_tracking_checks import judge

SPLIT = "import numpy as np\nfrom sklearn.model_selection import train_test_split\nnp.random.seed(1)\ntrain, test = train_test_split(data)\nmodel.fit(train)\n"


def test_a_split_that_draws_is_not_said_to_draw_nothing() -> None:
    result = judge(CHECK, {"train.py": SPLIT})
    assert result.outcome is Outcome.NOT_APPLICABLE
    assert (
        str(result.why_not) == "Only splits and estimators draw random numbers here, and each has a check of its own."
    )


def test_a_program_without_chance_is_said_to_draw_nothing() -> None:
    result = judge(CHECK, {"train.py": "model.fit(1)\nprint(model.score(2))\nopen('metrics.json', 'w').write('1')\n"})
    assert result.outcome is Outcome.NOT_APPLICABLE
    assert str(result.why_not) == "Nothing on the way of the programs draws random numbers from a global generator."
