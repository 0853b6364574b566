import numpy as np
from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_integer("size", 3, "How many.")


def main(_):
    np.save("numbers.npy", np.random.rand(FLAGS.size))


if __name__ == "__main__":
    app.run(main)
