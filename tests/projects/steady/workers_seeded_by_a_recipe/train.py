"""The recipe of PyTorch's documentation: workers start from what the generator of the loader gives them."""

import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


def seed_worker(worker_id):
    worker_seed = torch.initial_seed() % 2**32
    np.random.seed(worker_seed)
    random.seed(worker_seed)


class Rows(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return index + np.random.rand() + random.random()


def main():
    g = torch.Generator()
    g.manual_seed(0)
    loader = DataLoader(Rows(), num_workers=2, shuffle=True, worker_init_fn=seed_worker, generator=g)
    torch.save(list(loader), "rows.pt")


if __name__ == "__main__":
    main()
