import tensorflow as tf

tf.keras.utils.set_random_seed(1)
BOX = [[[0.1, 0.1, 0.9, 0.9]]]


def crop(image):
    begin, size, _ = tf.image.sample_distorted_bounding_box(tf.shape(image), BOX)
    return tf.slice(image, begin, size)


generator = tf.random.Generator.from_non_deterministic_state()
dataset = tf.data.Dataset.from_tensor_slices(tf.zeros([100, 8, 8, 3])).map(crop)
weight = tf.Variable(generator.normal([3]))
for image in dataset:
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(image * weight)
    weight.assign_sub(tape.gradient(loss, weight))
