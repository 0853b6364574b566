"""Everything is seeded but what the workers start from."""
import random

import numpy as np
import torch
from torch.utils.data import DataLoader

from data import Augmented


def main():
    random.seed(4)
    np.random.seed(4)
    rows = torch.ones(32, 3) * torch.arange(3)
    loader = DataLoader(Augmented(rows), batch_size=4, num_workers=2)
    batches = torch.cat(list(loader))
    torch.save(batches, "batches.pt")
    print(batches.sum(0).tolist())


if __name__ == "__main__":
    main()
