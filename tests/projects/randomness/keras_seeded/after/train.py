import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(1)
tf.config.experimental.enable_op_determinism()
model = keras.Sequential([keras.layers.Dense(2)])
model.fit(tf.random.normal((2, 2)))
