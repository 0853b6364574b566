import numpy as np

import lib
from lib import SEED

lib.fix(SEED)
np.save("order.npy", np.random.permutation(50))
print(np.random.rand())
