import numpy as np


def seeds():
    np.random.seed(0)
    yield


if __name__ == "__main__":
    seeds()
    np.save("weights.npy", np.random.rand(4))
