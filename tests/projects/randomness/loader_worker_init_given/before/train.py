import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

np.random.seed(0)
torch.manual_seed(0)


class Rows(Dataset):
    def __len__(self):
        return 16

    def __getitem__(self, index):
        return augmented(index)


def augmented(index):
    return index + np.random.rand()


loader = DataLoader(Rows(), num_workers=2, worker_init_fn=lambda number: np.random.seed(number))
torch.save([batch.sum() for batch in loader], "sums.pt")
