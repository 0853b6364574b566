import random

import torch
from torch.utils.data import DataLoader, TensorDataset

random.seed(1)


def loader(split: str) -> DataLoader:
    data = TensorDataset(torch.arange(24, dtype=torch.float32).view(-1, 1))
    return DataLoader(
        data,
        batch_size=4,
        shuffle=split == "train",
    )


order = [int(value) for (batch,) in loader("train") for value in batch]
random.shuffle(order)
torch.save(torch.tensor(order), "order.pt")
print(order)
