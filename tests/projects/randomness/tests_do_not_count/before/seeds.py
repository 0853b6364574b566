import random


def fix():
    random.seed(0)
