import sys

import torch


class Flat(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layer = torch.nn.Linear(size, 1)


class Deep(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(size, size), torch.nn.Linear(size, 1))


class Policy(torch.nn.Module):
    def __init__(self, size, base=None):
        super().__init__()
        if base is None:
            if size > 9:
                base = Deep
            else:
                base = Flat
        self.base = base(size)


policy = Policy(len(sys.argv))
torch.manual_seed(0)
torch.save([policy.state_dict(), torch.randn(3)], "weights.pt")
