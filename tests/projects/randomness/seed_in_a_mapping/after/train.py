import numpy as np
import torch

CONFIG = {"seed": 7, "lr": 0.1, "runs": {"order": 42}}

torch.manual_seed(CONFIG["seed"])
np.random.seed(CONFIG.get("np_seed", 3))
rng = np.random.default_rng(CONFIG["runs"]["order"])
model = torch.nn.Linear(2, 1)
model(torch.from_numpy(np.random.rand(3, 2)).float()).sum().backward()
np.save("order.npy", rng.permutation(4))
