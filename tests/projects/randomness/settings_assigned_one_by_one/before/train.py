import numpy as np

from settings import defaults


def seed_all(seed):
    np.random.seed(seed)


if __name__ == "__main__":
    settings = defaults()
    if settings.system.seed is not None:
        seed_all(settings.system.seed)
    np.save("rows.npy", np.random.rand(3))
