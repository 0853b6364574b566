import torch

drop = torch.nn.Dropout()
torch.manual_seed(0)
layer = torch.nn.Linear(1, 1)
layer(drop(torch.ones(1, 1))).sum().backward()
