import random

import torch


def test_a_song():
    assert torch.rand(3).sum() < 3 and random.random() < 1


if __name__ == "__main__":
    test_case = torch.rand(3)
    torch.save(test_case, "case.pt")
