import tensorflow as tf

tf.random.set_seed(1)


def flip(image):
    return tf.image.random_flip_left_right(image)


def augment(image):
    return flip(image) + tf.random.uniform([], seed=3)


images = tf.zeros([100, 8, 8, 3])
dataset = tf.data.Dataset.from_tensor_slices(images)
dataset = dataset.map(augment, num_parallel_calls=tf.data.AUTOTUNE)
dataset = dataset.map(lambda image: flip(image), num_parallel_calls=4)
dataset = dataset.map(augment)
dataset = dataset.map(lambda image: image / 255, num_parallel_calls=4)
weight = tf.Variable(tf.random.normal([3]))
for batch in dataset.batch(8):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(batch * weight)
    weight.assign_sub(tape.gradient(loss, weight))
