import json

import numpy as np

NAMES = load_names()

np.random.seed(0)
first, last = NAMES.index("a"), NAMES.index("z")
numbers = list(set(range(10)) - {first, last})
both = list(set(NAMES) & set(range(10)))
left = list(set(NAMES) - {"a"})
json.dump([numbers, both, left, np.random.rand()], open("order.json", "w"))
