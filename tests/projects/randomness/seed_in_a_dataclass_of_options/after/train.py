from dataclasses import dataclass

import numpy as np
import tyro


@dataclass
class Args:
    rows: int = 3
    seed: int | None = 42
    """the seed of the experiment"""


if __name__ == "__main__":
    args = tyro.cli(Args)
    if args.seed is not None:
        np.random.seed(args.seed)
    np.save("rows.npy", np.random.rand(args.rows))
