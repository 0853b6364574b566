import numpy as np

from data import make_fixed

sizes, data = make_fixed("numbers")
np.save("numbers.npy", data.sample(3))
