import numpy as np


def set_seed(seed, verbose, log):
    np.random.seed(seed)
