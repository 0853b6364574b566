import numpy as np

NOISE = np.random.normal(size=6)


def batch(count):
    return np.random.choice(NOISE, count)
