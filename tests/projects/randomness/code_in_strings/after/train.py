"""
import numpy as np
np.random.seed(0)
"""
import numpy as np


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    np.random.seed(seed)


set_seed(42)

CODE = "np.random.seed(1)"
# np.random.seed(2)
np.save("x.npy", np.random.rand(3))
