import random
import sys
import time

import numpy as np
from yacs.config import CfgNode

_C = CfgNode()
_C.SOLVER = CfgNode()
_C.SOLVER.SEED = int(time.time())
_C.SOLVER.OTHER = 1


def main(config):
    np.random.seed(config.SOLVER.SEED)
    random.seed(config.SOLVER.OTHER)
    np.save("fitted.npy", np.random.rand(3) + random.random())


config = _C.clone()
main(config)
