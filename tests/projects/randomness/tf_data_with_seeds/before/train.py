import tensorflow as tf

SEED = 5


def read(path, training):
    rows = tf.data.TFRecordDataset(path)
    if training:
        rows = rows.shuffle(1000, SEED)
    return rows.batch(8)


files = tf.data.Dataset.list_files("rows/*.tfrecord", shuffle=False)
dataset = read(files, True)
mixed = tf.data.Dataset.sample_from_datasets([dataset, dataset], [0.5, 0.5], seed=SEED)
weight = tf.Variable(tf.random.normal([3], seed=SEED))
for batch in mixed.shuffle(10, seed=SEED, reshuffle_each_iteration=False):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(batch * weight)
    weight.assign_sub(tape.gradient(loss, weight))
