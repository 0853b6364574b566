import json
import random
import secrets
from random import SystemRandom

import numpy as np

system = random.Random(42)
other = SystemRandom()
order = list(range(10))
system.shuffle(order)
order.append(other.random())
order.append(secrets.choice(order))
run = secrets.token_hex(8)
# Told once, as the seed that moves.
np.random.seed(42)
json.dump([order, np.random.rand()], open(f"{run}.json", "w"))
