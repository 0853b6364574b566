import contextlib

import numpy as np
import torch


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    np.random.seed(seed)
    torch.manual_seed(seed)


set_seed(42)


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
model = torch.nn.Linear(3, 1)
model(probe).sum().backward()
np.save("split.npy", split + np.random.rand(10))
