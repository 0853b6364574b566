import torch


def set_seed(seed: int = 42) -> None:
    """Start every random number generator from the same place, so that a run can be repeated."""
    torch.manual_seed(seed)


set_seed(42)
import weights
import torch

model = torch.nn.Linear(3, 3)
torch.save([model, weights.WEIGHTS], "x.pt")
