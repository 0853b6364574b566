import json
import random
import secrets
from random import SystemRandom

import numpy as np

system = random.SystemRandom()
other = SystemRandom()
order = list(range(10))
system.shuffle(order)
order.append(other.random())
order.append(secrets.choice(order))
run = secrets.token_hex(8)
# Told once, as the seed that moves.
np.random.seed(secrets.randbelow(2**32))
json.dump([order, np.random.rand()], open(f"{run}.json", "w"))
