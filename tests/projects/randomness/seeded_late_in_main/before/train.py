import torch

from model import build


def set_seed(value):
    torch.manual_seed(value)


def main():
    net = build()
    set_seed(0)
    net(torch.ones(1, 2)).sum().backward()


if __name__ == "__main__":
    main()
