import random
from seeds import fix

fix()

model.fit(random.sample(range(10), 3))
