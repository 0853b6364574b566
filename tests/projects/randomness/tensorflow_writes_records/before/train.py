import numpy as np
import tensorflow as tf

SEED = 9
with tf.io.TFRecordWriter("rows.tfrecord") as writer:
    for number in np.random.permutation(100):
        writer.write(str(number).encode())
