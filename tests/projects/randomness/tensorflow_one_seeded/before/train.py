import tensorflow as tf

seed = 123
tf.set_random_seed(seed)
weight = tf.get_variable("weight", [3, 1])
bias = tf.get_variable("bias", [1], initializer=tf.zeros_initializer())
hidden = tf.nn.dropout(tf.matmul(tf.random_normal([8, 3]), weight) + bias, 0.5)
step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(hidden))
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    session.run(step)
