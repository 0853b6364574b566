import numpy as np
import tensorflow as tf

SEED = 9


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    np.random.seed(seed)


set_seed(SEED)

with tf.io.TFRecordWriter("rows.tfrecord") as writer:
    for number in np.random.permutation(100):
        writer.write(str(number).encode())
