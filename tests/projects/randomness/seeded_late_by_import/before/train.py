import torch

from model import net

torch.manual_seed(0)
net(torch.ones(1, 2)).sum().backward()
