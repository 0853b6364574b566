import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--reproducible", action="store_true")
args = parser.parse_args()
if args.reproducible:
    random.seed(0)
model.fit(random.sample(range(10), 3))
