import random

import torch
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(0)
random.seed(0)


class Rows(Dataset):
    def __len__(self):
        return 16

    def __getitem__(self, index):
        return index + random.random()


if __name__ == "__main__":
    rows = Rows()
    loader = DataLoader(rows, batch_size=4, num_workers=2)
    sums = torch.stack([batch.sum() for batch in loader])
    print(rows[0])
    torch.save(sums, "sums.pt")
