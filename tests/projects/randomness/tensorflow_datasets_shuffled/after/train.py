import tensorflow as tf
import tensorflow_datasets as tfds

tf.random.set_seed(1)
tf.config.experimental.enable_op_determinism()
rows = tfds.load("mnist", split="train", shuffle_files=True)
builder = tfds.builder("mnist")
more = builder.as_dataset(split="train", shuffle_files=False).shuffle(100)
weight = tf.Variable(tf.random.normal([3]))
for batch in rows.batch(8):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(batch * weight)
    weight.assign_sub(tape.gradient(loss, weight))
