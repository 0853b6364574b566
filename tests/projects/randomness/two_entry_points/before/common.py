import random


def fix(seed=1):
    random.seed(seed)


def rows():
    return random.sample(range(10), 3)
