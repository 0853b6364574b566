import os
import argparse

import torch

import model


def get_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    return parser


options = get_options()
options = options.parse_args()

torch.manual_seed(options.seed)
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
torch.use_deterministic_algorithms(True)
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False
model = model.Net()
if torch.cuda.is_available():
    model = model.cuda()

torch.save(model(torch.randn(2, 4)), "predicted.pt")
