import argparse
import random
import sys


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--evaluate", action="store_true")
    parser.add_argument("--data")
    args = parser.parse_args()
    if args.data is None:
        print("give --data")
        return
    if args.evaluate:
        model.evaluate(random.random())
        return
    if not model.exists():
        raise SystemExit("no model")
    for run in range(3):
        if run in model.done:
            continue
        random.seed(run)
        model.fit(random.random())


if __name__ == "__main__":
    sys.exit(main())
