import argparse

import numpy as np


def get_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10)
    parser.add_argument("--seed", type=int, help="of everything")
    return parser.parse_args()


def main():
    args = get_args()
    np.save("rows.npy", np.random.rand(args.rows))


if __name__ == "__main__":
    main()
