import argparse

import torch

import models


def main(args):
    torch.manual_seed(args.seed)
    model = models.__dict__[args.model]()
    other = vars(models)[args.model]()
    torch.save([model.state_dict(), other.state_dict()], "weights.pt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="wide")
    parser.add_argument("--seed", type=int, default=1)
    main(parser.parse_args())
