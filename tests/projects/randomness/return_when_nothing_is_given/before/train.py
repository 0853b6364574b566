import random


def set_seed(seed=None):
    if seed is None:
        print("not seeded")
        return
    random.seed(seed)


if __name__ == "__main__":
    set_seed()
    model.fit(random.random())
