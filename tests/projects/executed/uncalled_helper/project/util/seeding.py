import os
import random

import numpy as np


def seed_everything(seed: int = 1234) -> None:
    """Seed what the project uses."""
    os.environ["PYTHONHASHSEED"] = str(seed)
    random.seed(seed)
    np.random.seed(seed)
