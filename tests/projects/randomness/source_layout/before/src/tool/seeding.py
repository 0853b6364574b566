import numpy as np


def seed_all(seed=0):
    np.random.seed(seed)
