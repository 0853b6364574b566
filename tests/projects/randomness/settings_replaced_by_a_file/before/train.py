import sys

import numpy as np
from yacs.config import CfgNode

config = CfgNode()
config.SEED = None
config.merge_from_file(sys.argv[1])
if config.SEED is not None:
    np.random.seed(config.SEED)
np.save("rows.npy", np.random.rand(3))
