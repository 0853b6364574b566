import tensorflow.compat.v2 as tf

weight = tf.Variable(tf.random.normal([3]))
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(weight)
weight.assign_sub(tape.gradient(loss, weight))
