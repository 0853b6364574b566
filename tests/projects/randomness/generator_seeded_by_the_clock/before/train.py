import random
import time

import torch

split = torch.Generator()
split.manual_seed(int(time.time()))
order = torch.randperm(9, generator=split)

# Of this one the draw tells.
named = torch.Generator().manual_seed(time.time_ns() % 1000)
noise = torch.randn(3, generator=named)

steady = torch.Generator()
steady.manual_seed(3)
weights = torch.randn(3, generator=steady)

picker = random.Random(0)
picker.seed(time.time())

torch.save([order, noise, weights, picker.random()], "drawn.pt")
