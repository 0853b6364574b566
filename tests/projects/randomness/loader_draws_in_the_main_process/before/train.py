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
    return index + random.random()


loader = DataLoader(Rows(), batch_size=4, num_workers=0)
torch.save([batch.sum() for batch in loader], "sums.pt")
