import tensorflow as tf

flags = tf.app.flags
FLAGS = flags.FLAGS
flags.DEFINE_integer("seed", 42, "Random seed.")

if FLAGS.seed is not None:
    tf.set_random_seed(FLAGS.seed)
weight = tf.get_variable("weight", [3, 1])
step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(weight))
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    session.run(step)
