import random


class Grey:
    def __init__(self, p):
        self.p = p

    def __call__(self, image):
        return image.convert("L") if random.random() < self.p else image


def augmented(size):
    return [Grey(0.1), size]
