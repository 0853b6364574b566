import numpy as np
from joblib import Parallel, delayed


def part(number):
    return np.random.rand(number)


np.random.seed(0)
rows = Parallel()(delayed(part)(number) for number in range(3))
np.save("rows.npy", np.concatenate(rows))
