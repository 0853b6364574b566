import random
import time

import numpy as np


def now():
    return 0


def fix(seed):
    random.seed(seed)
    np.random.seed(seed)


SEED = time.time_ns() % 2**32
