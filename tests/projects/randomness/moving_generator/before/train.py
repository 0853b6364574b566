import os
import time

import numpy as np

rng = np.random.default_rng(int(time.time()) + os.getpid())
model.fit(rng.permutation(10))
