import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

random.seed(0)


class Rows(Dataset):
    def __len__(self):
        return 16

    def __getitem__(self, index):
        return augmented(index)


def augmented(index):
    return index + 0


loader = DataLoader(Rows(), shuffle=True, generator=torch.Generator().manual_seed(1))
torch.save([batch.sum() for batch in loader], "sums.pt")
