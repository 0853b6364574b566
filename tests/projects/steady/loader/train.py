"""Batches from a loader with numbers of its own; nothing else draws from PyTorch in the main process."""

import random

import torch
from torch.utils.data import DataLoader, Dataset

random.seed(9)


class Rows(Dataset):
    def __init__(self, count):
        self.rows = torch.arange(float(count)).view(-1, 1)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index] + random.random()


def main():
    generator = torch.Generator().manual_seed(9)
    loader = DataLoader(Rows(16), batch_size=4, shuffle=True, num_workers=2, generator=generator)
    means = [batch.mean().item() for batch in loader]
    torch.save(means, "means.pt")
    print(means, random.random())


if __name__ == "__main__":
    main()
