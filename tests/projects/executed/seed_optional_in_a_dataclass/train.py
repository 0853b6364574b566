from dataclasses import dataclass
from typing import Optional

import numpy as np


@dataclass
class Config:
    size: int = 5
    seed: Optional[int] = None


def run(config: Config) -> np.ndarray:
    if config.seed is not None:
        np.random.seed(config.seed)
    return np.random.permutation(config.size)


if __name__ == "__main__":
    order = run(Config())
    np.save("order.npy", order)
    noise = np.random.rand(3)
    np.save("noise.npy", noise)
    print(order, noise.tolist())
