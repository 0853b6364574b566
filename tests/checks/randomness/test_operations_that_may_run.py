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


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        # A pooling to one value is a mean.
        ("model = nn.AdaptiveAvgPool2d(1)", None),
        ("model = nn.AdaptiveAvgPool2d((1, 1))", None),
        ("model = nn.AdaptiveAvgPool3d(output_size=[1, 1, 1])", None),
        ("model = lambda x: nn.functional.adaptive_avg_pool2d(x, 1)", None),
        ("model = nn.AdaptiveAvgPool2d(7)", Outcome.FAILED),
        ("model = nn.AdaptiveAvgPool2d((1, 7))", Outcome.FAILED),
        ("model = lambda x: nn.functional.adaptive_avg_pool2d(x, 7)", Outcome.FAILED),
        ("model = nn.AdaptiveAvgPool2d(int(sys.argv[1]))", Outcome.COULD_NOT_RUN),
        # A number is written the same in whatever order.
        ("model = lambda x: torch.zeros(3, 4).scatter_(1, x, 1)", None),
        ("model = lambda x: torch.zeros(3, 4).scatter_(1, x, value=1.0)", None),
        ("model = lambda x: torch.zeros(3, 4).scatter_(1, x, torch.rand(3, 1))", Outcome.COULD_NOT_RUN),
    ],
)
def test_what_the_arguments_spare(source: str, outcome: Outcome | None) -> None:
    test_what_a_parameter_chooses_is_not_claimed(source, outcome)


@pytest.mark.parametrize(("last", "fails"), [("loss.backward()", True), ("print(loss.item())", False)])
def test_a_program_that_makes_no_backward_pass_is_not_told_of_one(last: str, fails: bool) -> None:
    source = HEAD + "\ndata = load().cuda()\nloss = data.index_select(0, order).sum()\ntorch.save(loss, 'loss.pt')\n"
    result = result_of("nondeterministic-operation", {"evaluate.py": f"{source}{last}\n".encode()}, ["evaluate.py"])
    assert bool(result.findings) is fails
    assert not result.undecided
