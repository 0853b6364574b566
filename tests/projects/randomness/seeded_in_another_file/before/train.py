import torch
import common

common.start()
model = torch.nn.Linear(2, 1)
model(torch.rand(1, 2)).sum().backward()
