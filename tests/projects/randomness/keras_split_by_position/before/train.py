import tensorflow as tf

tf.keras.utils.set_random_seed(1)
tf.config.experimental.enable_op_determinism()
train, test = tf.keras.utils.split_dataset(tf.data.Dataset.range(100), left_size=0.8)
initial = tf.keras.initializers.GlorotUniform(seed=3)
model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer=initial), tf.keras.layers.RandomFlip()])
model.compile("sgd", "mse")
model.fit(X, Y, validation_split=0.2)
