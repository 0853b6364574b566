import random

import numpy as np
from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_integer("seed", default=3, help="Random seed.")
flags.DEFINE_integer("other_seed", 42, "Seed of the order.")
flags.DEFINE_boolean("noise", False, "Add noise.")


def main(argv):
    random.seed(FLAGS.seed)
    rng = np.random.default_rng(FLAGS.other_seed)
    rows = [random.random() for _ in range(8)]
    if FLAGS.noise:
        rows = np.random.randn(8)
    np.save("rows.npy", rng.permutation(rows))


if __name__ == "__main__":
    app.run(main)
