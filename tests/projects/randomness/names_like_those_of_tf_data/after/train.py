import numpy as np
import tensorflow as tf

tf.config.experimental.enable_op_determinism()


class Dataset:
    def shuffle(self, rows):
        return sorted(rows)

    def map(self, function, num_parallel_calls=4, deterministic=False):
        return [function(row) for row in range(num_parallel_calls)]


dataset = Dataset()
rows = dataset.shuffle([3, 1, 2])
rows = dataset.map(lambda row: row + 1, deterministic=False)
weight = tf.Variable(tf.zeros([3]))
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(np.array(rows)[0] * weight)
weight.assign_sub(tape.gradient(loss, weight))
