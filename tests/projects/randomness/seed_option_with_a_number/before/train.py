import argparse
import random


def get_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=3)
    return parser.parse_args()


def main():
    args = get_args()
    if args.seed is not None:
        random.seed(args.seed)
    model.fit(random.sample(range(10), 3))


if __name__ == "__main__":
    main()
