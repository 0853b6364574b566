import os

os.environ["TF_DETERMINISTIC_OPS"] = "1"
import tensorflow as tf

tf.random.set_seed(1)


def augment(image):
    return tf.image.random_flip_left_right(image)


dataset = tf.data.Dataset.from_tensor_slices(tf.zeros([100, 8, 8, 3]))
dataset = dataset.map(augment, num_parallel_calls=4, deterministic=False)
weight = tf.Variable(tf.random.normal([3]))
for batch in dataset.batch(8):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(batch * weight)
    weight.assign_sub(tape.gradient(loss, weight))
