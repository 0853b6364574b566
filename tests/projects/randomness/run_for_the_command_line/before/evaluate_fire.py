import random

import fire
import numpy as np


def evaluate(size=3, seed=5):
    random.seed(seed)
    np.save("numbers.npy", [random.random() for _ in range(size)])


fire.Fire(component=evaluate)
