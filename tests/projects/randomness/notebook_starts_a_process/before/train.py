import numpy as np

np.save("rows.npy", np.random.rand(3))
