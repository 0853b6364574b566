import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--steady", action="store_true")
args = parser.parse_args()

torch.manual_seed(args.seed)
if args.steady:
    torch.backends.cudnn.deterministic = True
    torch.use_deterministic_algorithms(True)

model = torch.nn.Conv2d(3, 8, 3).cuda()
model(torch.rand(1, 3, 8, 8).cuda()).sum().backward()
