import tensorflow.compat.v2 as tf


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    tf.random.set_seed(seed)
    tf.config.experimental.enable_op_determinism()


set_seed(42)

weight = tf.Variable(tf.random.normal([3]))
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(weight)
weight.assign_sub(tape.gradient(loss, weight))
