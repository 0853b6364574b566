"""
import numpy as np
np.random.seed(0)
"""
import numpy as np

CODE = "np.random.seed(1)"
# np.random.seed(2)
np.save("x.npy", np.random.rand(3))
