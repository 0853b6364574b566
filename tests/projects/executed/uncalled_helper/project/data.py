import random

import numpy as np


def rows(count):
    """Rows in random order."""
    picked = random.sample(range(1000), count)
    return np.random.permutation(picked)
