import sys

import numpy as np


class Fast:
    def __init__(self):
        np.random.seed(0)


class Slow:
    def __init__(self):
        np.random.seed(1)


TRAINERS = {"fast": Fast, "slow": Slow}
trainer = TRAINERS[sys.argv[1]]()
np.save("weights.npy", np.random.rand(4))
