import contextlib

import numpy as np
import torch


@contextlib.contextmanager
def temp_seed(seed):
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)


with temp_seed(0):
    split = np.random.permutation(10)
with torch.random.fork_rng():
    torch.manual_seed(0)
    probe = torch.randn(3)
np.save("split.npy", split + probe.sum().item())
