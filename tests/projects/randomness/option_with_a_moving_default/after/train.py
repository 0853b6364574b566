import argparse
import random
import time
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=42)
args = parser.parse_args()
np.random.seed(args.seed)
random.seed(args.seed)
np.save("x.npy", np.random.rand(3) + random.random())
