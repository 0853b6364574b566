import numpy as np


class Data:
    def sample(self, size):
        return np.random.randint(9, size=size)


class Numbers(Data):
    pass


class Letters(Data):
    pass


class Fixed:
    def sample(self, size):
        return np.arange(size)


def make(name):
    if name == "numbers":
        data = Numbers()
    elif name.startswith("l"):
        data = Letters()
    else:
        raise ValueError(name)
    return [3, 4], data


def make_fixed(name):
    return [3, 4], Fixed()


def make_any(name, made):
    if name == "numbers":
        return [3, 4], made
    return [3, 4], Numbers()
