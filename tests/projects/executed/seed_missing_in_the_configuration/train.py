import json
import random
from pathlib import Path

import numpy as np

config = json.loads((Path(__file__).parent / "config.json").read_text())


def seed_everything(seed):
    if seed is None:
        return
    random.seed(seed)
    np.random.seed(seed)


def main():
    seed_everything(config["seed"])
    hidden = np.random.normal(size=config["model"]["hidden"])
    np.save("hidden.npy", hidden * random.random())
    print(hidden.tolist())


if __name__ == "__main__":
    main()
