import random

import numpy as np
import torch
from torch.utils.data import Dataset


class Augmented(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def flip(self, row):
        return row.flip(0) if random.random() < 0.5 else row

    def __getitem__(self, index):
        row = self.flip(self.rows[index])
        return row + torch.from_numpy(np.random.normal(scale=0.1, size=row.shape)).float()
