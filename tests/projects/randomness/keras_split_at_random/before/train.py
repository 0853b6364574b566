import tensorflow as tf

train, test = tf.keras.utils.split_dataset(tf.data.Dataset.range(100), left_size=0.8, shuffle=True)
model = tf.keras.models.load_model("start.keras")
model.evaluate(test)
