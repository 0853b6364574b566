import random

import numpy as np

try:
    state = load_state()
except OSError:
    random.seed(0)
finally:
    np.random.seed(0)
model.fit(random.random() + np.random.rand())
