"""Makes runs repeatable."""

import random

import numpy as np


def set_seed(seed=7):
    random.seed(seed)
    np.random.seed(seed)
