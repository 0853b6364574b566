"""Whether an operation that varies is used for certain, or only where a parameter says so that nobody sees."""

from __future__ import annotations

import pytest

from repro_gui.audit.report import Outcome
from tests.projects_in_memory import result_of

HEAD = "import sys\nimport torch\nimport torch.nn as nn\n"
TAIL = "\nmodel(load().cuda()).sum().backward()\n"


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("model = nn.AvgPool3d(2)", Outcome.FAILED),
        (
            "def pool(dims=2):\n    if dims == 3:\n        return nn.AvgPool3d(2)\n    return nn.AvgPool2d(2)\nmodel = pool()",
            None,
        ),
        ("def pool(dims=3):\n    if dims == 3:\n        return nn.AvgPool3d(2)\nmodel = pool()", Outcome.FAILED),
        (
            "def pool(dims):\n    if dims == 3:\n        return nn.AvgPool3d(2)\nmodel = pool(*sys.argv)",
            Outcome.COULD_NOT_RUN,
        ),
        # What is counted while it runs is true at some time.
        ("for step in range(9):\n    if step % 3 == 0:\n        model = nn.AvgPool3d(2)", Outcome.FAILED),
        ("size = load().shape[0]\nif size > 3:\n    model = nn.AvgPool3d(2)", Outcome.FAILED),
    ],
)
def test_what_a_parameter_chooses_is_not_claimed(source: str, outcome: Outcome | None) -> None:
    result = result_of("nondeterministic-operation", {"train.py": (HEAD + source + TAIL).encode()}, ["train.py"])
    assert result.outcome is (outcome or result.outcome)
    assert (outcome is Outcome.FAILED) == bool(result.findings)
    assert (outcome is Outcome.COULD_NOT_RUN) == bool(result.undecided)
