import argparse

import torch

import model


def get_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    return parser


options = get_options()
options = options.parse_args()

model = model.Net()
torch.manual_seed(options.seed)
if torch.cuda.is_available():
    model = model.cuda()

torch.save(model(torch.randn(2, 4)), "predicted.pt")
