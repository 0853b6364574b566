import random

import numpy as np
import torch


def seed_all(seed: int) -> int:
    """Seed all generators; gives the seed back."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    return seed
