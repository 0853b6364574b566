import dataclasses
import json

import numpy as np
from numpy.random import Generator, default_rng


@dataclasses.dataclass
class Sampler:
    size: int
    rng: Generator = dataclasses.field(default_factory=default_rng)

    def batch(self):
        return self.rng.integers(0, 100, self.size)


def bootstrap(values, rng=None):
    rng = np.random.default_rng(rng)
    return rng.choice(values, len(values))


def main():
    batch = Sampler(8).batch()
    again = bootstrap(batch)
    with open("rows.json", "w") as file:
        json.dump([batch.tolist(), again.tolist()], file)
    print(batch, again)


if __name__ == "__main__":
    main()
