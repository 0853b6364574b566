import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=None)
parser.add_argument("--deterministic", action="store_true")
args = parser.parse_args()
if args.seed is not None:
    random.seed(args.seed)
order = random.sample(range(10), 3)
model.fit(order)
