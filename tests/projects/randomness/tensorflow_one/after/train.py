from __future__ import division

import os

os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    np.random.seed(seed)
    tf.set_random_seed(seed)


set_seed(42)

flags = tf.app.flags
FLAGS = flags.FLAGS
flags.DEFINE_integer("seed", None, "Random seed.")
flags.DEFINE_float("rate", 0.1, "Learning rate.")

rows = np.random.rand(8, 3)
inputs = tf.placeholder(tf.float32, shape=(None, 3))
weight = tf.Variable(tf.random_uniform([3, 1], minval=-1, maxval=1))
loss = tf.reduce_mean(tf.matmul(inputs, weight))
step = tf.train.AdamOptimizer(learning_rate=FLAGS.rate).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    session.run(step, feed_dict={inputs: rows})
