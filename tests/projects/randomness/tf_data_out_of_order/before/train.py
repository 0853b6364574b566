import tensorflow as tf

tf.random.set_seed(1)


def parse(row):
    return tf.io.parse_tensor(row, tf.float32)


dataset = tf.data.Dataset.from_tensor_slices(["a", "b"])
dataset = dataset.interleave(tf.data.TFRecordDataset, num_parallel_calls=4, deterministic=False)
dataset = dataset.map(parse, num_parallel_calls=tf.data.AUTOTUNE, deterministic=False)
dataset = dataset.map(parse, deterministic=False)
dataset = dataset.apply(tf.data.experimental.parallel_interleave(tf.data.TFRecordDataset, 4, sloppy=True))
options = tf.data.Options()
options.experimental_deterministic = False
dataset = dataset.with_options(options)
weight = tf.Variable(tf.random.normal([3]))
for batch in dataset.batch(8):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(batch * weight)
    weight.assign_sub(tape.gradient(loss, weight))
