import numpy as np


def make_rows():
    return np.random.rand(3)


if __name__ == "__main__":
    order = np.random.permutation(3)
