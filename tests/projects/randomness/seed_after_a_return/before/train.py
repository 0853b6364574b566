import numpy as np


def draw(rows):
    if not rows:
        return np.zeros(0)
    return np.random.rand(rows)


def main():
    np.save("x.npy", draw(4))
    np.random.seed(0)


if __name__ == "__main__":
    main()
