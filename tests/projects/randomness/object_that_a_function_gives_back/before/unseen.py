import numpy as np
import made_elsewhere

from data import make_any

sizes, data = make_any("numbers", made_elsewhere.one())
np.save("numbers.npy", data.sample(3))
