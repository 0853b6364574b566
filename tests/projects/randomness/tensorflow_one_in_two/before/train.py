import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

weight = tf.get_variable("weight", [3, 1], initializer=tf.truncated_normal_initializer(stddev=0.1))
step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(weight))
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    session.run(step)
