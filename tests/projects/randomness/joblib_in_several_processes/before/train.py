import numpy as np
from joblib import Parallel, delayed


def part(number):
    return np.random.rand(number)


def seeded(number):
    rng = np.random.default_rng(number)
    return rng.random(number)


np.random.seed(0)
rows = Parallel(n_jobs=4)(delayed(part)(number) for number in range(3))
more = Parallel(n_jobs=4)(delayed(seeded)(number) for number in range(3))
np.save("rows.npy", np.concatenate(rows + more))
