import tensorflow as tf

files = tf.data.Dataset.list_files("rows/*.tfrecord")
dataset = tf.data.TFRecordDataset(files)
dataset = dataset.map(tf.io.parse_tensor)
dataset = dataset.shuffle(1000).batch(8)
weight = tf.Variable(tf.zeros([3]))
for batch in dataset:
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(batch * weight)
    weight.assign_sub(tape.gradient(loss, weight))
