import numpy as np


def set_seed(seed=5):
    np.random.seed(seed)
