import glob
import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def load(kind):
    return [np.loadtxt(path) for path in HERE.glob(f"data/{kind}/*.csv")]


names = [Path(name).stem for name in glob.glob("data/*/*.csv")]
matrix = np.stack(load("train") + load("test"))
first = next((HERE / "data" / "train").iterdir())
np.save("matrix.npy", matrix)
with open("names.json", "w") as file:
    json.dump([names, first.name], file)
print(names, first.name, matrix.tolist())
