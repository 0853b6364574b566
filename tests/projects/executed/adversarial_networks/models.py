import torch.nn as nn


def weights_init(m):
    if m.__class__.__name__.find('Linear') != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.02)


class Block(nn.Module):
    def __init__(self, size):
        super(Block, self).__init__()
        self.main = nn.Sequential(nn.Linear(size, size), nn.BatchNorm1d(size), nn.LeakyReLU(0.2))

    def forward(self, x):
        return self.main(x)


def make_pair(size):
    return Block(size), Block(size)
