import argparse
import random

import torch


def seed_all(seed):
    random.seed(seed)
    torch.manual_seed(seed)


def parse():
    parser = argparse.ArgumentParser(description="train")
    parser.add_argument(
        "--seed",
        default=None,  # random
        type=int,
    )
    parser.add_argument("--steps", default=3, type=int)
    return parser.parse_args()


def main(args):
    if args.seed is not None:
        seed_all(args.seed)
    model = torch.nn.Linear(3, 1)
    for _ in range(args.steps):
        loss = (model(torch.rand(4, 3)) * random.random()).sum()
        loss.backward()
    torch.save(model.weight.grad, "grad.pt")
    print(repr(loss.item()))


if __name__ == "__main__":
    main(parse())
