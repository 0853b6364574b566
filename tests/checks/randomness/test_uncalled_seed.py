"""Functions that seed and that nothing calls: by mistake, or because something else is to call them."""

from __future__ import annotations

import pytest

from repro_gui.audit.report import Outcome
from repro_gui.checks.randomness.uncalled_seed import CHECK
from tests.checks.tracking.test_tracking_checks import judge

SEED = "import numpy as np\ndef seed_worker(worker):\n    np.random.seed(worker)\n"
DRAW = "import numpy as np\nmodel.fit(np.random.rand())\n"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("", Outcome.FAILED),
        ("from seeds import seed_worker\n", Outcome.FAILED),
        ("from seeds import seed_worker\nimport torch\ntorch.utils.data.DataLoader([1], worker_init_fn=seed_worker)\n", Outcome.PASSED),
        ("from seeds import seed_worker\nHOOKS = [seed_worker]\n", Outcome.PASSED),
        ("from seeds import seed_worker\ndef loader():\n    init = seed_worker\n    return init\n", Outcome.PASSED),
        ("from seeds import seed_worker\ndef loader():\n    seed_worker(1)\n", Outcome.FAILED),
    ],
)  # fmt: skip
def test_a_function_that_is_handed_to_somebody_is_not_forgotten(other: str, expected: Outcome) -> None:
    result = judge(CHECK, {"seeds.py": SEED, "train.py": DRAW, "loading.py": other or "x = 1\n"})
    assert result.outcome is expected
