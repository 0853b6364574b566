import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

SEED = 5


class Rows(Dataset):
    def __len__(self):
        return 16

    def __getitem__(self, index):
        return augmented(index)


def augmented(index):
    return index + 0


loader = DataLoader(Rows(), batch_size=4,
                    shuffle=True)
torch.save([batch.sum() for batch in loader], "sums.pt")
