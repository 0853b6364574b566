import random
import sys


def set_seed(seed=None):
    if seed is None:
        return
    random.seed(seed)


def maybe_seed(seed, rows):
    for row in rows:
        if row == seed:
            return
    random.seed(seed)


def main():
    if len(sys.argv) < 1:
        print("usage")
        return
    maybe_seed(3, load())
    model.fit(random.random())


if __name__ == "__main__":
    set_seed()
    main()
