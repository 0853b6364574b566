from dataclasses import dataclass

import numpy as np


@dataclass
class Config:
    seed: int = 11
    rows: int = 4


def main(config: Config):
    np.random.seed(config.seed)
    np.save("x.npy", np.random.rand(config.rows))


if __name__ == "__main__":
    main(Config())
