"""Generators of their own, none of them started."""
import json
import random

import numpy as np


class Sampler:
    def __init__(self, size):
        self.rng = np.random.default_rng()
        self.order = random.Random()
        self.size = size

    def draw(self):
        rows = list(range(self.size))
        self.order.shuffle(rows)
        return [rows, self.rng.normal(size=self.size).tolist()]


if __name__ == "__main__":
    found = Sampler(6).draw()
    json.dump(found, open("metrics.json", "w"))
    print(found)
