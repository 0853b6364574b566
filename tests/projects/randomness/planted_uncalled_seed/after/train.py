import numpy as np

from seeding import set_seed


def main():
    model.fit(np.random.rand(4))


if __name__ == "__main__":
    set_seed()
    main()
