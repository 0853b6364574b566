import os
import random
import time

import numpy as np
import torch

random.seed(42)
np.random.seed(42)
torch.manual_seed(42)
model = torch.nn.Linear(3, 1)
model(torch.rand(2, 3)).sum().backward()
np.save("order.npy", np.random.permutation(3) + random.random())
