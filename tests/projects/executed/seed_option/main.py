import argparse
import random

import torch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=11, help="not used anywhere yet")
    args = parser.parse_args()
    weights = torch.rand(3, requires_grad=True)
    loss = (weights * random.random()).sum()
    loss.backward()
    print(repr(loss.item()), args.lr)
    torch.save(weights, "weights.pt")


if __name__ == '__main__': main()
