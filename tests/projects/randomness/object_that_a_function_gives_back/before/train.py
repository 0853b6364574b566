import numpy as np

from data import make

sizes, data = make("numbers")
np.save("numbers.npy", data.sample(3))
