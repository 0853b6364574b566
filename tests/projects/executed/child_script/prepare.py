import json

import numpy as np

rows = np.random.randint(0, 100, 8).tolist()
with open("rows.json", "w") as file:
    json.dump(rows, file)
