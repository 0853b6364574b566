import argparse

import numpy as np


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    np.random.seed(seed)


def get_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10)
    parser.add_argument("--seed", type=int, help="of everything", default=42)
    return parser.parse_args()


def main():
    args = get_args()
    set_seed(args.seed)
    np.save("rows.npy", np.random.rand(args.rows))


if __name__ == "__main__":
    main()
