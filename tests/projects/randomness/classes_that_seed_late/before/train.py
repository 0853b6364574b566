import sys

import numpy as np


class Fast:
    def __init__(self):
        np.random.seed(0)


class Slow:
    def __init__(self):
        np.random.seed(1)


start = np.random.rand()
trainer = Fast() if len(sys.argv) > 1 else Slow()
np.save("weights.npy", start + np.random.rand(4))
