import argparse
import random

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    if options.seed:
        random.seed(options.seed)
    model.fit(random.random())
