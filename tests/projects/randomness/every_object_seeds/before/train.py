import sys

import numpy as np


class Fast:
    def run(self):
        np.random.seed(0)
        return np.random.rand(4)


class Slow:
    def run(self):
        np.random.seed(1)
        return np.random.rand(8)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        trainer = Slow()
    else:
        trainer = Fast()
    weights = trainer.run()
    np.save("weights.npy", weights + np.random.rand())
