import numpy as np
import tensorflow.compat.v1 as tf


def main(argv):
    np.save("numbers.npy", np.random.rand(3))


if __name__ == "__main__":
    np.random.seed(1)
    tf.app.run()
