import numpy as np

from data import make


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    np.random.seed(seed)


set_seed(42)

sizes, data = make("numbers")
np.save("numbers.npy", data.sample(3))
