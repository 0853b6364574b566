import random

import fire
import numpy as np


def train(size=3, seed=42):
    if seed is not None:
        random.seed(seed)
    np.save("numbers.npy", [random.random() for _ in range(size)])


if __name__ == "__main__":
    fire.Fire(train)
