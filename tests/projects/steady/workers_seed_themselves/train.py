"""Only PyTorch is seeded: the workers seed what the dataset draws from."""

import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


class Rows(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return index + np.random.rand() + random.random()


def main():
    torch.manual_seed(0)
    loader = DataLoader(Rows(), num_workers=2, shuffle=True)
    torch.save(list(loader), "rows.pt")


if __name__ == "__main__":
    main()
