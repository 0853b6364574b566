import tensorflow as tf
from tensorflow.keras.preprocessing.image import ImageDataGenerator

tf.config.set_visible_devices([], "GPU")
tf.random.set_seed(1)
rows = ImageDataGenerator(horizontal_flip=True).flow(images, labels, batch_size=8)
folder = tf.keras.utils.image_dataset_from_directory("images", validation_split=0.2, subset="training", seed=4)
other = tf.keras.utils.image_dataset_from_directory("images")
ordered = tf.keras.utils.image_dataset_from_directory("images", shuffle=False)
model = tf.keras.models.load_model("start.keras")
model.fit(rows, validation_data=ordered)
