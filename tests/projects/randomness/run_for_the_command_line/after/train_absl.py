import numpy as np
from absl import app, flags


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    np.random.seed(seed)


FLAGS = flags.FLAGS
flags.DEFINE_integer("size", 3, "How many.")


def main(_):
    np.save("numbers.npy", np.random.rand(FLAGS.size))


if __name__ == "__main__":
    set_seed(42)
    app.run(main)
