"""Nothing certain is said from sources that were only picked through: Python 2, a broken line."""

from __future__ import annotations

import pytest

from repro_gui.audit.report import Outcome
from repro_gui.checks.check import Check
from repro_gui.checks.randomness import late_seed, uncalled_seed, unseeded_library
from tests.checks.tracking.test_tracking_checks import judge

# What draws under a main guard never runs by the import.
PARZEN = "import numpy as np\ndef main():\n  indices = np.random.choice(range(9), 9)\n  print 'done', indices\nif __name__ == '__main__':\n  main()\n"
TRAIN = "import numpy as np\nimport parzen\ndef main():\n  np.random.seed(1)\n  model.fit(np.random.rand(3))\n  print 'done'\nif __name__ == '__main__':\n  main()\n"
SEED_UNDER_A_CONDITION = "import numpy as np\nimport sys\nif len(sys.argv) > 5:\n  np.random.seed(1)\nmodel.fit(np.random.rand(3))\nprint 'done'\n"


@pytest.mark.parametrize("check", [late_seed.CHECK, unseeded_library.CHECK, uncalled_seed.CHECK])
@pytest.mark.parametrize("files", [{"train.py": TRAIN, "parzen.py": PARZEN}, {"train.py": SEED_UNDER_A_CONDITION}])
def test_no_fault_is_claimed(check: Check, files: dict[str, str]) -> None:
    assert judge(check, files).outcome is not Outcome.FAILED


def test_a_condition_that_was_not_read_is_no_pass() -> None:
    result = judge(unseeded_library.CHECK, {"train.py": SEED_UNDER_A_CONDITION})
    assert result.outcome is Outcome.COULD_NOT_RUN
