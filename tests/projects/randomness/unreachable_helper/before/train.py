import numpy as np
import helpers

model.fit(np.random.permutation(10))
