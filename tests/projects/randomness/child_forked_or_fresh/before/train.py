from concurrent.futures import ProcessPoolExecutor

import numpy as np


def work(part):
    return np.random.permutation(part)


if __name__ == "__main__":
    np.random.seed(0)
    with ProcessPoolExecutor() as pool:
        parts = list(pool.map(work, range(3)))
    np.save("parts.npy", parts)
