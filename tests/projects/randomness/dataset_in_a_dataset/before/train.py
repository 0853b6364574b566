import random

import torch
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(0)


class Rows(Dataset):
    def __len__(self):
        return 16

    def __getitem__(self, index):
        return index + random.random()


class Twice(Dataset):
    def __init__(self):
        self.rows = Rows()

    def __len__(self):
        return 16

    def __getitem__(self, index):
        return self.rows[index] + self.rows[index - 1]


if __name__ == "__main__":
    loader = DataLoader(Twice(), batch_size=4, num_workers=2)
    torch.save(torch.stack([batch.sum() for batch in loader]), "sums.pt")
