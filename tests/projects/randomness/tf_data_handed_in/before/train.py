import tensorflow as tf

tf.random.set_seed(1)


class Rows:
    def __init__(self, path):
        self.path = path

    def prepare(self, dataset, training):
        if training:
            dataset = dataset.shuffle(100)
        return dataset.map(self.parse, num_parallel_calls=4, deterministic=False)

    def parse(self, row):
        return tf.io.parse_tensor(row, tf.float32)


def load(path):
    return tf.data.TFRecordDataset(path).repeat()


rows = Rows("rows")
train = rows.prepare(load("train"), True)
test = rows.prepare(load("test"), False)
weight = tf.Variable(tf.random.normal([3]))
for batch in train.batch(8):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(batch * weight)
    weight.assign_sub(tape.gradient(loss, weight))
