import torch

torch.manual_seed(0)
from model import net

net(torch.ones(1, 2)).sum().backward()
