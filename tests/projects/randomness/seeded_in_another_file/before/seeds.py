import torch


def seed_all(value):
    torch.manual_seed(value)
