import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 3).cuda()

import os

import numpy as np

noise = np.random.rand(3)
os.makedirs("out", exist_ok=True)
torch.save([model, noise], "out/x.pt")
